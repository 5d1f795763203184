using System.Collections.Immutable;
using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>Reads what claims must know of the host's own namespace.</summary>
internal static class HostReader
{
    private const int MainTable = 254; // RT_TABLE_MAIN
    private const byte RouterAdvertisement = 9; // RTPROT_RA

    public static HostFacts Read(NetlinkSocket socket, ImmutableSortedDictionary<string, string> sysctls)
    {
        var links = RouteReader.Links(socket, "read the host's interfaces");
        var names = links.ToDictionary(static link => link.Index, static link => link.Name);
        var addresses = RouteReader.Addresses(socket, WireFamily.Inet).Concat(RouteReader.Addresses(socket, WireFamily.Inet6))
            .ToLookup(static address => address.LinkIndex, static address => address.Address);
        var routes = RouteReader.RoutesOf(socket, WireFamily.Inet, MainTable).Concat(RouteReader.RoutesOf(socket, WireFamily.Inet6, MainTable)).ToList();
        return new HostFacts
        {
            Links =
            [
                .. links.Where(static link => !link.IsDoomed).OrderBy(static link => link.Name, StringComparer.Ordinal).Select(link => new HostLink(
                    link.Name,
                    link.Kind,
                    link.Alias,
                    link.MtuBytes,
                    link.MasterIndex == 0 ? null : names.GetValueOrDefault(link.MasterIndex),
                    [.. addresses[link.Index]])
                {
                    IsUp = link.IsUp,
                    Mac = link.Mac,
                    Below = link.ParentNamespaceId is null ? names.GetValueOrDefault(link.ParentIndex) : null,
                    IsAlone = link.MacvlanMode == MacvlanMode.Passthru,
                }),
            ],
            Routes =
            [
                .. routes.Select(route => new HostRoute(
                    route.Destination, route.Gateway, names.GetValueOrDefault(route.LinkIndex) ?? string.Empty, route.Protocol)),
            ],
            RouterAdvertisementLinks =
            [
                .. routes.Where(static route => route.Protocol == RouterAdvertisement && route.Destination.PrefixLength == 0)
                    .Select(route => names.GetValueOrDefault(route.LinkIndex) ?? string.Empty)
                    .Where(static name => name.Length > 0)
                    .Distinct(StringComparer.Ordinal)
                    .Order(StringComparer.Ordinal),
            ],
            Sysctls = sysctls,
        };
    }
}
