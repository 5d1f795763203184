using System.Globalization;
using System.Text.RegularExpressions;

namespace Networking.Netlab.Walks;

/// <summary>A packet of a trace in a few words, which are the same in every run.</summary>
internal static partial class PacketText
{
    // The kernel gives these to clients (ip_local_port_range), another one each time.
    private const int ClientPortMin = 32768;
    private const int ClientPortMax = 60999;

    /// <summary>The interface that it came in by (iif) or goes out by (oif); null if there is none.</summary>
    public static string? Interface(string packet, string direction) =>
        Interfaces().Matches(packet).FirstOrDefault(m => m.Groups["direction"].Value == direction)?.Groups["name"].Value;

    /// <summary>Protocol, addresses and ports, those of clients left away.</summary>
    public static string Of(string packet)
    {
        var fields = Fields().Matches(packet).ToLookup(static m => m.Groups["name"].Value, static m => m.Groups["value"].Value);
        string? Field(params string[] names) => names.SelectMany(n => fields[n]).FirstOrDefault();
        var what = fields.Contains("tcp dport") ? "tcp" : fields.Contains("udp dport") ? "udp" : $"icmp {Field("icmp type", "icmpv6 type")}";
        return $"{what} {Address(Field("ip saddr", "ip6 saddr"), Field("tcp sport", "udp sport"))} > {Address(Field("ip daddr", "ip6 daddr"), Field("tcp dport", "udp dport"))}";
    }

    private static string Address(string? address, string? port)
    {
        var isShown = port is not null && int.Parse(port, CultureInfo.InvariantCulture) is < ClientPortMin or > ClientPortMax;
        return (isShown, address?.Contains(':', StringComparison.Ordinal)) switch
        {
            (false, _) => address ?? "?",
            (true, true) => $"[{address}]:{port}",
            (true, _) => $"{address}:{port}",
        };
    }

    [GeneratedRegex("\\b(?<direction>iif|oif) \"(?<name>[^\"]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Interfaces();

    [GeneratedRegex("(?<name>ip saddr|ip daddr|ip6 saddr|ip6 daddr|(tcp|udp) (sport|dport)|(icmp|icmpv6) type) (?<value>\\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Fields();
}
