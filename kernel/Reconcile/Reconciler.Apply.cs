using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Kernel;

/// <summary>From a dirty scope to acknowledged operations.</summary>
public sealed partial class Reconciler
{
    private const int ReasonsMax = 3;
    private const int AlreadyExists = 17; // EEXIST
    private const int Canceled = 125; // ECANCELED

    // Scopes that may go although a reading is asked for: readings without end must not stop all work.
    private int _turns;

    private bool MayGo =>
        !_isStopping && !_isObserving && _underWay.Count < _options.AppliesMax && (_requests.Count == 0 || _turns > 0);

    private void Dispatch()
    {
        // A scope that cannot go now is left out of the queue and put back by whoever it waits for.
        for (var count = _ready.Count; count > 0 && MayGo; count--)
        {
            _turns = Math.Max(0, _turns - 1);
            var entry = _ready.Dequeue();
            if (!_scopes.TryGetValue(entry.Id, out var current) || current != entry)
            {
                continue;
            }

            entry.IsDirty = false;
            if (!entry.IsApplying)
            {
                Evaluate(entry);
            }
        }

        StartObservation();
        if (_ready.Count > 0 && MayGo)
        {
            _ = PostAsync(static () => { });
        }
    }

    private void Evaluate(ScopeEntry entry)
    {
        entry.IsWaitingForNeeds = false;
        if (entry.NextTry > Elapsed)
        {
            return; // its timer marks it dirty again
        }

        if (WaitsForReading(entry))
        {
            return;
        }

        var plan = KernelPlan.Between(entry.Observed, entry.Desired, link => IsPresent(entry, link));
        entry.Needs = plan.Needs;
        if (entry.Id == s_orphans && Successor(plan) is { } successor)
        {
            plan = WithoutFirewall(entry, plan, successor);
            if (!plan.Operations.Any(static o => !o.IsImplied))
            {
                return;
            }
        }

        if (Blocker(entry, plan) is { } reason)
        {
            SetStatus(entry, InWork(entry), reason, null);
        }
        else if (NameKeeper(entry, plan) is { } keeper)
        {
            SetStatus(entry, InWork(entry), keeper, null);
            if (plan.Operations.Any(static o => o is { Verb: OperationVerb.Delete, IsImplied: false }))
            {
                // Giving up first is what lets two scopes that swap names come past each other.
                var deletions = plan.Operations.Where(static o => o.Verb == OperationVerb.Delete).ToImmutableArray();
                Apply(entry, plan with { Operations = deletions, Transitions = DerivedTransitions.Of(deletions, entry.Desired) });
            }
        }
        else if (plan.Operations.Any(static o => !o.IsImplied))
        {
            if (entry.Status.IsDone)
            {
                SetStatus(entry, InWork(entry), "being mended", null);
            }

            Apply(entry, plan);
        }
        else
        {
            SetObserved(entry, plan.ApplyTo(entry.Observed));
            Settle(entry);
        }
    }

    // Why the scope may not go now, with a note to be woken; null if it may.
    private string? Blocker(ScopeEntry entry, KernelPlan plan)
    {
        foreach (var parent in entry.IsRemoving ? [] : entry.Parents)
        {
            var above = _scopes[parent];
            if (!above.CarriesChildren)
            {
                AddTo(_waitingForScope, parent, entry.Id);
                return $"needs {parent}: {above.Status.Reason ?? "being looked at"}";
            }
        }

        if (entry.IsRemoving && entry.Children.Count > 0)
        {
            AddTo(_waitingForScope, entry.Id, entry.Id);
            return $"waits for {entry.Children.Min()} to be removed";
        }

        if (entry is { IsRemoving: true, LeftUnseen.Count: > 0 } && _scopes.TryGetValue(s_orphans, out var orphans)
            && orphans.Observed.Keys.Any(k => entry.LeftUnseen.Contains(k.Namespace)))
        {
            AddTo(_waitingForScope, s_orphans, entry.Id);
            return $"waits for what an earlier run left in {entry.LeftUnseen.Min()}";
        }

        if (LeavingChild(entry, plan) is { } leaving)
        {
            AddTo(_waitingForScope, leaving, entry.Id);
            return $"waits for {leaving} to be removed";
        }

        return null;
    }

