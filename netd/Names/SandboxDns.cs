using System.Collections.Immutable;
using Networking.Drivers;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>How a sandbox asks for names: what its endpoints and networks say of it, put together.</summary>
internal static class SandboxDns
{
    /// <summary>Endpoints of a sandbox, the one that gives the default route first.</summary>
    public static ImmutableArray<EndpointRecord> InOrder(NodeState state, SandboxEntry sandbox)
    {
        var records = sandbox.Endpoints.Select(id => state.Endpoints[id]).ToArray();
        var views = state.ToView(sandbox).Endpoints; // in the same order
        return [.. GatewayElection.InOrder(views).Select(v => records[views.IndexOf(v, 0, views.Length, ReferenceEqualityComparer.Instance)])];
    }

    /// <summary>Each list is the first endpoint's that has one, else the first network's; empty if nobody says anything.</summary>
    public static DnsSpec Of(NodeState state, IReadOnlyCollection<EndpointRecord> endpoints)
    {
        DnsSpec[] said = [.. endpoints.Select(static e => e.Spec.Dns), .. endpoints.Select(e => state.Networks[e.NetworkId].Record.Spec.Dns)];
        return new DnsSpec
        {
            Servers = said.Select(static d => d.Servers).FirstOrDefault(static s => !s.IsEmpty, []),
            Search = said.Select(static d => d.Search).FirstOrDefault(static s => !s.IsEmpty, []),
            Options = said.Select(static d => d.Options).FirstOrDefault(static o => !o.IsEmpty, []),
        };
    }
}
