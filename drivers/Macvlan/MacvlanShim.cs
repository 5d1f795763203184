using System.Net;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>
/// The host's own way to the endpoints of a macvlan network. The kernel passes nothing between a parent and what stands on
/// it, but it does between two that stand on it: so the host gets a device there too, with an address, and a route to each
/// endpoint by it. Everything else of the subnet goes on by the parent.
/// </summary>
internal static class MacvlanShim
{
    private const string Prefix = "ms-";

    public static IEnumerable<KernelObject> Desired(NetworkView network, MacvlanOptions options)
    {
        var record = network.Network;
        var name = NameOf(record);
        return
        [
            new LinkState
            {
                Namespace = NetNs.Host,
                Name = name,
                Details = new MacvlanLink(NetNs.Host, record.LinkName, MacvlanMode.Bridge),
                Alias = Ownership.AliasOf(network.OwnerTag, ScopeId.Of(record.Id)),
                Mac = record.LinkMac,
                MtuBytes = options.MtuBytes,
                IsUp = true,
                HasLinkLocal = false,
            },

            // It is a second interface of the host on the segment: it answers for its own address only, and takes no route
            // from routers there, who speak to the parent already.
            Sysctl(name, "net/ipv4/conf", "arp_ignore", "1"),
            Sysctl(name, "net/ipv6/conf", "accept_ra", "0") with { MayBeMissing = true },
            .. AddressesOf(record).Select(address => new AddressState { Namespace = NetNs.Host, Link = name, Address = Single(address) }),
        ];
    }

    public static IEnumerable<RouteState> RoutesTo(NetworkRecord network, EndpointRecord endpoint) =>
        from address in new[] { endpoint.Ipv4, endpoint.Ipv6 }
        where address is not null
        select new RouteState
        {
            Namespace = NetNs.Host,
            Destination = Single(address.Address).Network,
            Link = NameOf(network),
            Metric = address.IsIpv6 ? 1024 : 0, // the kernel's own defaults
        };

    private static string NameOf(NetworkRecord network) => Prefix + network.Id.Short;

    private static IEnumerable<IPAddress> AddressesOf(NetworkRecord network) => network.Subnets
        .Select(static s => s.AuxAddresses.GetValueOrDefault(AuxiliaryName.HostShim))
        .OfType<IPAddress>();

    // The subnet itself stays the parent's.
    private static InterfaceAddress Single(IPAddress address) => new(address, Model.Prefix.BitsOf(address));

    private static SysctlState Sysctl(string link, string folder, string name, string value) => new()
    {
        Namespace = NetNs.Host,
        Link = link,
        Path = $"{folder}/{link}/{name}",
        Value = value,
    };
}
