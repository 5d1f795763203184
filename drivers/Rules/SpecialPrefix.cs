using System.Net;

namespace Networking.Drivers;

/// <summary>A prefix whose addresses no endpoint can be reached by, whatever the network (RFC 6890, RFC 4291).</summary>
/// <param name="Prefix">The prefix.</param>
/// <param name="Name">What it is for, such as <c>loopback</c>.</param>
public sealed record SpecialPrefix(IPNetwork Prefix, string Name)
{
    private static readonly SpecialPrefix[] All =
    [
        new(IPNetwork.Parse("0.0.0.0/8"), "unspecified"),
        new(IPNetwork.Parse("127.0.0.0/8"), "loopback"),
        new(IPNetwork.Parse("169.254.0.0/16"), "link-local"),
        new(IPNetwork.Parse("224.0.0.0/4"), "multicast"),
        new(IPNetwork.Parse("255.255.255.255/32"), "broadcast"),
        new(IPNetwork.Parse("::/128"), "unspecified"),
        new(IPNetwork.Parse("::1/128"), "loopback"),
        new(IPNetwork.Parse("::ffff:0:0/96"), "IPv4-mapped"),
        new(IPNetwork.Parse("fe80::/10"), "link-local"),
        new(IPNetwork.Parse("ff00::/8"), "multicast"),
    ];

    /// <summary>Those that share an address with a prefix.</summary>
    public static IReadOnlyList<SpecialPrefix> Overlapping(IPNetwork prefix) => [.. All.Where(s => Model.Prefix.Overlaps(s.Prefix, prefix))];

    /// <inheritdoc/>
    public override string ToString() => $"{Prefix} ({Name})";
}
