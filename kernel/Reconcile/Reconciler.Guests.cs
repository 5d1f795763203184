using System.Collections.Immutable;

namespace Networking.Kernel;

/// <content>
/// Objects of one scope that travel with what another makes for them.
/// <para>
/// Elements with the sets they go into and the chains that look into them: where a firewall that is already in use changes its
/// layout (another version of us made it), chains and sets are replaced in one transaction; were the elements of networks and
/// endpoints to follow in another, a packet between the two would meet rules whose sets are empty. The same where the host's
/// firewall moves from one backend to another, and a table of ours takes the place of another; and where somebody has flushed it
/// and it comes back.
/// </para>
/// <para>
/// Routes with the interface they lead out by: the default route is the sandbox's, the interface an endpoint's. Both go to the
/// kernel in one send, and nobody has to look for the interface a second time.
/// </para>
/// </content>
public sealed partial class Reconciler
{
    // With the operations of the scope itself they still fit one batch; those of more follow in batches of their own.
    private const int GuestsMax = 3072;

    /// <summary>Creations of one scope that travel with the operations of another.</summary>
    private sealed record Guest(ScopeEntry Scope, ImmutableArray<KernelOperation> Operations)
    {
        /// <summary>Those whose elements stood in another table, or in a set that is made anew: nobody's connections change.</summary>
        public ImmutableHashSet<ObjectKey> Moved { get; init; } = [];
    }

    // What was refused goes again without guests: it may have been one of theirs.
    private ImmutableArray<Guest> GuestsOf(ScopeEntry entry, KernelPlan plan) =>
        entry.Attempts > 0 ? [] : [.. ElementGuests(entry, plan), .. RouteGuests(plan)];

    // What the scopes below put into the sets of a firewall that packets may be meeting already.
    private List<Guest> ElementGuests(ScopeEntry entry, KernelPlan plan)
    {
        var guests = new List<Guest>();
        if (!plan.Operations.Any(static o => o is { Verb: not OperationVerb.Delete, After: FirewallSetState or FirewallChainState }))
        {
            return guests;
        }

        var (fresh, renewed, kept) = SetsOf(entry, plan);
        var count = 0;
        foreach (var scope in fresh.Count + kept.Count == 0 ? [] : ScopesBelow(entry))
        {
            // Something of it stands: packets are on their way that a chain without its elements would drop.
            var isInUse = scope.Observed.Count > 0;
            var operations = OperationsInto(isInUse ? fresh : renewed, isInUse ? kept : [], scope);
            count += operations.Length;
            if (count > GuestsMax)
            {
                break;
            }

            if (!operations.IsEmpty)
            {
                scope.IsApplying = true; // until GuestsApplied
                guests.Add(new Guest(scope, operations) { Moved = MovedIn(operations, scope) });
            }
        }

        return guests;
    }

    // The sets that a plan makes; of these, those in a table that is there or in the place of one; and the host's that stay,
    // if the plan makes or changes a chain, which may look into them.
    private static (HashSet<ObjectKey> Fresh, HashSet<ObjectKey> Renewed, HashSet<ObjectKey> Kept) SetsOf(ScopeEntry entry, KernelPlan plan)
    {
        var made = plan.Operations.Where(static o => o is { Verb: OperationVerb.Create, After: FirewallSetState }).ToArray();
        var tables = entry.Observed.Objects.OfType<FirewallTableState>().Select(static t => t.Namespace).ToHashSet();
        var kept = plan.Operations.Any(static o => o is { Verb: not OperationVerb.Delete, After: FirewallChainState, Key.Namespace.IsHost: true })
            ? entry.Observed.Objects.OfType<FirewallSetState>().Where(s => s.Namespace.IsHost && entry.Desired.Contains(s.Key)).Select(static s => s.Key)
            : [];
        var fresh = made.Select(static o => o.Key).ToHashSet();
        return (
            [.. fresh.Where(k => k.Namespace.IsHost || tables.Contains(k.Namespace))],
            [.. fresh.Where(k => tables.Contains(k.Namespace))],
            [.. kept.Where(k => !fresh.Contains(k))]);
    }

