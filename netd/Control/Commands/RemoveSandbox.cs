using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>Takes a sandbox back: on request, or because its owner is gone. Its record stays, marked, until its scope is gone.</summary>
/// <param name="Reference">The sandbox as the user called it, or its id.</param>
/// <param name="IsForced">Also with endpoints, and then with all of them.</param>
/// <param name="Now">Moment of the request.</param>
internal sealed record RemoveSandbox(string Reference, bool IsForced, DateTimeOffset Now) : IIntentCommand<RemovedSandbox>
{
    private const int NamedMax = 5;

    public Durability Durability => Durability.Process;

    public Decision<RemovedSandbox> Decide(NodeState state)
    {
        if (Lookup.Sandbox(state, Reference, out var refusal) is not { } sandbox)
        {
            return Decision<RemovedSandbox>.Refused(refusal!); // not found always says why
        }

        if (!IsForced && !sandbox.Endpoints.IsEmpty)
        {
            var connected = sandbox.Endpoints.Select(id => state.Endpoints[id]).ToArray();
            var names = connected.Select(e => state.Networks[e.NetworkId].Name).Distinct().ToArray();
            return Decision<RemovedSandbox>.Refused(Refusal.Of(
                409,
                "sandbox.in-use",
                null,
                $"sandbox {sandbox.Record.Name} is connected to {FirstOf.Text(names, names.Length, NamedMax)}",
                DisconnectHint.Of(state, connected, $"netctl sandbox rm --force {sandbox.Record.Name}")));
        }

        var endpoints = sandbox.Endpoints.Select(id => state.Endpoints[id]).ToImmutableArray();
        var next = state;
        var change = new StoreChange();
        var touched = new Touched { Sandboxes = [sandbox.Record.Id] };
        foreach (var endpoint in endpoints)
        {
            (next, change, touched) = EndpointLeaves.Apply(next, change, touched, endpoint.Id, Now);
        }

        var record = sandbox.Record with { IsRemoving = true };
        return Decision<RemovedSandbox>.Granted(
            next with
            {
                Revision = next.Revision + 1,
                Sandboxes = next.Sandboxes.SetItem(record.Id, next.Sandboxes[record.Id] with { Record = record }),
            },
            change with { Sandboxes = [.. change.Sandboxes.Where(s => s.Id != record.Id), record] },
            touched,
            new RemovedSandbox(record, endpoints));
    }
}

/// <summary>What was taken back.</summary>
internal sealed record RemovedSandbox(SandboxRecord Sandbox, ImmutableArray<EndpointRecord> Endpoints);

/// <summary>Forgets a sandbox whose scope is gone.</summary>
internal sealed record ForgetSandbox(SandboxId Id) : IIntentCommand<SandboxRecord?>
{
    public Durability Durability => Durability.Process;

    public Decision<SandboxRecord?> Decide(NodeState state)
    {
        if (!state.Sandboxes.TryGetValue(Id, out var sandbox) || !sandbox.Record.IsRemoving || !sandbox.Endpoints.IsEmpty)
        {
            return Decision<SandboxRecord?>.Granted(state, new StoreChange(), Touched.Nothing, null);
        }

        return Decision<SandboxRecord?>.Granted(
            state with
            {
                Sandboxes = state.Sandboxes.Remove(Id),
                // A container that was restarted under the same path may have the name by now.
                SandboxNames = state.SandboxNames.TryGetValue(sandbox.Record.Name, out var named) && named == Id ? state.SandboxNames.Remove(sandbox.Record.Name) : state.SandboxNames,
                SandboxNamespaces = state.SandboxNamespaces.Remove(sandbox.Record.Namespace),
                SandboxScopes = state.SandboxScopes.Remove(ScopeId.Of(Id)),
            },
            new StoreChange { RemovedSandboxes = [Id] },
            Touched.Nothing,
            sandbox.Record);
    }
}

/// <summary>Forgets the host's sysctl values that no network needs changed any more, once they are put back.</summary>
/// <param name="Settled">Whose values are as asked.</param>
internal sealed record ForgetOriginals(SettledScope Settled) : IIntentCommand<bool>
{
    public Durability Durability => Durability.Disk;

    public Decision<bool> Decide(NodeState state)
    {
        var originals = HostSysctls.Forget(state, Settled);
        if (originals.Count == state.Node.OriginalSysctls.Count)
        {
            return Decision<bool>.Granted(state, new StoreChange(), Touched.Nothing, false);
        }

        var node = state.Node with { OriginalSysctls = originals };
        var next = state with { Node = node, Owed = state.Owed.RemoveRange(state.Owed.Keys.Where(k => !originals.ContainsKey(k))) };
        return Decision<bool>.Granted(next, new StoreChange { Node = node }, Touched.Nothing, true);
    }
}
