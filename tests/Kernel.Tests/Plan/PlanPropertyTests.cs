using Networking.Model;

namespace Networking.Kernel.Tests.Plan;

/// <summary>What holds of every plan, tried on states that a seed decides.</summary>
public sealed class PlanPropertyTests
{
    private const int Rounds = 2000;

    [Fact]
    public void Applied_it_yields_what_was_desired() => Each(static (observed, desired) =>
    {
        var result = KernelPlan.Between(observed, desired).ApplyTo(observed);
        Assert.Equal(desired.Keys, result.Keys);
        Assert.All(desired.Objects, wanted => Assert.Equal(DifferenceKind.None, wanted.CompareTo(result[wanted.Key]!).Kind)); // same keys
    });

    [Fact]
    public void Between_equals_there_is_nothing_to_do() => Each(static (_, desired) =>
        Assert.True(KernelPlan.Between(desired, desired).IsEmpty, KernelPlan.Between(desired, desired).ToString()));

    [Fact]
    public void Applied_twice_it_has_nothing_left_to_do() => Each(static (observed, desired) =>
    {
        var once = KernelPlan.Between(observed, desired).ApplyTo(observed);
        Assert.True(KernelPlan.Between(once, desired).IsEmpty, KernelPlan.Between(once, desired).ToString());
    });

    [Fact]
    public void Deletions_come_before_creations_and_changes() => Each(static (observed, desired) =>
    {
        var verbs = KernelPlan.Between(observed, desired).Operations.Select(static o => o.Verb == OperationVerb.Delete ? 0 : 1).ToArray();
        Assert.Equal(verbs.Order(), verbs);
    });

    [Fact]
    public void A_container_is_made_before_what_it_contains_and_taken_away_after_it() => Each(static (observed, desired) =>
    {
        var operations = KernelPlan.Between(observed, desired).Operations;
        var made = operations.Select((o, i) => (o, i)).Where(static x => x.o.After is not null).ToDictionary(static x => x.o.Key, static x => x.i);
        var deleted = operations.Select((o, i) => (o, i)).Where(static x => x.o.Verb == OperationVerb.Delete).ToDictionary(static x => x.o.Key, static x => x.i);
        foreach (var operation in operations)
        {
            foreach (var below in operation.Target is LinkState link ? [.. link.StandsOn] : operation.Target.Container is { } c ? [c] : (ObjectKey[])[])
            {
                if (operation.Verb == OperationVerb.Delete)
                {
                    Assert.True(!deleted.TryGetValue(below, out var at) || at > deleted[operation.Key], $"{below} goes before {operation}");
                }
                else
                {
                    Assert.True(!made.TryGetValue(below, out var at) || at < made[operation.Key], $"{below} comes after {operation}");
                }
            }
        }
    });

    [Fact]
    public void The_firewall_stands_before_the_link_and_falls_after_it() => Each(static (observed, desired) =>
    {
        var operations = KernelPlan.Between(observed, desired).Operations;
        var made = operations.Where(static o => o.After is not null).Select(static o => Rank(o.Key.Kind)).ToArray();
        var deleted = operations.Where(static o => o.Verb == OperationVerb.Delete).Select(static o => -Rank(o.Key.Kind)).ToArray();
        Assert.Equal(made.Order(), made);
        Assert.Equal(deleted.Order(), deleted);
    });

    [Fact]
    public void What_dies_by_itself_has_something_that_takes_it_along() => Each(static (observed, desired) =>
    {
        var operations = KernelPlan.Between(observed, desired).Operations;
        var sent = operations.Where(static o => o is { Verb: OperationVerb.Delete, IsImplied: false }).Select(static o => o.Key).ToHashSet();
        foreach (var implied in operations.Where(static o => o.IsImplied))
        {
            Assert.Equal(OperationVerb.Delete, implied.Verb);
            Assert.True(
                implied.Target is LinkState { Details: ExistingLink } or SysctlState
                    || IsTakenAlong(implied.Target, observed, sent),
                $"nothing takes {implied} along");
        }
    });

    [Fact]
    public void A_device_that_is_not_ours_is_never_deleted() => Each(static (observed, desired) =>
        Assert.DoesNotContain(
            KernelPlan.Between(observed, desired).Operations,
            static o => o is { Verb: OperationVerb.Delete, IsImplied: false, Before: LinkState { Details: ExistingLink } }));

    [Fact]
    public void It_is_the_same_whoever_computes_it_and_when() => Each(static (observed, desired) =>
        Assert.Equal(
            KernelPlan.Between(observed, desired).ToString(),
            KernelPlan.Between(KernelState.Of(observed.Objects.Reverse()), KernelState.Of(desired.Objects.Reverse())).ToString()));

    private static bool IsTakenAlong(KernelObject item, KernelState observed, HashSet<ObjectKey> sent)
    {
        for (var container = ContainerOf(item); container is { } key; container = observed[key] is { } above ? ContainerOf(above) : null)
        {
            if (sent.Contains(key))
            {
                return true;
            }
        }

        return false;
    }

    private static ObjectKey? ContainerOf(KernelObject item) => item switch
    {
        FirewallSetState set => FirewallTableState.KeyOf(set.Namespace, set.Table),
        FirewallChainState chain => FirewallTableState.KeyOf(chain.Namespace, chain.Table),
        _ => item.Container,
    };

    private static int Rank(ObjectKind kind) => kind switch
    {
        ObjectKind.Sysctl => 0,
        < ObjectKind.ForwardingSysctl => 1,
        ObjectKind.ForwardingSysctl => 2,
        ObjectKind.Link => 3,
        _ => 4,
    };

    private static void Each(Action<KernelState, KernelState> check)
    {
        for (var seed = 1; seed <= Rounds; seed++)
        {
            var states = new RandomStates(seed);
            var (observed, desired) = (states.Next(), states.Next());
            try
            {
                check(observed, desired);
            }
            catch (Exception e)
            {
                throw new InvariantException($"seed {seed}:\n{KernelPlan.Between(observed, desired)}", e);
            }
        }
    }
}
