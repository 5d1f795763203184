namespace Networking.Netlink;

/// <summary>Keys of sets as bytes in network order. The kernel ends a range with the first key behind it.</summary>
internal static class FirewallKeyBytes
{
    /// <summary>The highest key of a length in bytes: where a range without an end stops.</summary>
    public static byte[] Highest(int length)
    {
        var key = new byte[length];
        key.AsSpan().Fill(byte.MaxValue);
        return key;
    }

    /// <summary>The key one below; of zero, the highest.</summary>
    public static byte[] Before(byte[] key)
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
}
