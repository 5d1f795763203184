using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>What a bridge network, and a published port on it, put into the sets of the node's firewall.</summary>
internal static class BridgeElements
{
    /// <summary>The network's own elements.</summary>
    public static IEnumerable<FirewallElementState> Desired(NetworkRecord record, BridgeOptions options)
    {
        var (link, owner) = (record.LinkName, ScopeId.Of(record.Id));
        yield return BridgeSets.Member(BridgeSets.Bridges, link, owner);
        yield return BridgeSets.Pair(BridgeSets.SameBridge, link, link, owner);
        if (!options.HasIcc)
        {
            yield return BridgeSets.Member(BridgeSets.NoIcc, link, owner);
        }

        if (record.Spec.Internal)
        {
            yield return BridgeSets.Member(BridgeSets.Internal, link, owner);
        }
        else
        {
            foreach (var trusted in options.TrustedInterfaces)
            {
                yield return BridgeSets.Pair(BridgeSets.Trusted, trusted, link, owner);
            }
        }

        foreach (var isIpv6 in new[] { false, true })
        {
            foreach (var element in (isIpv6 ? record.Ipv6 : record.Ipv4) is null ? [] : OfFamily(record, options, isIpv6, owner))
            {
                yield return element;
            }
        }
    }

    /// <summary>The elements of an endpoint's published ports.</summary>
    public static IEnumerable<FirewallElementState> Desired(EndpointRecord endpoint, BridgeOptions options)
    {
        var owner = ScopeId.Of(endpoint.Id);

        // What the forwarder serves, the daemon accepts and connects by itself.
        return endpoint.Ports.Where(static p => p.Path == PortPath.Kernel).SelectMany(p => PublishMaps.Translated(p, owner))
            .Concat(PublishMaps.Opened(endpoint.Ports.Where(p => IsReachedDirectly(p, options)), owner));
    }

    private static bool IsReachedDirectly(PublishedPort port, BridgeOptions options) =>
        port.Exposure != PortExposure.Loopback
        && (port.Path == PortPath.Direct || (port.Path == PortPath.Kernel && !options.TrustedInterfaces.IsEmpty));

    private static IEnumerable<FirewallElementState> OfFamily(NetworkRecord record, BridgeOptions options, bool isIpv6, ScopeId owner)
    {
        var (link, mode) = (record.LinkName, options.ModeOf(isIpv6));
        if (mode == GatewayMode.Isolated)
        {
            yield return BridgeSets.Member(BridgeSets.Isolated(isIpv6), link, owner);
        }

        if (record.Spec.Internal)
        {
            yield break; // nothing leaves it, so there is no source to choose
        }

        if (mode is GatewayMode.Routed)
        {
            yield return BridgeSets.Member(BridgeSets.Routed(isIpv6), link, owner);
            yield break;
        }

        if (mode == GatewayMode.NatUnprotected)
        {
            yield return BridgeSets.Member(BridgeSets.Unprotected(isIpv6), link, owner);
        }

        if (options.HasMasquerade)
        {
            yield return options.SourceAddressOf(isIpv6) is { } source
                ? BridgeSets.SourceOf(link, source, owner)
                : BridgeSets.Member(BridgeSets.Masquerade(isIpv6), link, owner);
        }
    }
}
