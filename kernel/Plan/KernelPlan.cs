using System.Collections.Immutable;

namespace Networking.Kernel;

/// <summary>
/// What has to be done to turn one state into another: pure, printable, and the same for a dry run, a diff, a repair and
/// an apply. Deletions come first and bottom-up, then creations and changes top-down, so that the firewall stands before
/// the link it guards and falls after it.
/// </summary>
public sealed record KernelPlan
{
    /// <summary>Nothing to do.</summary>
    public static KernelPlan Empty { get; } = new();

    /// <summary>The steps in order.</summary>
    public ImmutableArray<KernelOperation> Operations { get; init; } = [];

    /// <summary>What is done once after the steps, best effort.</summary>
    public ImmutableArray<Transition> Transitions { get; init; } = [];

    /// <summary>
    /// Interfaces of other scopes that must be there before the rest of the desired state can be, and those left alone that
    /// are down.
    /// </summary>
    public ImmutableArray<ObjectKey> Needs { get; init; } = [];

    /// <summary>True if there is no step; <see cref="Needs"/> may still be waiting.</summary>
    public bool IsEmpty => Operations.IsEmpty;

    /// <summary>Computes the plan between two states of one scope.</summary>
    /// <param name="observed">What is believed or was read of the scope's objects.</param>
    /// <param name="desired">What the scope's objects shall be.</param>
    /// <param name="isPresent">Whether an interface that belongs to another scope is there; null for "always".</param>
    public static KernelPlan Between(KernelState observed, KernelState desired, Predicate<ObjectKey>? isPresent = null)
    {
        ArgumentNullException.ThrowIfNull(observed);
        ArgumentNullException.ThrowIfNull(desired);
        var removed = Removed(observed, desired);
        var operations = ImmutableArray.CreateBuilder<KernelOperation>();
        AddDeletions(observed, removed, operations);
        var needs = AddCreations(observed, desired, removed, isPresent ?? (static _ => true), operations);
        return new KernelPlan
        {
            Operations = operations.ToImmutable(),
            Transitions = DerivedTransitions.Of(operations, desired),
            Needs = needs,
        };
    }

    /// <summary>The state after every step was done: what the shadow becomes.</summary>
    public KernelState ApplyTo(KernelState state)
    {
        foreach (var operation in Operations)
        {
            state = Fold(state, operation);
        }

        return state;
    }

