using System.Collections.Immutable;
using Networking.Drivers;
using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Control;

namespace Networking.Netd.Purge;

/// <summary>What a purge takes away, as lines for people: one for each thing that somebody may miss, in a stable order.</summary>
internal static class Inventory
{
    /// <summary>Networks with their endpoints, namespaces of ours, and the objects of the host that stand for them.</summary>
    public static ImmutableArray<string> Lines(NodeState state)
    {
        var lines = ImmutableArray.CreateBuilder<string>();
        foreach (var network in state.Networks.Values.Where(static n => !n.Traits.IsPredefined).OrderBy(static n => n.Name, StringComparer.Ordinal))
        {
            lines.Add($"network {network.Name} ({network.Record.Spec.Driver})");
            lines.AddRange(state.Endpoints.Values
                .Where(e => e.NetworkId == network.Record.Id)
                .Select(e => $"endpoint {state.Sandboxes[e.SandboxId].Record.Name} on {network.Name}")
                .Order(StringComparer.Ordinal));
        }

        lines.AddRange(state.Sandboxes.Values
            .Where(static s => s.Record.Owner == SandboxOwner.Daemon)
            .Select(static s => $"namespace {s.Record.Path} (sandbox {s.Record.Name})")
            .Order(StringComparer.Ordinal));
        lines.AddRange(ScopeComposer.Changes(state, ScopeComposer.Everything(state))
            .Where(static c => c.Desired is not null)
            .SelectMany(static c => c.Desired!.Objects) // filtered above
            .Where(static o => o.Namespace.IsHost)
            .Select(Line)
            .OfType<string>()
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal));
        lines.AddRange(state.Node.OriginalSysctls
            .Where(s => !NodeComposer.IsLeftTo(state.ForeignLinks, s.Key))
            .Select(static s => $"sysctl {s.Key}, put back to {s.Value}"));
        return lines.ToImmutable();
    }

    private static string? Line(KernelObject item) => item switch
    {
        LinkState { Details: ExistingLink } => null, // somebody else's, and it stays
        LinkState link => $"interface {link.Name}",
        FirewallTableState { Name: Ownership.IptablesTable } table => table.Describe(),
        FirewallTableState table => $"{table.Describe()} of nf_tables",
        ForeignAdmissionState rule => $"rule in a foreign chain, {rule.Key.Name}",
        _ => null,
    };
}
