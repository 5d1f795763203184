using System.Buffers.Binary;
using System.Text;

namespace Networking.Netlink;

/// <summary>
/// Walks the expressions of a rule as the kernel tells them, without allocating. It knows no expression: it gives the values
/// of an attribute by number, and nothing where there is none.
/// </summary>
internal ref struct FirewallExpressionReader(AttributeReader list)
{
    private AttributeReader _list = list;
    private ReadOnlySpan<byte> _name;
    private ReadOnlySpan<byte> _data;

    /// <summary>The kernel's name of the current expression, such as <c>cmp</c>, as UTF-8.</summary>
    public readonly ReadOnlySpan<byte> Name => _name;

    /// <summary>Goes to the next expression; false at the end.</summary>
    /// <exception cref="WireFormatException">The bytes are not nf_tables'.</exception>
    public bool MoveNext()
    {
        if (!_list.MoveNext())
        {
            return false;
        }

        _name = default;
        _data = default;
        var expression = _list.Nested();
        while (expression.MoveNext())
        {
            if (expression.Type == (ushort)FirewallExpressionAttribute.Name)
            {
                _name = expression.Value.TrimEnd((byte)0);
            }
            else if (expression.Type == (ushort)FirewallExpressionAttribute.Data)
            {
                _data = expression.Value;
            }
        }

        return true;
    }

    public readonly bool Is(ReadOnlySpan<byte> name) => _name.SequenceEqual(name);

    /// <summary>An attribute of 32 bits in network order; null if there is none.</summary>
    public readonly uint? Number(ushort attribute) => Raw(attribute) is { Length: >= 4 } value
        ? BinaryPrimitives.ReadUInt32BigEndian(value)
        : null;

    /// <summary>The value (NFTA_DATA_VALUE) nested in an attribute; empty if there is none.</summary>
    public readonly ReadOnlySpan<byte> Value(ushort attribute)
    {
        var nest = new AttributeReader(Raw(attribute));
        while (nest.MoveNext())
        {
            if (nest.Type == (ushort)FirewallDataAttribute.Value)
            {
                return nest.Value;
            }
        }

        return default;
    }

    /// <summary>The verdict (NFTA_DATA_VERDICT) nested in an attribute, as nft writes it; null if there is none.</summary>
    public readonly string? Verdict(ushort attribute)
    {
        var nest = new AttributeReader(Raw(attribute));
        while (nest.MoveNext())
        {
            if (nest.Type == (ushort)FirewallDataAttribute.Verdict)
            {
                return FirewallVerdictCodec.Read(nest.Nested());
            }
        }

        return null;
    }

    /// <summary>An attribute's text up to its first zero byte; empty if there is none.</summary>
    public readonly string Text(ushort attribute)
    {
        var value = Raw(attribute);
        var end = value.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? value : value[..end]);
    }

    /// <summary>An attribute's bytes; empty if there is none.</summary>
    public readonly ReadOnlySpan<byte> Raw(ushort attribute)
    {
        var data = new AttributeReader(_data);
        while (data.MoveNext())
        {
            if (data.Type == attribute)
            {
                return data.Value;
            }
        }

        return default;
    }
}
