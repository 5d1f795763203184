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
    public static bool Admits(NodeState state, PortExposure exposure, IPAddress client, IPEndPoint target, Func<IPAddress, bool> isHosts)
    {
        // A link-local address does not say of which network it is.
        if (client.IsIPv6LinkLocal && state.Networks.Values.Any(static n => n.Record.Spec.Internal))
        {
            return false;
        }

        var address = client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client;
        var network = NetworkOf(state, address);
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

    private static bool Holds(NetworkRecord network, IPAddress address) =>
        network.SubnetOf(address) is not null;
}
