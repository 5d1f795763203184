using System.Collections.Immutable;
using Networking.Drivers;
using Networking.Model;
using Networking.Netd.Control;

namespace Networking.Netd.Ports;

/// <summary>Host ports that another endpoint of ours holds.</summary>
internal static class PortConflicts
{
    private const int ToldMax = 16;
    private const int RangesMax = 8;

    /// <summary>Adds a problem if the network was changed since the ports were claimed, so that they would mean something else.</summary>
    public static void CheckBindings(NetworkRecord network, ImmutableArray<PortGrant> ports, ICollection<Problem> problems)
    {
        if (ports.IsEmpty)
        {
            return;
        }

        var options = BridgeOptions.Of(network.Spec);
        if (!ports.All(p => Stands(p.Binding)))
        {
            problems.Add(new Problem(
                "network.changed", "--publish", $"network {network.Spec.Name} was changed while host ports were claimed for it", "try again"));
        }

        bool Stands(PortBinding binding) =>
            PortBinding.IsReached(network, options, binding.IsTargetIpv6)
            && (options.ModeOf(binding.IsTargetIpv6) == GatewayMode.Routed) == (binding.Path == PortPath.Direct);
    }

    /// <summary>
    /// Adds a problem for each port of one request that another of the same request meets, and leaves it out of them: only here
    /// it is known which addresses a port without one is published at.
    /// </summary>
    public static void CheckAmong(List<PortGrant> ports, ICollection<Problem> problems)
    {
        var own = HostPortTable.Empty;
        var before = problems.Count;
        _ = ports.RemoveAll(port =>
        {
            if (port.Binding.Path == PortPath.Direct)
            {
                return false;
            }

            if (own.Holder(port.Protocol, port.Binding.HostAddress, port.HostPorts) is null)
            {
                own = own.Hold(default, [port.At(port.Binding.HostAddress)]);
                return false;
            }

            if (problems.Count - before < ToldMax)
            {
                problems.Add(new Problem(
                    "publish.twice", "--publish", $"host port {port} is asked for twice by this request", "a port of an address leads to one target"));
            }

            return true;
        });
    }

    /// <summary>Adds a problem for each conflict, the first ones by name.</summary>
    public static void Check(NodeState state, ImmutableArray<PortGrant> ports, ICollection<Problem> problems)
    {
        // Both families of one port have one holder as a rule: it is told once.
        var conflicts =
            from port in ports
            where port.Binding.Path != PortPath.Direct
            from held in state.HostPorts.Holders(port.Protocol, port.Binding.HostAddress, port.HostPorts)
            group (port, held) by (port.Protocol, port.HostPorts, held.Endpoint);
        var told = 0;
        foreach (var conflict in conflicts)
        {
            if (++told > ToldMax)
            {
                continue;
            }

            var holder = state.Endpoints[conflict.Key.Endpoint];
            var asked = string.Join(" and ", conflict.Select(static c => c.port).Distinct());
            var all = conflict.Select(static c => c.held.Ports).Distinct().ToArray();
            var held = FirstOf.Text(all, all.Length, RangesMax);
            problems.Add(new Problem(
                "port.taken",
                "--publish",
                $"host port {asked} belongs to endpoint {holder.Name} in sandbox {state.Sandboxes[holder.SandboxId].Record.Name} on network {state.Networks[holder.NetworkId].Name}, which has published {held}",
                "choose another host port, or leave it out for a free one"));
        }

        if (told > ToldMax)
        {
            problems.Add(new Problem("port.taken", "--publish", $"and {told - ToldMax} more host ports belong to other endpoints", "netctl ports shows whose"));
        }
    }
}
