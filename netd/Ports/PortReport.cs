using System.Collections.Immutable;
using System.Net;
using Networking.Kernel;
using Networking.Model;
using Networking.Model.Api;
using Networking.Netd.Control;
using Networking.Netd.Firewall;

namespace Networking.Netd.Ports;

/// <summary>What <c>netctl ports</c> tells: every published port, who can reach it, and which foreign rule says otherwise.</summary>
internal sealed class PortReport(IFeatureProbe features, PortKeeper keeper)
{
    public async Task<PortDocument[]> OfAsync(NodeState state, CancellationToken cancellationToken)
    {
        var (through, toHost) = (await features.ForeignForwardDropsAsync(cancellationToken), await features.ForeignInputDropsAsync(cancellationToken));
        var admitted = state.ForeignChains.Select(static c => (c.Family, c.Table)).ToHashSet();
        through = [.. through.Where(d => !admitted.Contains((d.Family, d.Table)) && !ForeignObstacles.IsOverruled(state.Firewall, d))];
        var foreign = new ForeignPorts(await features.ForeignTranslationsAsync(cancellationToken))
        {
            DroppedThrough =
            [
                .. (await features.ForeignDropRulesAsync(isInput: false, cancellationToken))
                    .Where(r => !admitted.Contains((r.Family, r.Table)) && !ForeignObstacles.IsOverruled(state.Firewall, r)),
            ],
            DroppedHere = await features.ForeignDropRulesAsync(isInput: true, cancellationToken),
        };
        return
        [
            .. from endpoint in state.Endpoints.Values
               let unkept = keeper.UnkeptOf(endpoint)
               from port in endpoint.Ports
               orderby port.Protocol, port.HostPorts.First, port.IsIpv6, port.HostAddress.ToString()
               select Of(state, endpoint, port, unkept.GetValueOrDefault(port, []), [.. Drops(port, through, toHost), .. foreign.Obstacles(port)]),
        ];
    }

    private static PortDocument Of(NodeState state, EndpointRecord endpoint, PublishedPort port, ImmutableArray<PortRange> unkept, ImmutableArray<string> obstacles) => new()
    {
        Network = state.Networks[endpoint.NetworkId].Name,
        Endpoint = endpoint.Name,
        EndpointId = endpoint.Id.Value,
        Sandbox = state.Sandboxes[endpoint.SandboxId].Record.Name,
        Port = PortDocuments.Of(port),
        Reserved = port.TakesHostPorts && unkept.IsEmpty,
        Reach = ReachOf(port, unkept),
        Obstacles = obstacles,
    };

    // What the forwarder connects to by itself is not forwarded by the kernel: it is the client's packet to the host that counts.
    private static IEnumerable<string> Drops(PublishedPort port, ImmutableArray<ForeignDrop> through, ImmutableArray<ForeignDrop> toHost) => port.Path switch
    {
        PortPath.Forwarder when port.Exposure == PortExposure.Loopback => [],
        PortPath.Forwarder => toHost
            .Where(d => d.Sees(port.IsIpv6))
            .Select(d => $"{d.Describe()} drops packets to this host that no rule of it accepts, and netd serves this port by itself: {Opening(d.Remedy, port)}"),
        PortPath.Direct => through.Where(d => d.Sees(port.IsIpv6)).Select(static d => Closed(d, d.InwardRemedy ?? d.Remedy)),
        _ => through.Where(d => d.Sees(port.IsIpv6) && !d.AcceptsTranslated).Select(static d => Closed(d, d.Remedy)),
    };

    private static string Closed(ForeignDrop drop, string remedy) =>
        $"{drop.Describe()} drops forwarded packets by default, so only this host reaches ports through it: {remedy}";

    private static string Opening(string remedy, PublishedPort port) => remedy
        .Replace("FIRST-LAST", port.HostPorts.ToString(), StringComparison.Ordinal)
        .Replace("FIRST:LAST", port.HostPorts.ToString().Replace('-', ':'), StringComparison.Ordinal)
        .Replace("PROTOCOL", port.Protocol.Word(), StringComparison.Ordinal);

    // Where netd serves by itself, what has no socket is not served.
    private static string ReachOf(PublishedPort port, ImmutableArray<PortRange> unkept) =>
        unkept.IsEmpty || !PortService.IsNeeded(port) ? ReachOf(port)
        : (PortService.IsAll(port), unkept[0] == port.HostPorts) switch
        {
            (true, true) => "nobody: no socket of netd's serves it",
            (true, false) => $"{ReachOf(port)}; nobody at {PortRuns.Text(unkept)}, which no socket of netd's serves",
            (false, true) => $"{ReachOf(port)}, but not from ::1",
            (false, false) => $"{ReachOf(port)}, but from ::1 not {PortRuns.Text(unkept)}",
        };

    private static string ReachOf(PublishedPort port) => (port.Path, port.Exposure) switch
    {
        (PortPath.Direct, PortExposure.World) => "everybody with a route to the endpoint's own address",
        (PortPath.Direct, PortExposure.Lan) => "near clients and containers with a route to the endpoint's own address",
        (PortPath.Direct, _) => "this host, at the endpoint's own address",
        _ when IPAddress.IsLoopback(port.HostAddress) => "this host",
        (_, PortExposure.World) => "everybody with a route to this host",
        (_, PortExposure.Lan) => "this host, its containers, and clients with a private or link-local address",
        _ => "this host, by any of its addresses",
    };
}
