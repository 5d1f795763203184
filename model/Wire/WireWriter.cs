using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Networking.Model.Wire;

/// <summary>
/// Bytes that grow as messages are written, up to a bound. Reused from packet to packet. Numbers are little-endian; counts and
/// versions are LEB128, seven bits a byte. What one long message needed is given back when the next begins.
/// </summary>
/// <param name="bytesMax">The bound.</param>
public sealed class WireWriter(int bytesMax)
{
    private readonly byte[] _own = new byte[Math.Min(2048, bytesMax)];
    private byte[] _bytes = [];

    /// <summary>How much is written.</summary>
    public int Length { get; private set; }

    /// <summary>What is written; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>Begins anew.</summary>
    public void Clear()
    {
        Length = 0;
        Use(_own);
    }

    /// <summary>Takes back what was written after a mark.</summary>
    /// <param name="length">An earlier <see cref="Length"/>.</param>
    public void CutTo(int length)
    {
        Invariant.Check(length <= Length, "a writer is cut to what it has");
        Length = length;
    }

    /// <summary>One byte.</summary>
    public void PutByte(byte value) => Room(1)[0] = value;

    /// <summary>Overwrites one byte, such as a count that is known later.</summary>
    public void PatchByte(int at, byte value) => _bytes[at] = value;

    /// <summary>Two bytes, little-endian.</summary>
    public void PutUInt16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Room(2), value);

    /// <summary>Four bytes, little-endian.</summary>
    public void PutUInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Room(4), value);

    /// <summary>Eight bytes, little-endian.</summary>
    public void PutUInt64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Room(8), value);

    /// <summary>LEB128: one byte below 128, ten at most.</summary>
    public void PutNumber(ulong value)
    {
        while (value >= 0x80)
        {
            PutByte((byte)(value | 0x80));
            value >>= 7;
        }

        PutByte((byte)value);
    }

    /// <summary>Bytes as they are.</summary>
    public void PutBytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Room(bytes.Length));

    /// <summary>A count, then so many bytes.</summary>
    public void PutBlock(ReadOnlySpan<byte> bytes)
    {
        PutNumber((ulong)bytes.Length);
        PutBytes(bytes);
    }

    /// <summary>A count of bytes, then UTF-8.</summary>
    public void PutText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var length = Encoding.UTF8.GetByteCount(text);
        PutNumber((ulong)length);
        _ = Encoding.UTF8.GetBytes(text, Room(length));
    }

    /// <summary>So many bytes to be filled in at once.</summary>
    public Span<byte> Room(int count)
    {
        Invariant.Check(Length + count <= bytesMax, $"a writer holds at most {bytesMax} bytes");
        if (Length + count > _bytes.Length)
        {
            Use(Length + count <= _own.Length ? _own : ArrayPool<byte>.Shared.Rent(Math.Max(Length + count, 2 * _bytes.Length)));
        }

        Length += count;
        return _bytes.AsSpan(Length - count, count);
    }

    /// <summary>Goes on in another array, and gives back a rented one.</summary>
    private void Use(byte[] bytes)
    {
        if (ReferenceEquals(bytes, _bytes))
        {
            return;
        }

        _bytes.AsSpan(0, Length).CopyTo(bytes);
        if (_bytes.Length > _own.Length)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        _bytes = bytes;
    }
}
