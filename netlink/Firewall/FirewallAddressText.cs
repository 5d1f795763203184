using System.Buffers.Binary;

namespace Networking.Netlink;

/// <summary>
/// Reads addresses from text into bytes without an <see cref="System.Net.IPAddress"/> in between: elements are encoded
/// by the ten thousands, and each would cost two objects. Strict: no leading zeros, no shortened IPv4, no zone.
/// </summary>
internal static class FirewallAddressText
{
    private const int GroupsMax = 8;

    public static bool TryReadIpv4(ReadOnlySpan<char> text, Span<byte> destination)
    {
        for (var i = 0; i < 4; i++)
        {
            var end = i < 3 ? text.IndexOf('.') : text.Length;
            if (end < 0 || !FirewallNumberText.TryReadDecimal(text[..end], byte.MaxValue, out var value))
            {
                return false;
            }

            destination[i] = (byte)value;
            text = text[Math.Min(text.Length, end + 1)..];
        }

        return true;
    }

    public static bool TryReadIpv6(ReadOnlySpan<char> text, Span<byte> destination)
    {
        destination[..16].Clear();
        var gap = text.IndexOf("::", StringComparison.Ordinal);
        if (gap < 0)
        {
            return TryReadGroups(text, mayEndInIpv4: true, destination, out var all) && all == GroupsMax;
        }

        // The part behind the gap is read to the front of a scratch and moved to the end of the address.
        Span<byte> tail = stackalloc byte[16];
        tail.Clear();
        if (!TryReadGroups(text[..gap], mayEndInIpv4: false, destination, out var before)
            || !TryReadGroups(text[(gap + 2)..], mayEndInIpv4: true, tail, out var after)
            || before + after >= GroupsMax)
        {
            return false;
        }

        tail[..(2 * after)].CopyTo(destination[(16 - (2 * after))..16]);
        return true;
    }

    private static bool TryReadGroups(
        ReadOnlySpan<char> text, bool mayEndInIpv4, Span<byte> destination, out int groups)
    {
        groups = 0;
        if (text.IsEmpty)
        {
            return true;
        }

        while (true)
        {
            var end = text.IndexOf(':');
            var group = end < 0 ? text : text[..end];
            if (mayEndInIpv4 && end < 0 && group.Contains('.') && groups <= GroupsMax - 2)
            {
                var isRead = TryReadIpv4(group, destination[(2 * groups)..]);
                groups += 2;
                return isRead;
            }

            if (groups == GroupsMax || group.Length is 0 or > 4 || !FirewallNumberText.TryReadHexadecimal(group, out var value))
            {
                return false;
            }

            BinaryPrimitives.WriteUInt16BigEndian(destination[(2 * groups)..], (ushort)value);
            groups++;
            if (end < 0)
            {
                return true;
            }

            text = text[(end + 1)..];
        }
    }
}
