using System.Collections.Immutable;
using Networking.Kernel;

namespace Networking.TestSupport;

/// <content>
/// A batch that leads from nf_tables to iptables or back is two: iptables shares no transaction with anybody. What is new is
/// made first; what is old stays if that is refused, and if what is old refuses to go, what is new stays.
/// </content>
public sealed partial class FakeKernel
{
    private ImmutableArray<OperationResult> ApplyFirewall(KernelBatch batch)
    {
        var isOfIptables = batch.Operations.Select(static o => IsOfIptables(o.Target)).ToArray();
        if (isOfIptables.Distinct().Count() < 2)
        {
            return ApplyWhole(batch);
        }

        var beginsWithIptables = batch.Operations.Where((_, i) => isOfIptables[i]).Any(static o => o.Verb == OperationVerb.Create);
        var results = new OperationResult[batch.Operations.Length];
        var isRefused = false;
        foreach (var half in (bool[])[beginsWithIptables, !beginsWithIptables])
        {
            var part = batch with { Operations = [.. batch.Operations.Where((_, i) => isOfIptables[i] == half)] };
            var done = isRefused ? [.. part.Operations.Select(static o => new OperationResult(Errors.Cancelled(Describe(o))))] : ApplyWhole(part);
            isRefused |= done.Any(static r => !r.IsDone);
            for (int i = 0, next = 0; i < results.Length; i++)
            {
                if (isOfIptables[i] == half)
                {
                    results[i] = done[next++];
                }
            }
        }

        return [.. results];
    }

    private static bool IsOfIptables(KernelObject item) => item switch
    {
        FirewallTableState table => table.Name == Ownership.IptablesTable,
        FirewallSetState set => set.Table == Ownership.IptablesTable,
        FirewallChainState chain => chain.Table == Ownership.IptablesTable,
        FirewallElementState element => element.Table == Ownership.IptablesTable,
        _ => false,
    };
}
