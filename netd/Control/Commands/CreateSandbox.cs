using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>Grants a name to a sandbox whose namespace was just made.</summary>
internal sealed record CreateSandbox(SandboxRecord Record) : IIntentCommand<SandboxRecord>
{
    public Durability Durability => Durability.Process;

    /// <summary>Whether the name is free: asked before a namespace is made for it.</summary>
    public static Refusal? CheckName(NodeState state, string name) => state.SandboxNames.ContainsKey(name)
        ? Refusal.Of(409, "sandbox.exists", "NAME", $"a sandbox {name} exists already", "choose another name, or netctl sandbox rm it first")
        : null;

    public Decision<SandboxRecord> Decide(NodeState state) => CheckName(state, Record.Name) is { } refusal
        ? Decision<SandboxRecord>.Refused(refusal)
        : Decision<SandboxRecord>.Granted(
            Restore(state, Record, []),
            new StoreChange { Sandboxes = [Record] },
            new Touched { Sandboxes = [Record.Id] },
            Record);

    /// <summary>The state with a sandbox: a new one, or at start from the store.</summary>
    public static NodeState Restore(NodeState state, SandboxRecord record, ImmutableArray<string> foreignLinks) => state with
    {
        Revision = state.Revision + 1,
        Sandboxes = state.Sandboxes.Add(record.Id, new SandboxEntry(record, foreignLinks)),
        SandboxNames = state.SandboxNames.SetItem(record.Name, record.Id),
        SandboxScopes = state.SandboxScopes.SetItem(ScopeId.Of(record.Id), record.Id),
        SandboxNamespaces = WithNamespace(state.SandboxNamespaces, record),
    };

    /// <summary>With a sandbox as the one of its namespace; that of the host belongs to none.</summary>
    public static ImmutableDictionary<NetNs, SandboxId> WithNamespace(ImmutableDictionary<NetNs, SandboxId> namespaces, SandboxRecord record) =>
        record.Namespace.IsHost ? namespaces : namespaces.SetItem(record.Namespace, record.Id);
}
