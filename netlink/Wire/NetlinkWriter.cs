using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>Where a nest or message begins, to be ended by the writer that gave it.</summary>
/// <param name="Start">Byte offset of its header.</param>
public readonly record struct WriterMark(int Start);

/// <summary>
/// Writes netlink messages into a caller's span without allocating. Attribute types are <c>ushort</c> so that each
/// family's enum can be cast at the call. Integers are in host order unless the name says big endian; padding is zeroed.
/// </summary>
public ref struct NetlinkWriter(Span<byte> buffer)
{
    private const int HeaderBytes = 16; // struct nlmsghdr
    private const int AttributeHeaderBytes = 4; // struct nlattr
    private const int AttributeBytesMax = ushort.MaxValue;
    private const ushort NestedFlag = 0x8000; // NLA_F_NESTED

    private readonly Span<byte> _buffer = buffer;

    /// <summary>Bytes written so far.</summary>
    public int Position { get; private set; }

    /// <summary>What was written.</summary>
    public readonly ReadOnlySpan<byte> Written => _buffer[..Position];

    /// <summary>Bytes still free.</summary>
    public readonly int Free => _buffer.Length - Position;

    /// <summary>Begins a message (struct nlmsghdr); its length is filled in by <see cref="EndMessage"/>.</summary>
    public WriterMark BeginMessage(ushort type, NetlinkFlags flags, uint sequence)
    {
        var mark = new WriterMark(Position);
        var header = Take(HeaderBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], type);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], (ushort)flags);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], sequence);
        return mark;
    }

    /// <summary>Ends a message: fills in its length.</summary>
    public readonly void EndMessage(WriterMark mark) =>
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer[mark.Start..], (uint)(Position - mark.Start));

    /// <summary>Writes the family's fixed header behind the message header, padded to 4 bytes.</summary>
    public void PutHeader<T>(in T header)
        where T : unmanaged => MemoryMarshal.Write(Take(Align(Unsafe.SizeOf<T>())), in header);

    /// <summary>Begins a nested attribute; its length is filled in by <see cref="EndNest"/>.</summary>
    public WriterMark BeginNest(ushort type)
    {
        var mark = new WriterMark(Position);
        BinaryPrimitives.WriteUInt16LittleEndian(Take(AttributeHeaderBytes)[2..], (ushort)(type | NestedFlag));
        return mark;
    }

    /// <summary>Ends a nested attribute.</summary>
    /// <exception cref="InvariantException">The nest is longer than a 16-bit length holds: the caller must chunk.</exception>
    public readonly void EndNest(WriterMark mark)
    {
        var length = Position - mark.Start;
        if (length > AttributeBytesMax)
        {
            ThrowTooLong("a nest", length);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(_buffer[mark.Start..], (ushort)length);
    }

    /// <summary>An attribute of raw bytes.</summary>
    public void PutBytes(ushort type, scoped ReadOnlySpan<byte> value) => value.CopyTo(Begin(type, value.Length));

    /// <summary>An attribute without a value.</summary>
    public void PutFlag(ushort type) => Begin(type, 0);

    /// <summary>An 8-bit attribute.</summary>
    public void PutByte(ushort type, byte value) => Begin(type, 1)[0] = value;

    /// <summary>A 16-bit attribute in host order.</summary>
    public void PutUInt16(ushort type, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Begin(type, 2), value);

    /// <summary>A 16-bit attribute in network order.</summary>
    public void PutUInt16BigEndian(ushort type, ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Begin(type, 2), value);

    /// <summary>A 32-bit attribute in host order.</summary>
    public void PutUInt32(ushort type, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Begin(type, 4), value);

    /// <summary>A 32-bit attribute in network order (nf_tables uses nothing else).</summary>
    public void PutUInt32BigEndian(ushort type, uint value) => BinaryPrimitives.WriteUInt32BigEndian(Begin(type, 4), value);

    /// <summary>A 64-bit attribute in network order.</summary>
    public void PutUInt64BigEndian(ushort type, ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Begin(type, 8), value);

    /// <summary>A zero-terminated string attribute.</summary>
    public void PutString(ushort type, scoped ReadOnlySpan<char> value)
    {
        var destination = Begin(type, Encoding.UTF8.GetByteCount(value) + 1);
        destination[Encoding.UTF8.GetBytes(value, destination)] = 0;
    }

    /// <summary>A hardware address attribute of six bytes.</summary>
    public void PutMac(ushort type, MacAddress value) => value.CopyTo(Begin(type, 6));

    /// <summary>An IP address attribute of 4 or 16 bytes.</summary>
    public void PutAddress(ushort type, IPAddress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _ = value.TryWriteBytes(Begin(type, Prefix.BitsOf(value) / 8), out _);
    }

    private static int Align(int length) => (length + 3) & ~3;

    private Span<byte> Begin(ushort type, int length)
    {
        if (AttributeHeaderBytes + length > AttributeBytesMax)
        {
            ThrowTooLong("an attribute", length);
        }

        var all = Take(AttributeHeaderBytes + Align(length));
        BinaryPrimitives.WriteUInt16LittleEndian(all, (ushort)(AttributeHeaderBytes + length));
        BinaryPrimitives.WriteUInt16LittleEndian(all[2..], type);
        return all.Slice(AttributeHeaderBytes, length);
    }

    private Span<byte> Take(int length)
    {
        if (length > _buffer.Length - Position)
        {
            ThrowBufferFull(_buffer.Length);
        }

        var taken = _buffer.Slice(Position, length);
        taken.Clear();
        Position += length;
        return taken;
    }

    // Apart, so that no text is made unless it is needed.
    [DoesNotReturn]
    private static void ThrowTooLong(string what, int length) =>
        throw new InvariantException($"{what} of {length} bytes does not fit its 16-bit length");

    [DoesNotReturn]
    private static void ThrowBufferFull(int bytes) =>
        throw new InvariantException($"netlink message does not fit its buffer of {bytes} bytes");
}
