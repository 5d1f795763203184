using System.Buffers.Binary;

namespace Networking.Netlink;

/// <summary>
/// Walks the messages (struct nlmsghdr) of a datagram from the kernel without allocating; what is malformed ends in
/// <see cref="WireFormatException"/>.
/// </summary>
internal ref struct FirewallMessageReader(ReadOnlySpan<byte> datagram)
{
    private readonly ReadOnlySpan<byte> _all = datagram;
    private int _next;

    public ushort Type { get; private set; }

    public NetlinkFlags Flags { get; private set; }

    public uint Sequence { get; private set; }

    public uint PortId { get; private set; }

    /// <summary>What follows the message header.</summary>
    public ReadOnlySpan<byte> Payload { get; private set; }

    /// <summary>The message of nf_tables; null if it belongs to another subsystem.</summary>
    public readonly FirewallMessageType? FirewallType =>
        Type >> 8 == FirewallWire.Subsystem ? (FirewallMessageType)(byte)Type : null;

    /// <summary>nfgen_family.</summary>
    public readonly byte Family => CheckedPayload()[0];

    /// <summary>The attributes behind the nfnetlink header.</summary>
    public readonly AttributeReader Attributes => new(CheckedPayload()[NetfilterHeader.Bytes..]);

    public bool MoveNext()
    {
        var rest = _all.Length - _next;
        if (rest == 0)
        {
            return false;
        }

        if (rest < FirewallWire.MessageHeaderBytes)
        {
            throw new WireFormatException(_next, $"a message header of {rest} bytes");
        }

        var header = _all[_next..];
        var length = BinaryPrimitives.ReadUInt32LittleEndian(header);
        if (length < FirewallWire.MessageHeaderBytes || length > rest)
        {
            throw new WireFormatException(_next, $"message length {length} with {rest} bytes left");
        }

        Type = BinaryPrimitives.ReadUInt16LittleEndian(header[4..]);
        Flags = (NetlinkFlags)BinaryPrimitives.ReadUInt16LittleEndian(header[6..]);
        Sequence = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        PortId = BinaryPrimitives.ReadUInt32LittleEndian(header[12..]);
        Payload = header[FirewallWire.MessageHeaderBytes..(int)length];
        _next = (int)Math.Min(_all.Length, _next + ((length + 3L) & ~3L));
        return true;
    }

    private readonly ReadOnlySpan<byte> CheckedPayload() => Payload.Length >= NetfilterHeader.Bytes
        ? Payload
        : throw new WireFormatException(_next, $"message {Type} of {Payload.Length} bytes has no nfnetlink header");
}
