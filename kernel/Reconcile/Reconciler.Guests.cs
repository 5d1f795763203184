using System.Collections.Immutable;

namespace Networking.Kernel;

/// <content>
/// Elements that travel with the sets they go into. Where a firewall that is already in use changes its layout (another
/// version of us made it), chains and sets are replaced in one transaction; were the elements of networks and endpoints to
/// follow in another, a packet between the two would meet rules whose sets are empty. The same where the host's firewall moves
/// from one backend to another, and a table of ours takes the place of another.
/// </content>
public sealed partial class Reconciler
{
    // With the operations of the scope itself they still fit one batch; those of more follow in batches of their own.
    private const int GuestsMax = 3072;

    /// <summary>Creations of one scope that travel with the operations of another.</summary>
    private sealed record Guest(ScopeEntry Scope, ImmutableArray<KernelOperation> Operations)
    {
        /// <summary>Those whose elements stood in another table, or in a set that is made anew: nobody's connections change.</summary>
        public required ImmutableHashSet<ObjectKey> Moved { get; init; }
    }

    // What the scopes below put into sets that this plan makes in a table that is there, or in the place of one. A transaction that was refused
    // goes again without them: what was refused may have been one of theirs.
    private ImmutableArray<Guest> GuestsOf(ScopeEntry entry, KernelPlan plan)
    {
        var fresh = plan.Operations
            .Where(o => o is { Verb: OperationVerb.Create, After: FirewallSetState set }
                && entry.Observed.Objects.Any(t => t is FirewallTableState && t.Namespace == set.Namespace))
            .Select(static o => o.Key)
            .ToHashSet();
        if (fresh.Count == 0 || entry.Attempts > 0)
        {
            return [];
        }

        var guests = ImmutableArray.CreateBuilder<Guest>();
        var count = 0;
        foreach (var scope in ScopesBelow(entry))
        {
            var operations = OperationsInto(fresh, scope);
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

        return guests.ToImmutable();
    }

    private IEnumerable<ScopeEntry> ScopesBelow(ScopeEntry entry) => entry.Children
        .Order()
        .Select(id => _scopes[id])
        .Where(static s => s is { IsRemoving: false, IsApplying: false, IsSuspect: false, InDoubt.Count: 0, Attempts: 0 })
        .SelectMany(s => ScopesBelow(s).Prepend(s));

    // What it had in a set that is made anew goes with the old set.
    private ImmutableArray<KernelOperation> OperationsInto(HashSet<ObjectKey> fresh, ScopeEntry scope)
    {
        var staying = KernelState.Of(scope.Observed.Objects.Where(o => o is not FirewallElementState element || !fresh.Contains(SetOf(element))));
        return
        [
            .. KernelPlan.Between(staying, scope.Desired, link => IsPresent(scope, link)).Operations.Where(o =>
                o is { Verb: OperationVerb.Create, After: FirewallElementState element } && fresh.Contains(SetOf(element))
                && (!_holders.TryGetValue(o.Key, out var holder) || holder == scope.Id)),
        ];
    }

    private static ImmutableHashSet<ObjectKey> MovedIn(ImmutableArray<KernelOperation> operations, ScopeEntry scope)
    {
        var standing = scope.Observed.Objects.OfType<FirewallElementState>().Select(static e => (e.Set, Key: string.Join(" . ", e.KeyParts), e.Value)).ToHashSet();
        return [.. operations.Where(o => o.After is FirewallElementState e && standing.Contains((e.Set, string.Join(" . ", e.KeyParts), e.Value))).Select(static o => o.Key)];
    }

    private static ObjectKey SetOf(FirewallElementState element) => FirewallSetState.KeyOf(element.Namespace, element.Table, element.Set);

    // Behind the last step of the firewall: sets, chains and elements are then one transaction.
    private static IEnumerable<KernelOperation> WithGuests(ImmutableArray<KernelOperation> operations, ImmutableArray<Guest> guests)
    {
        var host = guests.IsEmpty ? default : guests[0].Operations[0].Key.Namespace;
        var last = guests.IsEmpty
            ? -1
            : operations.Select(static (o, i) => (o, i)).Last(p => p.o.Lane == Lane.Firewall && p.o.Key.Namespace == host).i;
        return operations.Take(last + 1).Concat(guests.SelectMany(static g => g.Operations)).Concat(operations.Skip(last + 1));
    }

    private void GuestsApplied(ScopeEntry entry, ImmutableArray<Guest> guests, Dictionary<ObjectKey, KernelError?> outcomes)
    {
        foreach (var guest in guests)
        {
            var (scope, operations) = guest;
            scope.IsApplying = false;
            var done = operations.Where(o => IsDone(o.Key, outcomes)).ToImmutableArray();
            SetObserved(scope, done.Aggregate(scope.Observed, KernelPlan.Fold));
            scope.IsSuspect |= done.Length < operations.Length
                || (entry.LostMeanwhile is { } lost && operations.Any(o => DependenciesOf(o.Target).Any(lost.Contains)));
            Announce(DerivedTransitions.Of([.. done.Where(o => !guest.Moved.Contains(o.Key))], scope.Desired));
            MarkDirty(scope);
        }
    }
}
