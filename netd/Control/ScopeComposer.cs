using System.Collections.Immutable;
using Networking.Drivers;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>Turns granted state into the reconciler's intent, by way of the drivers.</summary>
internal static class ScopeComposer
{
    /// <summary>The changes of the touched scopes, parents first; a scope whose object is gone is removed.</summary>
    public static ImmutableArray<ScopeChange> Changes(NodeState state, Touched touched)
    {
        var changes = ImmutableArray.CreateBuilder<ScopeChange>();
        if (touched.Node)
        {
            changes.Add(new ScopeChange(ScopeId.Node, state.Revision, Placed(state, NodeComposer.Desired(state.ToView())), []));
            changes.Add(new ScopeChange(ScopeId.Admission, state.Revision, Placed(state, NodeComposer.Admissions(state.ToView())), [ScopeId.Node]));
        }

        foreach (var link in touched.Parents.Distinct())
        {
            changes.Add(Parent(state, link));
        }

        foreach (var id in touched.Networks.Distinct())
        {
            changes.Add(Network(state, id));
        }

        foreach (var id in touched.Sandboxes.Distinct())
        {
            changes.Add(Sandbox(state, id));
        }

        foreach (var id in touched.Endpoints.Distinct())
        {
            changes.Add(Endpoint(state, id));
        }

        return changes.ToImmutable();
    }

    /// <summary>Every scope there is.</summary>
    public static Touched Everything(NodeState state) => new()
    {
        Node = true,
        Parents = [.. state.Parents.All.OrderBy(static p => p.Value.Vlan is not null).Select(static p => p.Key)],
        Networks = [.. state.Networks.Keys],
        Sandboxes = [.. state.Sandboxes.Keys],
        Endpoints = [.. state.Endpoints.Keys],
    };

    private static ScopeChange Parent(NodeState state, string link) => state.Parents.All.TryGetValue(link, out var entry)
        ? new ScopeChange(
            ScopeId.OfParent(link),
            state.Revision,
            ParentComposer.Desired(link, entry.Vlan, state.OwnerTag),
            entry.Vlan is { } vlan ? [ScopeId.Node, ScopeId.OfParent(vlan.Base)] : [ScopeId.Node])
        : new ScopeChange(ScopeId.OfParent(link), state.Revision, null, []);

    private static ScopeChange Network(NodeState state, NetworkId id) => state.Networks.TryGetValue(id, out var network)
        ? new ScopeChange(
            ScopeId.Of(id),
            state.Revision,
            Placed(state, NetworkDrivers.Of(network.Record.Spec).Desired(state.ToView(network))),
            network.Traits.Parent is null ? [ScopeId.Node] : [ScopeId.Node, ScopeId.OfParent(network.Record.LinkName)])
        : new ScopeChange(ScopeId.Of(id), state.Revision, null, []);

    private static ScopeChange Sandbox(NodeState state, SandboxId id)
    {
        var desired = state.Sandboxes.TryGetValue(id, out var sandbox) && !sandbox.Record.IsRemoving
            ? SandboxComposer.Desired(state.ToView(sandbox))
            : null;
        return new ScopeChange(ScopeId.Of(id), state.Revision, desired, [ScopeId.Node]);
    }

    private static ScopeChange Endpoint(NodeState state, EndpointId id)
    {
        if (!state.Endpoints.TryGetValue(id, out var endpoint))
        {
            return new ScopeChange(ScopeId.Of(id), state.Revision, null, []);
        }

        var network = state.Networks[endpoint.NetworkId];
        var desired = Placed(state, NetworkDrivers.Of(network.Record.Spec).Desired(state.ToView(network), state.ToView(endpoint)));
        return new ScopeChange(
            ScopeId.Of(id), state.Revision, desired, [ScopeId.Of(endpoint.NetworkId), ScopeId.Of(endpoint.SandboxId)]);
    }

    private static KernelState Placed(NodeState state, KernelState desired) => HostFirewall.In(desired, state.Firewall.Backend);
}
