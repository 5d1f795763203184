using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;

namespace Networking.Netlink;

/// <summary>
/// Writes the inside of one nest of elements. <see cref="NetlinkWriter"/> builds the text of each of its checks
/// beforehand, some hundred bytes of garbage for each element; here the caller has measured, and a nest is copied into
/// its message whole.
/// </summary>
internal ref struct FirewallNestWriter(Span<byte> buffer)
{
    private const int HeaderBytes = 4; // struct nlattr
    private const ushort NestedFlag = 0x8000; // NLA_F_NESTED

    private readonly Span<byte> _buffer = buffer;

    /// <summary>Bytes written so far.</summary>
    public int Position { get; private set; }

    public readonly ReadOnlySpan<byte> Written => _buffer[..Position];

    public int BeginNest(ushort type)
    {
        var start = Position;
        BinaryPrimitives.WriteUInt16LittleEndian(Take(HeaderBytes)[2..], (ushort)(type | NestedFlag));
        return start;
    }

    public readonly void EndNest(int start) =>
        BinaryPrimitives.WriteUInt16LittleEndian(_buffer[start..], (ushort)(Position - start));

    public void PutBytes(ushort type, scoped ReadOnlySpan<byte> value) => value.CopyTo(Begin(type, value.Length));

    public void PutUInt32BigEndian(ushort type, uint value) =>
        BinaryPrimitives.WriteUInt32BigEndian(Begin(type, 4), value);

    public void PutString(ushort type, scoped ReadOnlySpan<char> value) =>
        Encoding.UTF8.GetBytes(value, Begin(type, Encoding.UTF8.GetByteCount(value) + 1));

    private Span<byte> Begin(ushort type, int length)
    {
        var all = Take(HeaderBytes + ((length + 3) & ~3));
        BinaryPrimitives.WriteUInt16LittleEndian(all, (ushort)(HeaderBytes + length));
        BinaryPrimitives.WriteUInt16LittleEndian(all[2..], type);
        return all.Slice(HeaderBytes, length);
    }

    private Span<byte> Take(int length)
    {
        Debug.Assert(Position + length <= _buffer.Length, "an element is longer than it was measured");
        var taken = _buffer.Slice(Position, length);
        taken.Clear();
        Position += length;
        return taken;
    }
}
