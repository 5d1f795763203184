using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Kernel;

/// <summary>Intent, statuses and which scope waits for which.</summary>
public sealed partial class Reconciler
{
    // Objects found to be ours that no intent knows: desired by nobody, so every plan deletes them.
    private static readonly ScopeId s_orphans = new("orphans");

    private readonly Dictionary<ObjectKey, ScopeId> _owners = []; // who desires an object
    private readonly Dictionary<ObjectKey, ScopeId> _holders = []; // whose shadow it is in
    private readonly Dictionary<ObjectKey, ScopeId> _doubters = []; // who may have made it
    private readonly Dictionary<ObjectKey, HashSet<ObjectKey>> _dependents = []; // objects that change when a link goes
    private readonly Dictionary<ScopeId, HashSet<ScopeId>> _waitingForScope = [];
    private readonly Dictionary<ObjectKey, HashSet<ScopeId>> _waitingForObject = [];

    private void ReleaseClaims(ScopeChange change)
    {
        if (_scopes.TryGetValue(change.Scope, out var entry))
        {
            foreach (var key in entry.Desired.Keys)
            {
                if (change.Desired is null || !change.Desired.Contains(key))
                {
                    Disown(entry, key);
                }
            }
        }
    }

    private void Disown(ScopeEntry entry, ObjectKey key)
    {
        if (_owners.TryGetValue(key, out var owner) && owner == entry.Id)
        {
            _ = _owners.Remove(key);
        }
    }

    private void SetScope(ScopeChange change)
    {
        if (!_scopes.TryGetValue(change.Scope, out var entry))
        {
            if (change.Desired is null)
            {
                return;
            }

            entry = new ScopeEntry(change.Scope, _time.GetUtcNow());
            _scopes.Add(change.Scope, entry);
        }

        if (change.Desired is not null)
        {
            SetParents(entry, change.Parents); // a scope on its way out keeps the parents that must outlive it
        }

        var desired = change.Desired ?? KernelState.Empty;
        KeepUnseen(entry, desired);
        SetDesired(entry, desired);
        entry.Revision = change.Revision;
        entry.IsRemoving = change.Desired is null;
        entry.IsWaitingForNeeds = false;
        entry.Attempts = 0;
        entry.NextTry = default;
        entry.IsSuspect |= _unseen.Count > 0 && NamespacesOf(entry).Any(_unseen.Contains);
        SetStatus(entry, InWork(entry), "in work", null);
        MarkDirty(entry);
    }

    private static ScopeCondition InWork(ScopeEntry entry) => entry.IsRemoving ? ScopeCondition.Removing : ScopeCondition.Pending;

    private void SetParents(ScopeEntry entry, ImmutableArray<ScopeId> parents)
    {
        foreach (var parent in entry.Parents)
        {
            if (!parents.Contains(parent) && _scopes.TryGetValue(parent, out var old))
            {
                _ = old.Children.Remove(entry.Id);
                Wake(parent);
            }
        }

        entry.Parents = parents;
        foreach (var parent in parents)
        {
            Invariant.Check(_scopes.ContainsKey(parent), $"{entry.Id} names a parent {parent} that is not there");
            _ = _scopes[parent].Children.Add(entry.Id);
        }
    }

    private void SetDesired(ScopeEntry entry, KernelState desired)
    {
        foreach (var key in entry.Desired.Keys)
        {
            if (!desired.Contains(key))
            {
                Disown(entry, key);
            }
        }

        foreach (var key in desired.Keys)
        {
            Invariant.Check(
                !_owners.TryGetValue(key, out var owner) || owner == entry.Id, $"{key} is desired by {owner} and by {entry.Id}");
            _owners[key] = entry.Id;
        }

        entry.Desired = desired;
        RememberOriginals(entry);
    }

    // The one way to change a shadow: who holds what, and what stands on what, follow it.
    private void SetObserved(ScopeEntry entry, KernelState observed)
    {
        var before = entry.Observed;
        if (ReferenceEquals(before, observed))
        {
            return;
        }

        entry.Observed = observed;
        List<ObjectKey>? lost = null;
        foreach (var item in before.Objects)
        {
            if (observed[item.Key] is not { } now)
            {
                RemoveDependency(item);
                _ = _holders.Remove(item.Key);
                (lost ??= []).Add(item.Key);
            }
            else if (!ReferenceEquals(now, item))
            {
                RemoveDependency(item);
            }
        }

        foreach (var item in observed.Objects)
        {
            var earlier = before[item.Key];
            if (!ReferenceEquals(earlier, item))
            {
                AddDependency(item);
            }

            if (earlier is null)
            {
                Invariant.Check(_holders.TryAdd(item.Key, entry.Id), $"{item.Key} is held by {entry.Id} and by another");
                Wake(item.Key);
            }
        }

        // Last, when the indexes are whole again: what stood on a lost object may be this scope's own.
        foreach (var key in lost ?? [])
        {
            Lose(key);
        }
    }

    // The object is gone: forget what stood on it, and wake who waited for its name.
    private void Lose(ObjectKey key)
    {
        if (CarriesOthers(key.Kind))
        {
            DropDependents(key);
        }

        Wake(key);
    }

    private static bool CarriesOthers(ObjectKind kind) => kind is ObjectKind.Link or ObjectKind.FirewallTable or ObjectKind.FirewallSet;

