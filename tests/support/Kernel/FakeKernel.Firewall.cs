using System.Collections.Immutable;
using Networking.Kernel;

namespace Networking.TestSupport;

/// <summary>The firewall lane: a batch of one backend works on a copy, which replaces the ruleset only if nothing was refused.</summary>
public sealed partial class FakeKernel
{
    private ImmutableArray<OperationResult> ApplyWhole(KernelBatch batch)
    {
        var first = Operations;
        Operations += batch.Operations.Length;
        (int Index, FaultKind Kind)? struck = null;
        for (var i = 0; i < batch.Operations.Length; i++)
        {
            if (Faults.TakeOperation(first + i + 1) is { } kind)
            {
                struck = (i, kind);
            }
        }

        if (struck is { Kind: FaultKind.Transient or FaultKind.Permanent } fault)
        {
            return RefuseAll(batch, fault.Index, FakeFaults.ErrorOf(fault.Kind, Describe(batch.Operations[fault.Index])));
        }

        if (!_namespaces.TryGetValue(batch.Namespace, out var ns) || !ns.IsAlive)
        {
            var gone = batch.Operations.ToList().FindIndex(static o => o.Verb != OperationVerb.Delete);
            return gone < 0 ? AllDone(batch) : RefuseReally(batch, gone, Errors.NoNamespace(Describe(batch.Operations[gone])));
        }

        var next = ns.Firewall;
        for (var i = 0; i < batch.Operations.Length; i++)
        {
            if (FirewallStep(ref next, ns, batch.Operations[i]) is { } error)
            {
                return RefuseReally(batch, i, error);
            }
        }

        if (Dangling(next) is { } broken)
        {
            return RefuseReally(batch, batch.Operations.Length - 1, broken);
        }

        ns.Firewall = next;
        return struck is { } lost
            ? RefuseAll(batch, lost.Index, FakeFaults.ErrorOf(lost.Kind, Describe(batch.Operations[lost.Index])))
            : AllDone(batch);
    }

    private static KernelError? FirewallStep(ref KernelState state, FakeNamespace ns, KernelOperation operation)
    {
        var what = Describe(operation);
        var item = operation.Target;
        if (operation.Verb == OperationVerb.Delete)
        {
            var inside = state.Objects.Where(o => IsInside(o, item)).Select(static o => o.Key).ToArray();
            state = inside.Aggregate(state.Without(item.Key), static (s, key) => s.Without(key));
            return null;
        }

        if (state.Contains(item.Key) != (operation.Verb == OperationVerb.Change))
        {
            return operation.Verb == OperationVerb.Change ? Errors.NoEntry(what) : Errors.Exists(what);
        }

        if (item is ForeignAdmissionState && !ns.ForeignChains.Contains(item.Key.Name))
        {
            return Errors.NoForeignChain(what);
        }

        if (ContainerOf(item) is { } container && !state.Contains(container))
        {
            return Errors.NoEntry(what);
        }

        state = state.With(item);
        return null;
    }

    private static ObjectKey? ContainerOf(KernelObject item) => item switch
    {
        FirewallSetState set => new ObjectKey(set.Namespace, ObjectKind.FirewallTable, set.Table),
        FirewallChainState chain => new ObjectKey(chain.Namespace, ObjectKind.FirewallTable, chain.Table),
        FirewallElementState element => new ObjectKey(element.Namespace, ObjectKind.FirewallSet, $"{element.Table} {element.Set}"),
        _ => null,
    };

    private static bool IsInside(KernelObject item, KernelObject container) => container switch
    {
        FirewallTableState table => item switch
        {
            FirewallSetState set => set.Table == table.Name,
            FirewallChainState chain => chain.Table == table.Name,
            FirewallElementState element => element.Table == table.Name,
            _ => false,
        },
        FirewallSetState set => item is FirewallElementState element && element.Table == set.Table && element.Set == set.Name,
        _ => false,
    };

    // A rule that names a set or chain which is not there: the kernel refuses the deletion (EBUSY) or the rule (ENOENT).
    private static KernelError? Dangling(KernelState state)
    {
        foreach (var chain in state.Objects.OfType<FirewallChainState>())
        {
            foreach (var expression in chain.Rules.SelectMany(static r => r.Expressions))
            {
                (ObjectKind Kind, string Name)? needed = expression switch
                {
                    MatchSet match => (ObjectKind.FirewallSet, match.Set),
                    LookupVerdict lookup => (ObjectKind.FirewallSet, lookup.Map),
                    DestinationNatMap nat => (ObjectKind.FirewallSet, nat.Map),
                    SourceNatMap nat => (ObjectKind.FirewallSet, nat.Map),
                    Jump jump => (ObjectKind.FirewallChain, jump.Chain),
                    Goto go => (ObjectKind.FirewallChain, go.Chain),
                    _ => null,
                };
                if (needed is var (kind, name) && new ObjectKey(chain.Namespace, kind, $"{chain.Table} {name}") is var key && !state.Contains(key))
                {
                    return Errors.Busy($"leave {chain.Describe()} without {key.Name}");
                }
            }
        }

        foreach (var element in state.Objects.OfType<FirewallElementState>())
        {
            if (element.Value?.Split(' ') is ["jump" or "goto", var chain]
                && !state.Contains(new ObjectKey(element.Namespace, ObjectKind.FirewallChain, $"{element.Table} {chain}")))
            {
                return Errors.Busy($"leave {element.Describe()} without its chain");
            }
        }

        return null;
    }

    private ImmutableArray<OperationResult> RefuseReally(KernelBatch batch, int index, KernelError error)
    {
        _refusals.Add(error);
        return RefuseAll(batch, index, error);
    }

    private static ImmutableArray<OperationResult> RefuseAll(KernelBatch batch, int index, KernelError error) =>
    [
        .. batch.Operations.Select((o, i) => new OperationResult(
            i == index ? error : Errors.Cancelled(Describe(o)) with { IsTransient = error.IsTransient })),
    ];

    private static ImmutableArray<OperationResult> AllDone(KernelBatch batch) => [.. batch.Operations.Select(static _ => OperationResult.Done)];
}
