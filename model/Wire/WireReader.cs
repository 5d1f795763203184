using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Networking.Model.Wire;

/// <summary>
/// Reads what <see cref="WireWriter"/> writes, from bytes that anybody may have written. Past the end, or at nonsense, it
/// yields zeros and says so once in <see cref="HasFailed"/>: nothing throws, and no count is believed before there are bytes for it.
/// </summary>
public ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>True once something was not as the format says; what was read since is worth nothing.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>True at the end.</summary>
    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>What is left to read.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>Marks the bytes as malformed.</summary>
    public void Fail()
    {
        HasFailed = true;
        _rest = [];
    }

    /// <summary>One byte.</summary>
    public byte ReadByte() => ReadBytes(1) is [var value] ? value : (byte)0;

    /// <summary>Two bytes, little-endian.</summary>
    public ushort ReadUInt16() => ReadBytes(2) is { Length: 2 } taken ? BinaryPrimitives.ReadUInt16LittleEndian(taken) : (ushort)0;

    /// <summary>Four bytes, little-endian.</summary>
    public uint ReadUInt32() => ReadBytes(4) is { Length: 4 } taken ? BinaryPrimitives.ReadUInt32LittleEndian(taken) : 0;

    /// <summary>Eight bytes, little-endian.</summary>
    public ulong ReadUInt64() => ReadBytes(8) is { Length: 8 } taken ? BinaryPrimitives.ReadUInt64LittleEndian(taken) : 0;

    /// <summary>LEB128; refused if it has more than 64 bits, or is written longer than it need be.</summary>
    public ulong ReadNumber()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64 && !HasFailed; shift += 7)
        {
            var next = ReadByte();
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                if ((shift == 63 && next > 1) || (shift > 0 && next == 0))
                {
                    break;
                }

                return value;
            }
        }

        Fail();
        return 0;
    }

    /// <summary>A count of things to come; refused if the bytes left cannot hold them.</summary>
    /// <param name="bytesEach">The fewest bytes that one takes, 1 at least.</param>
    public int ReadCount(int bytesEach)
    {
        var count = ReadNumber();
        if (count <= (ulong)(_rest.Length / bytesEach))
        {
            return (int)count;
        }

        Fail();
        return 0;
    }

    /// <summary>A count, then so many bytes.</summary>
    /// <param name="lengthMax">More are refused.</param>
    public ReadOnlySpan<byte> ReadBlock(int lengthMax)
    {
        var count = ReadCount(1);
        if (count <= lengthMax)
        {
            return ReadBytes(count);
        }

        Fail();
        return [];
    }

    /// <summary>A count of bytes, then UTF-8; refused if it is not.</summary>
    /// <param name="lengthMax">More bytes are refused.</param>
    public string ReadText(int lengthMax)
    {
        var block = ReadBlock(lengthMax);
        if (Utf8.IsValid(block))
        {
            return Encoding.UTF8.GetString(block);
        }

        Fail();
        return string.Empty;
    }

    /// <summary>So many bytes, or none of them.</summary>
    public ReadOnlySpan<byte> ReadBytes(int count)
    {
        if (HasFailed || _rest.Length < count)
        {
            Fail();
            return [];
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
