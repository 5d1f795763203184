using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>
/// An endpoint on a bridge: a veth pair. What the sandbox sends into its end comes out of the host's end, which is a
/// port of the bridge. Default routes are not here: endpoints of a sandbox decide those together.
/// </summary>
internal static class VethEndpoint
{
    public static KernelState Desired(NetworkView network, EndpointView endpoint, BridgeOptions options)
    {
        var asked = EndpointOptions.Of(endpoint.Endpoint.Spec);
        var alias = Ownership.AliasOf(network.OwnerTag, ScopeId.Of(endpoint.Endpoint.Id));
        return KernelState.Of(
        [
            HostEnd(network, endpoint, options, alias),
            SandboxEnd(network, endpoint, options, asked, alias),
            .. EndpointObjects.AddressesOf(endpoint),
            .. EndpointObjects.SysctlsOf(endpoint, asked),
            .. BridgeElements.Desired(endpoint.Endpoint, options),
        ]);
    }

    private static LinkState HostEnd(NetworkView network, EndpointView endpoint, BridgeOptions options, string alias)
    {
        var record = endpoint.Endpoint;
        return new LinkState
        {
            Namespace = NetNs.Host,
            Name = record.HostInterface,
            Details = new VethLink(endpoint.Namespace, record.Interface, record.Mac),
            Alias = alias,
            Mac = record.HostMac,
            MtuBytes = options.MtuOf(network.Network),
            IsUp = true,
            Master = network.Network.LinkName,

            // Isolation needs no br_netfilter, and holds for every protocol, also below IP.
            // A sandbox may ask for its own published port. Where br_netfilter translates the packet on the bridge, it has to
            // leave by the port it came from.
            Port = new BridgePortState(IsIsolated: !options.HasIcc, HasHairpin: options.HasIcc && !record.Ports.IsEmpty),

            // A bridge port has no addresses: the host speaks through the bridge.
            HasLinkLocal = false,
        };
    }

    private static LinkState SandboxEnd(
        NetworkView network, EndpointView endpoint, BridgeOptions options, EndpointOptions asked, string alias)
    {
        var record = endpoint.Endpoint;
        return new LinkState
        {
            Namespace = endpoint.Namespace,
            Name = record.Interface,
            Details = new VethPeerLink(NetNs.Host, record.HostInterface),
            Alias = alias,
            Mac = record.Mac,
            MtuBytes = options.MtuOf(network.Network),
            IsUp = true,
            HasLinkLocal = record.Ipv6 is not null,

            // Neighbours may remember another hardware address from the last holder of this one's address.
            Announce = asked.Announce.Over(options.Announce),
        };
    }
}
