using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Kernel;

/// <summary>Intent, statuses and who waits for whom.</summary>
public sealed partial class Reconciler
{
    // Objects found to be ours that no intent knows: desired by nobody, so every plan deletes them.
    private static readonly ScopeId s_orphans = new("orphans");

    private readonly Dictionary<ObjectKey, ScopeId> _owners = []; // who desires an object
    private readonly Dictionary<ObjectKey, ScopeId> _holders = []; // whose shadow it is in
    private readonly Dictionary<ObjectKey, HashSet<ObjectKey>> _dependents = []; // objects that change when a link goes
    private readonly Dictionary<ScopeId, HashSet<ScopeId>> _waitingForScope = [];
    private readonly Dictionary<ObjectKey, HashSet<ScopeId>> _waitingForObject = [];

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

        SetDesired(entry, change.Desired ?? KernelState.Empty);
        entry.Revision = change.Revision;
        entry.IsRemoving = change.Desired is null;
        entry.Attempts = 0;
        entry.NextTry = default;
        SetStatus(entry, entry.IsRemoving ? ScopeCondition.Removing : ScopeCondition.Pending, "in work", null);
        MarkDirty(entry);
    }

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
                _ = _owners.Remove(key);
            }
        }

        foreach (var key in desired.Keys)
        {
            Invariant.Check(
                !_owners.TryGetValue(key, out var owner) || owner == entry.Id, $"{key} is desired by {owner} and by {entry.Id}");
            _owners[key] = entry.Id;
        }

        entry.Desired = desired;
    }

    private void SetObserved(ScopeEntry entry, KernelState observed)
    {
        var before = entry.Observed;
        entry.Observed = observed;
        foreach (var item in before.Objects)
        {
            if (!observed.Contains(item.Key))
            {
                Release(entry, item);
            }
            else
            {
                RemoveDependency(item);
            }
        }

        foreach (var item in observed.Objects)
        {
            _holders[item.Key] = entry.Id;
            AddDependency(item);
            if (before[item.Key] is not { } was || was != item)
            {
                Wake(item.Key);
                if (item.Container is { } container)
                {
                    Wake(container); // who waits for a link waits for its addresses too
                }
            }
        }
    }

    // The object is gone: forget what stood on it, and wake who waited for its name.
    private void Release(ScopeEntry entry, KernelObject item)
    {
        RemoveDependency(item);
        if (_holders.TryGetValue(item.Key, out var holder) && holder == entry.Id)
        {
            _ = _holders.Remove(item.Key);
        }

        if (item.Key.Kind == ObjectKind.Link)
        {
            DropDependents(item.Key);
        }

        Wake(item.Key);
    }

    private void DropDependents(ObjectKey link)
    {
        if (!_dependents.TryGetValue(link, out var dependents))
        {
            return;
        }

        foreach (var key in dependents.ToArray())
        {
            if (!_holders.TryGetValue(key, out var holder) || _scopes[holder].Observed[key] is not { } item)
            {
                continue;
            }

            var owner = _scopes[holder];
            // A port outlives its bridge; everything else on a link dies with it.
            SetObserved(owner, item is LinkState port && item.Container != link
                ? owner.Observed.With(port with { Master = string.Empty })
                : owner.Observed.Without(key));
            MarkDirty(owner);
        }
    }

    private static IEnumerable<ObjectKey> DependenciesOf(KernelObject item)
    {
        if (item.Container is { } container)
        {
            yield return container;
        }

        if (item is LinkState { Master: { Length: > 0 } master })
        {
            yield return LinkState.KeyOf(item.Namespace, master);
        }
    }

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

    private void AddWaiter(ScopeId scope, long revision, TaskCompletionSource done)
    {
        if (!_scopes.TryGetValue(scope, out var entry) || IsSettled(entry, revision))
        {
            done.SetResult();
            return;
        }

        _ = entry.Waiters.RemoveAll(static w => w.Task.IsCompleted);
        entry.Waiters.Add(done);
    }

    private static bool IsSettled(ScopeEntry entry, long revision) =>
        entry.Revision >= revision && !entry.IsApplying
        && entry.Status.Condition is ScopeCondition.Done or ScopeCondition.Error && !entry.IsDirty;

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
            CompleteWaiters(entry);
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

        CompleteWaiters(entry);
        Wake(entry.Id);
        _listener.ScopeChanged(entry.Id, null);
    }

    private static void CompleteWaiters(ScopeEntry entry)
    {
        foreach (var waiter in entry.Waiters)
        {
            _ = waiter.TrySetResult();
        }

        entry.Waiters.Clear();
    }

    // An object of another scope can stand on a link once the link is as its owner wants it and has its addresses: a
    // route by a link that a killed daemon had made, and not yet raised, would be refused.
    private bool IsPresent(ObjectKey link)
    {
        if (!_owners.TryGetValue(link, out var owner))
        {
            return link.Namespace.IsHost || _holders.ContainsKey(link);
        }

        var entry = _scopes[owner];
        foreach (var item in entry.Desired.Objects)
        {
            if ((item.Key == link || (item is AddressState && item.Container == link))
                && (entry.Observed[item.Key] is not { } found || item.CompareTo(found).Kind != DifferenceKind.None))
            {
                return false;
            }
        }

        return true;
    }

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
