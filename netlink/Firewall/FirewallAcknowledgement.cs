using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Networking.Netlink;

/// <summary>What the kernel says to one message: NLMSG_ERROR with its extended attributes.</summary>
/// <param name="Sequence">Of the message it is about.</param>
/// <param name="Errno">Positive errno; 0 is an acknowledgement.</param>
/// <param name="Text">NLMSGERR_ATTR_MSG.</param>
/// <param name="Offset">NLMSGERR_ATTR_OFFS: the byte of the message that is to blame.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FirewallAcknowledgement(uint Sequence, int Errno, string? Text, int? Offset)
{
    private const int ErrorBytes = 4; // nlmsgerr.error
    private const ushort MessageAttribute = 1; // NLMSGERR_ATTR_MSG
    private const ushort OffsetAttribute = 2; // NLMSGERR_ATTR_OFFS

    public static FirewallAcknowledgement Read(in FirewallMessageReader message)
    {
        var payload = message.Payload;
        if (payload.Length < ErrorBytes)
        {
            throw new WireFormatException(0, $"an error message of {payload.Length} bytes");
        }

        var errno = unchecked(-BinaryPrimitives.ReadInt32LittleEndian(payload));
        string? text = null;
        int? offset = null;
        var attributes = new AttributeReader(ExtensionOf(message));
        while (attributes.MoveNext())
        {
            if (attributes.Type == MessageAttribute)
            {
                text = attributes.GetString();
            }
            else if (attributes.Type == OffsetAttribute)
            {
                offset = unchecked((int)attributes.GetUInt32());
            }
        }

        return new FirewallAcknowledgement(message.Sequence, errno, text, offset);
    }

    // The refused message is repeated before the attributes: its header alone if capped, else all of it.
    private static ReadOnlySpan<byte> ExtensionOf(in FirewallMessageReader message)
    {
        var payload = message.Payload[ErrorBytes..];
        if (message.Type != FirewallWire.MessageError)
        {
            // The end of a dump repeats no message.
            return message.Flags.HasFlag(NetlinkFlags.AckAttributes) ? payload : default;
        }

        if (!message.Flags.HasFlag(NetlinkFlags.AckAttributes) || payload.Length < FirewallWire.MessageHeaderBytes)
        {
            return default;
        }

        long repeated = message.Flags.HasFlag(NetlinkFlags.Capped)
            ? FirewallWire.MessageHeaderBytes
            : (BinaryPrimitives.ReadUInt32LittleEndian(payload) + 3L) & ~3L;
        return repeated <= payload.Length ? payload[(int)repeated..] : default;
    }
}
