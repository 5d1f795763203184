using System.Collections.Immutable;
using System.Net;
using Networking.Kernel;
using Networking.Model;
using Networking.Model.Api;
using Networking.Netd.Control;

namespace Networking.Netd.Ports;

/// <summary>What <c>netctl ports</c> tells: every published port, who can reach it, and which foreign rule says otherwise.</summary>
internal sealed class PortReport(IFeatureProbe features, PortKeeper keeper)
{
    public async Task<PortDocument[]> OfAsync(NodeState state, CancellationToken cancellationToken)
    {
        var drops = await features.ForeignForwardDropsAsync(cancellationToken);
        var admitted = state.ForeignChains.Select(static c => (c.Family, c.Table)).ToHashSet();

        // What the daemon's forwarder connects to by itself is not forwarded by the kernel: no such chain sees it.
        ImmutableArray<string> obstacles =
        [
            .. drops
                .Where(d => !admitted.Contains((d.Family, d.Table)))
                .Select(static d => $"chain {d.Chain} of table {d.Family} {d.Table} drops forwarded packets by default, so only this host reaches ports through it: {d.Remedy}"),
        ];
        var foreign = new ForeignPorts(await features.ForeignTranslationsAsync(cancellationToken));
        return
        [
            .. from endpoint in state.Endpoints.Values
               from port in endpoint.Ports
               orderby port.Protocol, port.HostPorts.First, port.IsIpv6, port.HostAddress.ToString()
               select Of(state, endpoint, port, [.. port.Path == PortPath.Forwarder ? [] : obstacles, .. foreign.Obstacles(port)]),
        ];
    }

    private PortDocument Of(NodeState state, EndpointRecord endpoint, PublishedPort port, ImmutableArray<string> obstacles) => new()
    {
        Network = state.Networks[endpoint.NetworkId].Name,
        Endpoint = endpoint.Name,
        EndpointId = endpoint.Id.Value,
        Sandbox = state.Sandboxes[endpoint.SandboxId].Record.Name,
        Port = PortDocuments.Of(port),
        Reserved = port.TakesHostPorts && keeper.IsKept(endpoint.Id),
        Reach = ReachOf(port),
        Obstacles = obstacles,
    };

    private static string ReachOf(PublishedPort port) => (port.Path, port.Exposure) switch
    {
        (PortPath.Direct, PortExposure.World) => "everybody with a route to the endpoint's own address",
        (PortPath.Direct, PortExposure.Lan) => "near clients and containers with a route to the endpoint's own address",
        (PortPath.Direct, _) => "this host, at the endpoint's own address",
        (_, PortExposure.World) => "everybody with a route to this host",
        (_, PortExposure.Lan) => "this host, its containers, and clients with a private or link-local address",
        _ => IPAddress.IsLoopback(port.HostAddress) ? "this host" : "this host, by any of its addresses",
    };
}