    // What waits for nothing but the interfaces that this plan makes: it goes behind all of it, when they are up.
    private List<Guest> RouteGuests(KernelPlan plan)
    {
        var guests = new List<Guest>();
        foreach (var operation in _waitingForObject.Count == 0 ? [] : plan.Operations)
        {
            if (operation is not { Verb: OperationVerb.Create, After: LinkState link } || !_waitingForObject.TryGetValue(link.Key, out var waiting))
            {
                continue;
            }

            foreach (var scope in waiting.Order().Select(id => _scopes.GetValueOrDefault(id)).OfType<ScopeEntry>().Where(CanBeGuest))
            {
                var wanted = KernelPlan.Between(scope.Observed, scope.Desired, key => key == link.Key || IsPresent(scope, key)).Operations;
                if (!wanted.IsEmpty && wanted.All(o => o is { Verb: OperationVerb.Create, After: RouteState route } && route.Container == link.Key && !_holders.ContainsKey(o.Key) && !_makers.ContainsKey(o.Key)))
                {
                    scope.IsApplying = true; // until GuestsApplied
                    guests.Add(new Guest(scope, wanted));
                }
            }
        }

        return guests;
    }

    private static bool CanBeGuest(ScopeEntry scope) =>
        scope is { IsRemoving: false, IsApplying: false, IsSuspect: false, InDoubt.Count: 0, Attempts: 0 };

    private IEnumerable<ScopeEntry> ScopesBelow(ScopeEntry entry) => entry.Children
        .Order()
        .Select(id => _scopes[id])
        .Where(CanBeGuest)
        .SelectMany(s => ScopesBelow(s).Prepend(s));

    // What it had in a set that is made anew goes with the old set. Of what it takes out of a set that stays, the place may be needed.
    private ImmutableArray<KernelOperation> OperationsInto(HashSet<ObjectKey> fresh, HashSet<ObjectKey> kept, ScopeEntry scope)
    {
        if (fresh.Count == 0 && (kept.Count == 0 || !scope.Desired.Objects.Any(o => o is FirewallElementState && !scope.Observed.Contains(o.Key))))
        {
            return [];
        }

        var staying = KernelState.Of(scope.Observed.Objects.Where(o => o is not FirewallElementState element || !fresh.Contains(SetOf(element))));
        var wanted = KernelPlan.Between(staying, scope.Desired, link => IsPresent(scope, link)).Operations;
        var left = wanted.Select(static o => o.Before).OfType<FirewallElementState>().Select(SetOf).ToHashSet();
        return
        [
            .. wanted.Where(o =>
                o is { Verb: OperationVerb.Create, After: FirewallElementState element }
                && (fresh.Contains(SetOf(element)) || (kept.Contains(SetOf(element)) && !left.Contains(SetOf(element))))
                && KeeperOf(scope, o.Key) is null),
        ];
    }

    private static ImmutableHashSet<ObjectKey> MovedIn(ImmutableArray<KernelOperation> operations, ScopeEntry scope)
    {
        var standing = scope.Observed.Objects.OfType<FirewallElementState>().Select(static e => (e.Set, Key: string.Join(" . ", e.KeyParts), e.Value)).ToHashSet();
        return [.. operations.Where(o => o.After is FirewallElementState e && standing.Contains((e.Set, string.Join(" . ", e.KeyParts), e.Value))).Select(static o => o.Key)];
    }

    private static ObjectKey SetOf(FirewallElementState element) => FirewallSetState.KeyOf(element.Namespace, element.Table, element.Set);

    // Elements behind the last step of the firewall: sets, chains and elements are then one transaction. Routes behind everything.
    private static IEnumerable<KernelOperation> WithGuests(ImmutableArray<KernelOperation> operations, ImmutableArray<Guest> guests)
    {
        if (guests.IsEmpty)
        {
            return operations;
        }

        var theirs = guests.SelectMany(static g => g.Operations).ToLookup(static o => o.Lane == Lane.Firewall);
        var last = operations.LastOrDefault(static o => o.Lane == Lane.Firewall && o.Key.Namespace.IsHost);
        var behind = theirs[true].Any() && last is not null ? operations.LastIndexOf(last) + 1 : 0;
        return operations.Take(behind).Concat(theirs[true]).Concat(operations.Skip(behind)).Concat(theirs[false]);
    }

    private void GuestsApplied(ScopeEntry entry, ImmutableArray<Guest> guests, Dictionary<ObjectKey, KernelError?> outcomes)
    {
        foreach (var guest in guests)
        {
            var (scope, operations) = guest;
            scope.IsApplying = false;
            var done = operations.Where(o => IsDone(o.Key, outcomes)).ToImmutableArray();
            EndMaking(operations);
            SetObserved(scope, done.Aggregate(scope.Observed, KernelPlan.Fold));
            scope.IsSuspect |= done.Length < operations.Length
                || (entry.LostMeanwhile is { } lost && operations.Any(o => DependenciesOf(o.Target).Any(lost.Contains)));
            Announce(DerivedTransitions.Of([.. done.Where(o => !guest.Moved.Contains(o.Key))], scope.Desired));
            MarkDirty(scope);
        }
    }
}
