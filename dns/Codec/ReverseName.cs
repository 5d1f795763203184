using System.Globalization;
using System.Net;

namespace Networking.Dns;

/// <summary>Names that stand for addresses: <c>2.0.20.10.in-addr.arpa</c>, and nibbles under <c>ip6.arpa</c>.</summary>
public static class ReverseName
{
    private const int Ipv4Labels = 4;
    private const int Ipv6Labels = 32;

    private static ReadOnlySpan<byte> Ipv4Zone => [7, (byte)'i', (byte)'n', (byte)'-', (byte)'a', (byte)'d', (byte)'d', (byte)'r', 4, (byte)'a', (byte)'r', (byte)'p', (byte)'a', 0];

    private static ReadOnlySpan<byte> Ipv6Zone => [3, (byte)'i', (byte)'p', (byte)'6', 4, (byte)'a', (byte)'r', (byte)'p', (byte)'a', 0];

    /// <summary>The address that a plain name stands for; null if it is none, or only part of one.</summary>
    public static IPAddress? Address(ReadOnlySpan<byte> name) =>
        EndsIn(name, Ipv4Zone) ? Ipv4(name[..^Ipv4Zone.Length])
        : EndsIn(name, Ipv6Zone) ? Ipv6(name[..^Ipv6Zone.Length])
        : null;

    /// <summary>The name that stands for an address, as text.</summary>
    public static string Of(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var bytes = address.GetAddressBytes();
        Array.Reverse(bytes);
        return bytes.Length == Ipv4Labels
            ? $"{string.Join('.', bytes)}.in-addr.arpa"
            : $"{string.Join('.', bytes.Select(static b => $"{b & 0xf:x}.{b >> 4:x}"))}.ip6.arpa";
    }

    private static bool EndsIn(ReadOnlySpan<byte> name, ReadOnlySpan<byte> zone) =>
        name.Length >= zone.Length && NameWire.AreSame(name[^zone.Length..], zone);

    private static IPAddress? Ipv4(ReadOnlySpan<byte> labels)
    {
        Span<byte> address = stackalloc byte[Ipv4Labels];
        var at = 0;
        for (var i = Ipv4Labels - 1; i >= 0; i--)
        {
            // The zone's bytes may be the tail of a longer label, so one may run over the end; leading zeros are no address.
            if (at >= labels.Length || labels[at] is 0 or > 3 || at + labels[at] >= labels.Length || (labels[at] > 1 && labels[at + 1] == '0')
                || !byte.TryParse(labels.Slice(at + 1, labels[at]), NumberStyles.None, CultureInfo.InvariantCulture, out address[i]))
            {
                return null;
            }

            at += labels[at] + 1;
        }

        return at == labels.Length ? new IPAddress(address) : null;
    }

    private static IPAddress? Ipv6(ReadOnlySpan<byte> labels)
    {
        if (labels.Length != Ipv6Labels * 2)
        {
            return null;
        }

        Span<byte> address = stackalloc byte[16];
        for (var i = 0; i < Ipv6Labels; i++)
        {
            var digit = Nibble(labels[(i * 2) + 1]);
            if (labels[i * 2] != 1 || digit < 0)
            {
                return null;
            }

            var at = 15 - (i / 2);
            address[at] |= (byte)((i & 1) == 0 ? digit : digit << 4);
        }

        return new IPAddress(address);
    }

    private static int Nibble(byte letter) => letter switch
    {
        >= (byte)'0' and <= (byte)'9' => letter - '0',
        >= (byte)'a' and <= (byte)'f' => letter - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => letter - 'A' + 10,
        _ => -1,
    };
}