    // What is taken away may be what a child on its way out stands on, and what is changed may stand on that child's link
    // and go with it: the child goes first.
    private ScopeId? LeavingChild(ScopeEntry entry, KernelPlan plan)
    {
        if (entry.Children.Count == 0)
        {
            return null;
        }

        foreach (var operation in plan.Operations)
        {
            if (operation is { Verb: OperationVerb.Change, Before.Container: { } link }
                && _holders.TryGetValue(link, out var holder) && entry.Children.Contains(holder) && _scopes[holder].IsRemoving)
            {
                return holder;
            }
        }

        if (!plan.Operations.Any(static o => o is { Verb: OperationVerb.Delete, IsImplied: false }))
        {
            return null;
        }

        var leaving = entry.Children.Where(c => _scopes[c].IsRemoving).Order().Take(1).ToArray();
        return leaving.Length > 0 ? leaving[0] : null;
    }

    private void Settle(ScopeEntry entry)
    {
        entry.Attempts = 0;
        if (entry.IsRemoving || entry.Id == s_orphans)
        {
            RemoveScope(entry);
            return;
        }

        if (entry.Needs.Length > 0)
        {
            foreach (var need in entry.Needs)
            {
                AddTo(_waitingForObject, need, entry.Id);
            }

            entry.IsWaitingForNeeds = true;
            SetStatus(entry, ScopeCondition.Pending, NeedOf(entry, entry.Needs[0]), null);
        }
        else
        {
            SetStatus(entry, ScopeCondition.Done, null, null);
            foreach (var key in _waitingForObject.Count > 0 ? entry.Observed.Keys : [])
            {
                if (key.Kind == ObjectKind.Link)
                {
                    Wake(key); // see IsPresent: a parent may have waited for more than the link's being there
                }
            }
        }

        Wake(entry.Id);
    }

    private static string NeedOf(ScopeEntry entry, ObjectKey link) => entry.Observed.Contains(link)
        ? $"link {link.Name} in {link.Namespace} is down"
        : $"needs link {link.Name} in {link.Namespace}";

    private void Apply(ScopeEntry entry, KernelPlan plan)
    {
        entry.IsApplying = true;
        entry.LostMeanwhile = null;
        _ = _underWay.Add(entry);
        var guests = GuestsOf(entry, plan);
        BeginMaking(entry, plan.Operations);
        foreach (var guest in guests)
        {
            BeginMaking(guest.Scope, guest.Operations);
        }

        var stages = new List<(LaneQueue Lane, ImmutableArray<KernelOperation> Operations)>();
        ImmutableArray<KernelOperation>.Builder? stage = null;
        LaneId? last = null;
        foreach (var operation in WithGuests(plan.Operations, guests))
        {
            if (operation.IsImplied)
            {
                continue;
            }

            var id = new LaneId(operation.Key.Namespace, operation.Lane);
            if (id != last)
            {
                AddStage(stages, last, stage);
                (last, stage) = (id, ImmutableArray.CreateBuilder<KernelOperation>());
            }

            stage!.Add(operation);
        }

        AddStage(stages, last, stage);
        _ = ApplyAsync(entry, entry.Revision, plan, guests, stages);
    }

    private async Task ApplyAsync(
        ScopeEntry entry,
        long revision,
        KernelPlan plan,
        ImmutableArray<Guest> guests,
        List<(LaneQueue Lane, ImmutableArray<KernelOperation> Operations)> stages)
    {
        var outcomes = new Dictionary<ObjectKey, KernelError?>();
        foreach (var (lane, operations) in stages)
        {
            var results = await lane.EnqueueAsync(operations).ConfigureAwait(false);
            var isBuilt = true;
            for (var i = 0; i < operations.Length; i++)
            {
                // Of a delete and a create of one object the later outcome counts, and a refusal of either stays.
                if (!outcomes.TryGetValue(operations[i].Key, out var earlier) || earlier is null)
                {
                    outcomes[operations[i].Key] = results[i].Error;
                }

                isBuilt &= results[i].IsDone || operations[i].Verb == OperationVerb.Delete;
            }

            // What comes next may stand on what was refused; taking away goes on regardless.
            if (!isBuilt)
            {
                break;
            }
        }

        _ = await PostAsync(() =>
        {
            stages.ForEach(static s => s.Lane.Users--);
            Applied(entry, revision, plan, outcomes);
            GuestsApplied(entry, guests, outcomes);
            FinishIfDrained();
        }).ConfigureAwait(false);
    }