    private void DropDependents(ObjectKey lost)
    {
        foreach (var entry in _underWay)
        {
            _ = (entry.LostMeanwhile ??= []).Add(lost);
        }

        if (!_dependents.TryGetValue(lost, out var dependents))
        {
            return;
        }

        // A scope at a time, whatever it loses: an endpoint has thousands of elements in a set.
        foreach (var ofScope in dependents.Where(_holders.ContainsKey).ToLookup(key => _holders[key]))
        {
            var owner = _scopes[ofScope.Key];
            SetObserved(owner, Bereaved(owner.Observed, lost, ofScope));
            MarkDirty(owner);
        }
    }

    // A port outlives its bridge; everything else on a link dies with it.
    private static KernelState Bereaved(KernelState observed, ObjectKey lost, IEnumerable<ObjectKey> dependents)
    {
        var dead = new List<ObjectKey>();
        foreach (var key in dependents)
        {
            switch (observed[key])
            {
                case null:
                    break;
                case LinkState port when port.Container != lost:
                    observed = observed.With(port with { Master = string.Empty, Port = null });
                    break;
                default:
                    dead.Add(key);
                    break;
            }
        }

        return observed.Without(dead);
    }

    private static IEnumerable<ObjectKey> DependenciesOf(KernelObject item) => item switch
    {
        LinkState link => link.StandsOn,
        FirewallElementState element => [FirewallSetState.KeyOf(element.Namespace, element.Table, element.Set)],
        FirewallSetState set => [FirewallTableState.KeyOf(set.Namespace, set.Table)],
        FirewallChainState chain => [FirewallTableState.KeyOf(chain.Namespace, chain.Table)],
        { Container: { } container } => [container],
        _ => [],
    };

    private void AddDependency(KernelObject item)
    {
        foreach (var key in DependenciesOf(item))
        {
            AddTo(_dependents, key, item.Key);
        }
    }

    private void RemoveDependency(KernelObject item)
    {
        foreach (var key in DependenciesOf(item))
        {
            RemoveFrom(_dependents, key, item.Key);
        }
    }

    private void SetStatus(ScopeEntry entry, ScopeCondition condition, string? reason, DateTimeOffset? nextTry)
    {
        var old = entry.Status;
        var isSame = old.Condition == condition && old.Reason == reason;
        entry.Status = new ScopeStatus(
            condition, reason, isSame ? old.Since : _time.GetUtcNow(), nextTry, entry.Attempts, entry.Revision);
        _statuses[entry.Id] = entry.Status;
        if (!isSame)
        {
            _listener.ScopeChanged(entry.Id, entry.Status);
        }

        if (condition is ScopeCondition.Done or ScopeCondition.Error)
        {
            CompleteWaiters(entry, entry.Revision);
        }
    }

    private void RemoveScope(ScopeEntry entry)
    {
        SetDesired(entry, KernelState.Empty);
        _ = _scopes.Remove(entry.Id);
        _ = _statuses.TryRemove(entry.Id, out _);
        foreach (var parent in entry.Parents)
        {
            if (_scopes.TryGetValue(parent, out var above))
            {
                _ = above.Children.Remove(entry.Id);
            }

            Wake(parent);
        }

        CompleteWaiters(entry, long.MaxValue);
        Wake(entry.Id);
        _listener.ScopeChanged(entry.Id, null);
    }

    // Whether an interface of another scope is there for this one to put objects on.
    private bool IsPresent(ScopeEntry entry, ObjectKey link)
    {
        if (!_holders.TryGetValue(link, out var id))
        {
            return IsLeftToOthers(link);
        }

        // A child waits for its parent, and brings its link up only then: what the parent puts on that link would be
        // refused before, and each would wait for the other. So a child's link counts once the child is done with it.
        return !entry.Children.Contains(id) || _scopes[id] is { Status.IsDone: true, IsDirty: false, IsApplying: false };
    }

    private bool IsLeftToOthers(ObjectKey link) => link.Namespace.IsHost && !_owners.ContainsKey(link);

    private void MarkDirty(ScopeEntry entry)
    {
        if (!entry.IsDirty)
        {
            entry.IsDirty = true;
            _ready.Enqueue(entry);
        }
    }

    private void Wake(ScopeId scope) => WakeAll(_waitingForScope, scope);

    private void Wake(ObjectKey key) => WakeAll(_waitingForObject, key);

    private void WakeAll<T>(Dictionary<T, HashSet<ScopeId>> waiting, T what)
        where T : notnull
    {
        if (waiting.Remove(what, out var sleepers))
        {
            foreach (var sleeper in sleepers)
            {
                if (_scopes.TryGetValue(sleeper, out var entry))
                {
                    MarkDirty(entry);
                }
            }
        }
    }

    private static void AddTo<TKey, TValue>(Dictionary<TKey, HashSet<TValue>> index, TKey key, TValue value)
        where TKey : notnull
    {
        if (!index.TryGetValue(key, out var values))
        {
            index.Add(key, values = []);
        }

        _ = values.Add(value);
    }

    private static void RemoveFrom<TKey, TValue>(Dictionary<TKey, HashSet<TValue>> index, TKey key, TValue value)
        where TKey : notnull
    {
        if (index.TryGetValue(key, out var values) && values.Remove(value) && values.Count == 0)
        {
            _ = index.Remove(key);
        }
    }
}
