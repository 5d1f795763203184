namespace Networking.Netlink;

/// <summary>
/// What every dump of a set's elements has in common. Keys are bytes in network order; the kernel ends a range with the first
/// key behind it.
/// </summary>
internal static class FirewallKeyBytes
{
    /// <summary>Takes one element.</summary>
    public delegate void Taker(AttributeReader element);

    /// <summary>Gives each element of one message of a dump (NFTA_SET_ELEM_LIST_ELEMENTS).</summary>
    public static void ForEach(AttributeReader message, Taker take)
    {
        while (message.MoveNext())
        {
            if (message.Type != (ushort)FirewallElementListAttribute.Elements)
            {
                continue;
            }

            var elements = message.Nested();
            while (elements.MoveNext())
            {
                take(elements.Nested());
            }
        }
    }

    /// <summary>Orders starts and ends of ranges. At equal keys an end stands before a start: it belongs to the range that stops there.</summary>
    public static int Compare(byte[] left, bool isLeftEnd, byte[] right, bool isRightEnd) =>
        left.AsSpan().SequenceCompareTo(right) is var order and not 0 ? order : isRightEnd.CompareTo(isLeftEnd);

    /// <summary>The last key of a range: before the next start or end, or the highest of all.</summary>
    /// <param name="key">Where the range starts.</param>
    /// <param name="next">The next key in order; null if there is none.</param>
    public static byte[] LastOf(byte[] key, byte[]? next) => next is null ? Highest(key.Length) : Before(next);

    /// <summary>The bytes in a data attribute (NFTA_DATA_VALUE); empty if it has none.</summary>
    public static byte[] Read(AttributeReader data)
    {
        while (data.MoveNext())
        {
            if (data.Type == (ushort)FirewallDataAttribute.Value)
            {
                return data.Value.ToArray();
            }
        }

        return [];
    }

    private static byte[] Highest(int length)
    {
        var key = new byte[length];
        key.AsSpan().Fill(byte.MaxValue);
        return key;
    }

    private static byte[] Before(byte[] key)
    {
        var before = key.ToArray();
        for (var i = before.Length - 1; i >= 0; i--)
        {
            if (before[i]-- != 0)
            {
                break;
            }
        }

        return before;
    }
}
