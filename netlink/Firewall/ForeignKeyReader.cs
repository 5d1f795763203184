namespace Networking.Netlink;

/// <summary>
/// Collects the keys of somebody's set from its dump, whatever its type. Ranges of one part come as single values with an end
/// flag; those of a concatenation carry both corners.
/// </summary>
/// <param name="max">Keys that are kept; what comes then is passed over.</param>
internal sealed class ForeignKeyReader(int max)
{
    private readonly List<(byte[] Key, byte[]? Last, bool IsEnd)> _raw = [];

    /// <summary>Reads one message of the dump.</summary>
    /// <exception cref="WireFormatException">The bytes are not nf_tables'.</exception>
    public void Add(AttributeReader message) => FirewallKeyBytes.ForEach(message, element =>
    {
        var raw = ReadOne(element);
        if (_raw.Count < max && raw.Key.Length > 0)
        {
            _raw.Add(raw);
        }
    });

    /// <summary>The keys, in ascending order: a hash tells them in none.</summary>
    public IReadOnlyList<ForeignNatKey> Keys()
    {
        _raw.Sort(static (left, right) => FirewallKeyBytes.Compare(left.Key, left.IsEnd, right.Key, right.IsEnd));
        if (!_raw.Exists(static r => r.IsEnd))
        {
            return [.. _raw.Select(static r => new ForeignNatKey(r.Key, r.Last ?? r.Key))];
        }

        var keys = new List<ForeignNatKey>();
        for (var i = 0; i < _raw.Count; i++)
        {
            if (!_raw[i].IsEnd)
            {
                keys.Add(new ForeignNatKey(_raw[i].Key, FirewallKeyBytes.LastOf(_raw[i].Key, i + 1 < _raw.Count ? _raw[i + 1].Key : null)));
            }
        }

        return keys;
    }

    private static (byte[] Key, byte[]? Last, bool IsEnd) ReadOne(AttributeReader element)
    {
        byte[] key = [];
        byte[]? last = null;
        var flags = FirewallElementFlags.None;
        while (element.MoveNext())
        {
            switch ((FirewallElementAttribute)element.Type)
            {
                case FirewallElementAttribute.Key:
                    key = FirewallKeyBytes.Read(element.Nested());
                    break;
                case FirewallElementAttribute.KeyEnd:
                    last = FirewallKeyBytes.Read(element.Nested());
                    break;
                case FirewallElementAttribute.Flags:
                    flags = (FirewallElementFlags)element.GetUInt32BigEndian();
                    break;
                default:
                    break;
            }
        }

        return (key, last, flags.HasFlag(FirewallElementFlags.IntervalEnd));
    }
}