    /// <summary>The state after one step was done.</summary>
    public static KernelState Fold(KernelState state, KernelOperation operation)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(operation);
        return operation.After is { } after ? state.With(after) : state.Without(operation.Key);
    }

    /// <summary>The plan as text, a step a line.</summary>
    public override string ToString() =>
        string.Join('\n', Operations.Select(static o => o.ToString()).Concat(Transitions.Select(static t => t.ToString())));

    // Everything that will not stand as it stands: not desired any more, to be replaced, or inside something that is.
    private static HashSet<ObjectKey> Removed(KernelState observed, KernelState desired)
    {
        var removed = new HashSet<ObjectKey>();
        var replacesSet = false;
        foreach (var item in observed.Objects)
        {
            var wanted = desired[item.Key];
            if (wanted is null || wanted.CompareTo(item).Kind == DifferenceKind.Replace)
            {
                removed.Add(item.Key);
                replacesSet |= item is FirewallSetState;
            }
        }

        // A set cannot go while rules look into it, and an observed rule does not say where it looks.
        if (replacesSet)
        {
            removed.UnionWith(observed.Keys.Where(static k => k.Kind == ObjectKind.FirewallChain));
        }

        // A pair that has lost its sandbox end cannot be mended: its making end is replaced, which makes both anew.
        foreach (var link in desired.Objects.OfType<LinkState>())
        {
            if (link.Details is VethPeerLink && !observed.Contains(link.Key)
                && link.Container is { } maker && observed.Contains(maker) && desired.Contains(maker))
            {
                removed.Add(maker);
            }
        }

        // Containers come before what they contain: one pass closes the set.
        foreach (var item in TopDown(observed))
        {
            if (item.Container is { } container && (Dies(container, observed, removed) || IsMissing(container, observed, desired)))
            {
                removed.Add(item.Key);
            }
        }

        return removed;
    }

    // A device that stands without us stays when our interest in it ends, and so does what is on it.
    private static bool Dies(ObjectKey container, KernelState observed, HashSet<ObjectKey> removed) =>
        removed.Contains(container) && observed[container] is not LinkState { Details: ExistingLink };

    private static bool IsMissing(ObjectKey container, KernelState observed, KernelState desired) =>
        desired.Contains(container) && !observed.Contains(container);

    private static void AddDeletions(
        KernelState observed, HashSet<ObjectKey> removed, ImmutableArray<KernelOperation>.Builder operations)
    {
        foreach (var item in TopDown(observed).Reverse())
        {
            if (removed.Contains(item.Key))
            {
                operations.Add(new KernelOperation(OperationVerb.Delete, item, null, [])
                {
                    IsImplied = DiesByItself(item, observed, removed),
                });
            }
        }
    }

    private static bool DiesByItself(KernelObject item, KernelState observed, HashSet<ObjectKey> removed)
    {
        switch (item)
        {
            case LinkState { Details: ExistingLink }:
            case SysctlState sysctl when sysctl.Original is null || sysctl.Original == sysctl.Value:
                return true; // it stays as it is; only our interest in it ends
            case LinkState { Details: VethPeerLink }:
                return false; // its name must be free at once, before the pair dies in the background
            case FirewallSetState set:
                return removed.Contains(FirewallTableState.KeyOf(set.Namespace, set.Table));
            case FirewallChainState chain:
                return removed.Contains(FirewallTableState.KeyOf(chain.Namespace, chain.Table));
        }

        if (item.Container is not { } container || !Dies(container, observed, removed))
        {
            return false;
        }

        return observed[container] switch
        {
            LinkState { Details: ExistingLink } => false, // an adopted link stays, and what we put on it must not

            // The sandbox end outlives the request by some milliseconds; an IPv4 address on it must not.
            LinkState { Details: VethPeerLink } => item is not AddressState,
            _ => true,
        };
    }

    private static ImmutableArray<ObjectKey> AddCreations(
        KernelState observed,
        KernelState desired,
        HashSet<ObjectKey> removed,
        Predicate<ObjectKey> isPresent,
        ImmutableArray<KernelOperation>.Builder operations)
    {
        var needs = ImmutableArray.CreateBuilder<ObjectKey>();
        foreach (var item in TopDown(desired))
        {
            var current = removed.Contains(item.Key) || IsForgotten(item, observed, desired) ? null : observed[item.Key];
            var difference = current is null ? null : item.CompareTo(current);
            if (difference is { Kind: DifferenceKind.None })
            {
                continue;
            }

            if (current is not null && item is LinkState { Details: ExistingLink { IsLeftAlone: true } })
            {
                needs.Add(item.Key); // its owner's to mend
            }
            else if (item.Container is { } container && !desired.Contains(container) && !isPresent(container))
            {
                needs.Add(container);
            }
            else
            {
                operations.Add(difference is null
                    ? new KernelOperation(OperationVerb.Create, null, item, [])
                    : new KernelOperation(OperationVerb.Change, current, item, difference.Fields));
            }
        }

        return needs.ToImmutable();
    }

    // The kernel forgets the IPv6 values of a link whose MTU becomes too small for it; what is believed of them is from before.
    private static bool IsForgotten(KernelObject item, KernelState observed, KernelState desired) =>
        item is SysctlState { Container: { } link } sysctl && sysctl.Path.StartsWith("net/ipv6/", StringComparison.Ordinal)
        && observed[link] is LinkState { MtuBytes: { } mtu and < LinkState.Ipv6MtuMin }
        && desired[link] is LinkState wanted && wanted.MtuFrom(mtu) >= LinkState.Ipv6MtuMin;

    // Key order, which names alone decide among links, corrected where a link stands on one of a later name.
    private static IEnumerable<KernelObject> TopDown(KernelState state)
    {
        var isInOrder = state.Objects.OfType<LinkState>()
            .All(link => link.StandsOn.All(below => below.CompareTo(link.Key) < 0 || !state.Contains(below)));
        if (isInOrder)
        {
            return state.Objects;
        }

        var ordered = new List<KernelObject>(state.Count);
        var seen = new HashSet<ObjectKey>();
        foreach (var item in state.Objects)
        {
            AddAbove(item, state, seen, ordered);
        }

        return ordered;
    }

    private static void AddAbove(KernelObject item, KernelState state, HashSet<ObjectKey> seen, List<KernelObject> ordered)
    {
        if (!seen.Add(item.Key))
        {
            return;
        }

        foreach (var below in item is LinkState link ? link.StandsOn : [])
        {
            if (state[below] is { } first)
            {
                AddAbove(first, state, seen, ordered);
            }
        }

        ordered.Add(item);
    }
}
