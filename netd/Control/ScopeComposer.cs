using System.Collections.Immutable;
using Networking.Drivers;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>Turns granted state into the reconciler's intent, by way of the drivers.</summary>
internal sealed class ScopeComposer(ImmutableDictionary<string, INetworkDriver> drivers)
{
    /// <summary>The drivers by name.</summary>
    public ImmutableDictionary<string, INetworkDriver> Drivers { get; } = drivers;

    /// <summary>The changes of the touched scopes, parents first; a scope whose object is gone is removed.</summary>
    public ImmutableArray<ScopeChange> Changes(NodeState state, Touched touched)
    {
        var changes = ImmutableArray.CreateBuilder<ScopeChange>();
        if (touched.Node)
        {
            changes.Add(new ScopeChange(ScopeId.Node, state.Revision, NodeComposer.Desired(state.ToView()), []));
            changes.Add(new ScopeChange(ScopeId.Admission, state.Revision, NodeComposer.Admissions(state.ToView()), [ScopeId.Node]));
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
        Networks = [.. state.Networks.Keys],
        Sandboxes = [.. state.Sandboxes.Keys],
        Endpoints = [.. state.Endpoints.Keys],
    };

    private ScopeChange Network(NodeState state, NetworkId id)
    {
        var desired = state.Networks.TryGetValue(id, out var network)
            ? Drivers[network.Record.Spec.Driver].Desired(state.ToView(network))
            : null;
        return new ScopeChange(ScopeId.Of(id), state.Revision, desired, [ScopeId.Node]);
    }

    private static ScopeChange Sandbox(NodeState state, SandboxId id)
    {
        var desired = state.Sandboxes.TryGetValue(id, out var sandbox) && !sandbox.Record.IsRemoving
            ? SandboxComposer.Desired(state.ToView(sandbox))
            : null;
        return new ScopeChange(ScopeId.Of(id), state.Revision, desired, [ScopeId.Node]);
    }

    private ScopeChange Endpoint(NodeState state, EndpointId id)
    {
        if (!state.Endpoints.TryGetValue(id, out var endpoint))
        {
            return new ScopeChange(ScopeId.Of(id), state.Revision, null, []);
        }

        var network = state.Networks[endpoint.NetworkId];
        var desired = Drivers[network.Record.Spec.Driver].Desired(state.ToView(network), state.ToView(endpoint));
        return new ScopeChange(
            ScopeId.Of(id), state.Revision, desired, [ScopeId.Of(endpoint.NetworkId), ScopeId.Of(endpoint.SandboxId)]);
    }
}
