using System.Buffers.Binary;
using System.Net;
using System.Text;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>
/// Walks the attributes (struct nlattr) of a message or nest without allocating. Lengths are checked as it goes: malformed
/// bytes end in <see cref="WireFormatException"/>, never in another exception and never in a loop. Values of a wrong size
/// are refused the same way by the typed getters.
/// </summary>
public ref struct AttributeReader(ReadOnlySpan<byte> attributes)
{
    private const int HeaderBytes = 4;
    private const ushort TypeMask = 0x3fff; // NLA_TYPE_MASK: without NLA_F_NESTED and NLA_F_NET_BYTEORDER

    private readonly ReadOnlySpan<byte> _all = attributes;
    private int _next;

    /// <summary>Type of the current attribute, without flags.</summary>
    public ushort Type { get; private set; }

    /// <summary>Value of the current attribute, without padding.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Goes to the next attribute; false at the end.</summary>
    public bool MoveNext()
    {
        var rest = _all.Length - _next;
        if (rest < HeaderBytes)
        {
            // The kernel may leave up to three bytes of padding behind the last attribute.
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16LittleEndian(_all[_next..]);
        if (length < HeaderBytes || length > rest)
        {
            throw new WireFormatException(_next, $"attribute length {length} with {rest} bytes left");
        }

        Type = (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(_all[(_next + 2)..]) & TypeMask);
        Value = _all.Slice(_next + HeaderBytes, length - HeaderBytes);
        _next = Math.Min(_all.Length, _next + ((length + 3) & ~3));
        return true;
    }

    /// <summary>The attributes nested in the current one.</summary>
    public readonly AttributeReader Nested() => new(Value);

    /// <summary>The current value as 8 bits.</summary>
    public readonly byte GetByte() => Sized(1)[0];

    /// <summary>The current value as 16 bits in host order.</summary>
    public readonly ushort GetUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Sized(2));

    /// <summary>The current value as 16 bits in network order.</summary>
    public readonly ushort GetUInt16BigEndian() => BinaryPrimitives.ReadUInt16BigEndian(Sized(2));

    /// <summary>The current value as 32 bits in host order.</summary>
    public readonly uint GetUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Sized(4));

    /// <summary>The current value as a signed 32-bit number in host order.</summary>
    public readonly int GetInt32() => BinaryPrimitives.ReadInt32LittleEndian(Sized(4));

    /// <summary>The current value as 32 bits in network order.</summary>
    public readonly uint GetUInt32BigEndian() => BinaryPrimitives.ReadUInt32BigEndian(Sized(4));

    /// <summary>The current value as 64 bits in network order.</summary>
    public readonly ulong GetUInt64BigEndian() => BinaryPrimitives.ReadUInt64BigEndian(Sized(8));

    /// <summary>The current value as text up to its first zero byte.</summary>
    public readonly string GetString()
    {
        var end = Value.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? Value : Value[..end]);
    }

    /// <summary>The current value as a hardware address; a device without a 6-byte address yields zero.</summary>
    public readonly MacAddress GetMac() => Value.Length == 6 ? MacAddress.FromBytes(Value) : default;

    /// <summary>The current value as an IP address of 4 or 16 bytes.</summary>
    public readonly IPAddress GetAddress() => Value.Length is 4 or 16
        ? new IPAddress(Value)
        : throw new WireFormatException(_next, $"an address of {Value.Length} bytes");

    private readonly ReadOnlySpan<byte> Sized(int length) => Value.Length >= length
        ? Value
        : throw new WireFormatException(_next, $"attribute {Type} has {Value.Length} bytes, not {length}");
}
