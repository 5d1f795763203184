using System.Collections.Immutable;
using System.Net;
using Networking.Ipam;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netd.Ipam;

/// <summary>
/// What of the host stands in the way of subnets: its own networks, its routes, its name servers. Networks of ours are in the
/// address space, and routes that we made lead to them.
/// </summary>
internal sealed class HostObstacles
{
    // A route of at most this prefix length stands for everything: VPNs split the default route into halves, quarters or
    // eighths, and all of global IPv6 is 2000::/3. Nobody's site is that large.
    private const int EverythingLengthMax = 3;
    private const byte KernelProtocol = 2; // RTPROT_KERNEL: the route of an interface's own prefix

    private static readonly ImmutableArray<ImmutableArray<ObstacleKind>> s_avoided =
    [
        [ObstacleKind.Connected, ObstacleKind.Resolver, ObstacleKind.OnLink, ObstacleKind.Routed],
        [ObstacleKind.Connected, ObstacleKind.Resolver, ObstacleKind.OnLink],
        [ObstacleKind.Connected, ObstacleKind.Resolver],
    ];

    private HostObstacles(ImmutableArray<HostObstacle> all) => All = all;

    /// <summary>All of them, the firmest first, then in the order of the host.</summary>
    public ImmutableArray<HostObstacle> All { get; }

    /// <summary>What is avoided when a subnet is chosen: everything first, less each time if nothing was left.</summary>
    public IEnumerable<IEnumerable<HeldSubnet>> Avoided =>
        s_avoided.Select(kinds => All.Where(o => kinds.Contains(o.Kind)).Select(static o => new HeldSubnet(o.Prefix, o.Holder)));

    /// <summary>Reads them out of what is known of the host.</summary>
    /// <param name="facts">The host's links and routes.</param>
    /// <param name="resolvers">Its name servers.</param>
    public static HostObstacles Of(HostFacts facts, IEnumerable<IPAddress> resolvers)
    {
        var links = facts.Links.ToDictionary(static l => l.Name, StringComparer.Ordinal);
        return new HostObstacles(
        [
            .. facts.Links.SelectMany(static l => l.Addresses.Select(a => Connected(a.Network, l)))
                .Concat(facts.Routes.Select(r => Route(r, links)).OfType<HostObstacle>())
                .Concat(resolvers.Select(static a => new HostObstacle(
                    new IPNetwork(a, Prefix.BitsOf(a)), ObstacleKind.Resolver, "a name server of the host", string.Empty)))
                .DistinctBy(static o => (o.Prefix, o.Kind, o.Link)) // an interface's prefix is in its address and in its route
                .OrderBy(static o => o.Kind),
        ]);
    }

    /// <summary>Those that share an address with a prefix and mean something to it.</summary>
    public IEnumerable<HostObstacle> Overlapping(IPNetwork prefix) =>
        All.Where(o => o.Kind != ObstacleKind.Everything && Prefix.Overlaps(o.Prefix, prefix));

    /// <summary>
    /// Those that remain beside networks of ours. A device with a network has its subnets in the address space; what else an adopted
    /// one is on, and routes out of it, are obstacles like any. A device of ours without a network is being deleted while we speak.
    /// </summary>
    /// <param name="subnetsOn">The subnets of the network whose device has this name; null if it is no network's.</param>
    public HostObstacles Beside(Func<string, IEnumerable<IPNetwork>?> subnetsOn) => new(
    [
        .. All.Where(o => subnetsOn(o.Link) is { } subnets
            ? o.Kind != ObstacleKind.Connected || !subnets.Any(s => Prefix.Overlaps(s, o.Prefix))
            : !o.IsOurs),
    ]);

    /// <summary>Without the networks that one device is on: a bridge to adopt.</summary>
    public HostObstacles WithoutNetworksOf(string link) => new([.. All.Where(o => o.Kind != ObstacleKind.Connected || o.Link != link)]);

    private static HostObstacle? Route(HostRoute route, Dictionary<string, HostLink> links)
    {
        // A device that is named and not listed is gone but for its routes.
        var link = links.GetValueOrDefault(route.Link);
        if (route.Destination.PrefixLength == 0 || route.Protocol == Ownership.RouteProtocol || (link is null && route.Link.Length > 0))
        {
            return null;
        }

        var isDirect = route.Gateway is null && link is not null;
        if (isDirect && (route.Protocol == KernelProtocol || link!.Addresses.Any(a => Prefix.Contains(route.Destination, a.Address)))) // direct, so not null
        {
            return Connected(route.Destination, link!);
        }

        var kind = route.Destination.PrefixLength <= EverythingLengthMax ? ObstacleKind.Everything
            : isDirect ? ObstacleKind.OnLink
            : ObstacleKind.Routed;
        var way = (route.Gateway, link) switch
        {
            (null, not null) => $"a route out of {link.Name}",
            (null, null) => "a route by several ways",
            (var gateway, not null) => $"a route by {gateway} on {link.Name}",
            (var gateway, null) => $"a route by {gateway}",
        };
        return new HostObstacle(route.Destination, kind, way, route.Link) { IsOurs = link is not null && IsOurs(link) };
    }

    private static HostObstacle Connected(IPNetwork prefix, HostLink link) =>
        new(prefix, ObstacleKind.Connected, $"the host's interface {link.Name}", link.Name) { IsOurs = IsOurs(link) };

    private static bool IsOurs(HostLink link) => Ownership.IsTagged(link.Alias);
}