    private void Applied(ScopeEntry entry, long revision, KernelPlan plan, Dictionary<ObjectKey, KernelError?> outcomes)
    {
        entry.IsApplying = false;
        _ = _underWay.Remove(entry);
        var state = entry.Observed;
        foreach (var operation in plan.Operations)
        {
            var isDone = operation.IsImplied ? !IsStillHeld(operation, outcomes) : IsDone(operation.Key, outcomes);
            state = isDone ? KernelPlan.Fold(state, operation) : state;
        }

        // What is made anew starts without the objects that others had on the old one.
        foreach (var operation in plan.Operations)
        {
            if (operation.Verb == OperationVerb.Delete && CarriesOthers(operation.Key.Kind) && state.Contains(operation.Key)
                && IsDone(operation.Key, outcomes))
            {
                DropDependents(operation.Key);
            }
        }

        EndMaking(plan.Operations);
        SetObserved(entry, state);
        entry.IsSuspect |= entry.LostMeanwhile is { } lost
            && plan.Operations.Any(o => o.After is { } after && DependenciesOf(after).Any(lost.Contains));
        Announce(plan.Transitions.Select(t => Announceable(t, outcomes)).OfType<Transition>());
        var errors = outcomes.Values.OfType<KernelError>().Distinct().ToArray();
        if (errors.Length > 0)
        {
            Doubt(entry, plan, outcomes);
            Refused(entry, revision, errors);
        }

        MarkDirty(entry);
    }

    // What was refused beside an address takes nothing from its being there now, and no later plan will make it again.
    private static Transition? Announceable(Transition transition, Dictionary<ObjectKey, KernelError?> outcomes)
    {
        if (transition is not AnnounceTransition announce)
        {
            return transition;
        }

        var fresh = announce.Addresses
            .Where(a => IsDone(AddressState.KeyOf(announce.Namespace, announce.Link, a), outcomes))
            .ToImmutableArray();
        return fresh.IsEmpty ? null : announce with { Addresses = fresh };
    }

    // An acknowledgement may be lost after the deed. Only "it exists already" says that it was not ours.
    private void Doubt(ScopeEntry entry, KernelPlan plan, Dictionary<ObjectKey, KernelError?> outcomes)
    {
        entry.IsSuspect = true;
        foreach (var operation in plan.Operations)
        {
            if (operation is { Verb: OperationVerb.Create, After: { } item }
                && outcomes.TryGetValue(operation.Key, out var error) && error is { Errno: not AlreadyExists })
            {
                entry.InDoubt[operation.Key] = item;
                _doubters[operation.Key] = entry.Id;
            }
        }
    }

    private static bool IsDone(ObjectKey key, Dictionary<ObjectKey, KernelError?> outcomes) =>
        outcomes.TryGetValue(key, out var error) && error is null;

    private static bool IsStillHeld(KernelOperation implied, Dictionary<ObjectKey, KernelError?> outcomes) =>
        implied.Target.Container is { } container && outcomes.TryGetValue(container, out var error) && error is not null;

    private void Refused(ScopeEntry entry, long revision, KernelError[] errors)
    {
        if (entry.Revision != revision)
        {
            return; // what was refused is not what is asked by now
        }

        entry.Attempts++;
        var wait = _options.RetryFirst * Math.Pow(2, Math.Min(entry.Attempts - 1, 20));
        wait = wait < _options.RetryMax ? wait : _options.RetryMax;
        entry.NextTry = Elapsed + wait;
        Schedule(wait, () => MarkDirty(entry));
        var isTransient = errors.All(static e => e.IsTransient);
        SetStatus(
            entry,
            isTransient && entry.Attempts < 3 ? InWork(entry) : ScopeCondition.Error,
            Reason(errors),
            _time.GetUtcNow() + wait);
        Wake(entry.Id);
    }

    // In the firewall one refusal refuses all: the one that is the cause must not hide behind those that only share its fate.
    private static string Reason(KernelError[] errors)
    {
        var causes = errors.Where(static e => e.Errno != Canceled).ToArray();
        errors = causes.Length > 0 ? causes : errors;
        return errors.Length <= ReasonsMax
            ? string.Join("; ", errors.AsEnumerable())
            : $"{string.Join("; ", errors.Take(ReasonsMax))}; and {errors.Length - ReasonsMax} more";
    }

    private static IEnumerable<NetNs> NamespacesOf(ScopeEntry entry) => entry.Desired.Keys
        .Concat(entry.Observed.Keys)
        .Concat(entry.InDoubt.Keys)
        .Select(static k => k.Namespace)
        .Concat((IEnumerable<NetNs>?)entry.LeftUnseen ?? [])
        .Distinct();
}
