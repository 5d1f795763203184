using System.Net;
using Networking.Drivers;
using Networking.Model;
using Networking.Netd.Control;

namespace Networking.Netd.Ports;

/// <summary>
/// Who may reach a port through the forwarder. What passes through it never meets the firewall's forward chain, so the same
/// is said here: exposure, nothing out of internal networks, nothing between endpoints that may not talk.
/// </summary>
internal static class ForwarderGate
{
    /// <summary>True if a client may reach a target that is exposed like this.</summary>
    /// <param name="state">What is granted.</param>
    /// <param name="exposure">Of the port.</param>
    /// <param name="client">Who asks; a link-local address with its zone.</param>
    /// <param name="target">Where to.</param>
    /// <param name="isHosts">Whether the host itself has an address.</param>
    /// <param name="linkOf">Name of the host's interface of a zone; null if it has none.</param>
    public static bool Admits(
        NodeState state, PortExposure exposure, IPAddress client, IPEndPoint target, Func<IPAddress, bool> isHosts, Func<long, string?> linkOf)
    {
        var address = client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client;
        var network = address.IsIPv6LinkLocal ? NetworkOn(state, linkOf(address.ScopeId)) : NetworkOf(state, address);
        return (network is null || isHosts(address) || MayLeave(network, target)) && PortExposureRules.Admits(exposure, address, isHosts, _ => network is not null);
    }

    private static bool MayLeave(NetworkEntry network, IPEndPoint target) =>
        !network.Record.Spec.Internal
        && (!Holds(network.Record, target.Address) || !network.Traits.IsRoutedByHost || BridgeOptions.Of(network.Record.Spec).HasIcc);

    // Most clients are of no network of ours, which the address space tells at once.
    private static NetworkEntry? NetworkOf(NodeState state, IPAddress address) =>
        state.Subnets.Overlapping(new IPNetwork(address, Prefix.BitsOf(address))) is null
            ? null
            : state.Networks.Values.FirstOrDefault(n => Holds(n.Record, address));

    // A link-local address is every network's: of which it is, says the interface that its packets come in by. Few clients have one.
    private static NetworkEntry? NetworkOn(NodeState state, string? link) =>
        link is null ? null : state.Networks.Values.FirstOrDefault(n => n.Record.LinkName == link);

    private static bool Holds(NetworkRecord network, IPAddress address) =>
        network.SubnetOf(address) is not null;
}
