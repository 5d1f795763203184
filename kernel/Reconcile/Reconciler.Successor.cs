namespace Networking.Kernel;

/// <content>
/// Leftovers of a firewall that an earlier run had elsewhere, in nf_tables or in iptables: they go when what takes their place
/// stands, or packets would meet neither.
/// </content>
public sealed partial class Reconciler
{
    // The rest of what is left over may go; the scope is woken when the successor has come further.
    private KernelPlan WithoutFirewall(ScopeEntry entry, KernelPlan plan, ScopeId successor)
    {
        AddTo(_waitingForScope, successor, entry.Id);
        SetStatus(entry, InWork(entry), $"waits for {successor} to be in another firewall", null);
        return plan with { Operations = plan.Operations.RemoveAll(static o => IsFirewall(o.Key)), Transitions = [] };
    }

    // A scope whose firewall shall stand in a namespace where the plan takes a table away, and does not stand yet.
    private ScopeId? Successor(KernelPlan plan)
    {
        foreach (var table in plan.Operations.Where(static o => o is { Verb: OperationVerb.Delete, Before: FirewallTableState }))
        {
            foreach (var entry in _scopes.Values)
            {
                if (entry.Desired.Objects.Any(o => IsFirewall(o.Key) && o.Namespace == table.Key.Namespace && !entry.Observed.Contains(o.Key)))
                {
                    return entry.Id;
                }
            }
        }

        return null;
    }

    private static bool IsFirewall(ObjectKey key) =>
        key.Kind is ObjectKind.FirewallTable or ObjectKind.FirewallSet or ObjectKind.FirewallChain or ObjectKind.FirewallElement;
}
