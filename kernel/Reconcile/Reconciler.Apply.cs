using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Kernel;

/// <summary>From a dirty scope to acknowledged operations.</summary>
public sealed partial class Reconciler
{
    private const int LanesMax = 1024;

    private readonly Dictionary<LaneId, LaneQueue> _lanes = [];

    private void Dispatch()
    {
        // A scope that cannot go now is left out of the queue and put back by whoever it waits for.
        for (var count = _ready.Count; count > 0 && _applying < _options.AppliesMax && !IsObservationDue && !_isStopping; count--)
        {
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
        if (_ready.Count > 0 && !IsObservationDue && !_isStopping && _applying < _options.AppliesMax)
        {
            _ = PostAsync(static () => { });
        }
    }

    private void Evaluate(ScopeEntry entry)
    {
        if (entry.NextTry > _time.GetUtcNow())
        {
            return; // its timer marks it dirty again
        }

        if (entry.IsSuspect)
        {
            entry.IsSuspect = false;
            MarkDirty(entry);
            RequestObservation([.. NamespacesOf(entry)], isFold: true, null);
            return;
        }

        var plan = KernelPlan.Between(entry.Observed, entry.Desired, IsPresent);
        entry.Needs = plan.Needs;
        if (Blocker(entry, plan) is { } reason)
        {
            SetStatus(entry, entry.IsRemoving ? ScopeCondition.Removing : ScopeCondition.Pending, reason, null);
        }
        else if (plan.Operations.Any(static o => !o.IsImplied))
        {
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
                return $"needs {parent}: {above.Status.Reason ?? "being removed"}";
            }
        }

        if (entry.IsRemoving && entry.Children.Count > 0)
        {
            AddTo(_waitingForScope, entry.Id, entry.Id);
            return $"waits for {entry.Children.Min()} to be removed";
        }

        if (plan.Operations.Any(static o => o.Verb == OperationVerb.Delete && !o.IsImplied)
            && entry.Children.FirstOrDefault(c => _scopes[c].IsRemoving) is { Value: not null } leaving)
        {
            AddTo(_waitingForScope, leaving, entry.Id);
            return $"waits for {leaving} to be removed";
        }

        foreach (var operation in plan.Operations)
        {
            if (operation.Verb == OperationVerb.Create && _holders.TryGetValue(operation.Key, out var holder) && holder != entry.Id)
            {
                AddTo(_waitingForObject, operation.Key, entry.Id);
                return $"waits for {holder} to give up {operation.Target.Describe()}";
            }
        }

        return null;
    }

    private void Settle(ScopeEntry entry)
    {
        if (entry.IsRemoving)
        {
            RemoveScope(entry);
            return;
        }

        if (entry.Id == s_orphans)
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

            SetStatus(entry, ScopeCondition.Pending, $"needs link {entry.Needs[0].Name} in {entry.Needs[0].Namespace}", null);
        }
        else
        {
            SetStatus(entry, ScopeCondition.Done, null, null);
        }

        Wake(entry.Id);
    }

    private void Apply(ScopeEntry entry, KernelPlan plan)
    {
        entry.IsApplying = true;
        _applying++;
        var stages = new List<(LaneQueue Lane, ImmutableArray<KernelOperation> Operations)>();
        ImmutableArray<KernelOperation>.Builder? stage = null;
        LaneId? last = null;
        foreach (var operation in plan.Operations)
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
        _ = ApplyAsync(entry, plan, stages);
    }

    private void AddStage(
        List<(LaneQueue Lane, ImmutableArray<KernelOperation> Operations)> stages, LaneId? id, ImmutableArray<KernelOperation>.Builder? stage)
    {
        if (id is { } lane && stage is not null)
        {
            stages.Add((LaneOf(lane), stage.ToImmutable()));
        }
    }

    private async Task ApplyAsync(
        ScopeEntry entry, KernelPlan plan, List<(LaneQueue Lane, ImmutableArray<KernelOperation> Operations)> stages)
    {
        var outcomes = new Dictionary<ObjectKey, (bool IsDone, KernelError? Error)>();
        foreach (var (lane, operations) in stages)
        {
            var results = await lane.EnqueueAsync(operations).ConfigureAwait(false);
            var isBuilt = true;
            for (var i = 0; i < operations.Length; i++)
            {
                // Of a delete and a create of one object the later outcome counts, and a refusal of either stays.
                if (!outcomes.TryGetValue(operations[i].Key, out var earlier) || earlier.IsDone)
                {
                    outcomes[operations[i].Key] = (results[i].IsDone, results[i].Error);
                }

                isBuilt &= results[i].IsDone || operations[i].Verb == OperationVerb.Delete;
            }

            // What comes next may stand on what was refused; taking away goes on regardless.
            if (!isBuilt)
            {
                break;
            }
        }

        await PostAsync(() => Applied(entry, plan, outcomes)).ConfigureAwait(false);
    }

    private void Applied(ScopeEntry entry, KernelPlan plan, Dictionary<ObjectKey, (bool IsDone, KernelError? Error)> outcomes)
    {
        entry.IsApplying = false;
        _applying--;
        var errors = new List<KernelError>();
        var state = entry.Observed;
        foreach (var operation in plan.Operations)
        {
            if (operation.IsImplied)
            {
                state = IsStillHeld(operation, outcomes) ? state : KernelPlan.Fold(state, operation);
            }
            else if (outcomes.TryGetValue(operation.Key, out var outcome))
            {
                state = outcome.IsDone ? KernelPlan.Fold(state, operation) : state;
                if (outcome.Error is { } error && !errors.Contains(error))
                {
                    errors.Add(error);
                }
            }
        }

        // A link made anew starts without the objects that others had on the old one.
        foreach (var operation in plan.Operations)
        {
            if (operation is { Verb: OperationVerb.Delete, Key.Kind: ObjectKind.Link } && state.Contains(operation.Key))
            {
                DropDependents(operation.Key);
            }
        }

        SetObserved(entry, state);
        if (errors.Count == 0)
        {
            entry.Attempts = 0;
            Announce(plan.Transitions);
        }
        else
        {
            Refused(entry, errors);
        }

        MarkDirty(entry);
        FinishIfDrained();
    }

    private static bool IsStillHeld(KernelOperation implied, Dictionary<ObjectKey, (bool IsDone, KernelError? Error)> outcomes) =>
        implied.Target.Container is { } container && outcomes.TryGetValue(container, out var outcome) && !outcome.IsDone;

    private void Refused(ScopeEntry entry, List<KernelError> errors)
    {
        entry.Attempts++;
        entry.IsSuspect = true;
        var wait = _options.RetryFirst * Math.Pow(2, Math.Min(entry.Attempts - 1, 20));
        wait = wait < _options.RetryMax ? wait : _options.RetryMax;
        entry.NextTry = _time.GetUtcNow() + wait;
        Schedule(wait, () => MarkDirty(entry));
        var isTransient = errors.TrueForAll(static e => e.IsTransient);
        SetStatus(
            entry,
            isTransient && entry.Attempts < 3 ? (entry.IsRemoving ? ScopeCondition.Removing : ScopeCondition.Pending) : ScopeCondition.Error,
            string.Join("; ", errors),
            entry.NextTry);
        Wake(entry.Id);
    }

    private LaneQueue LaneOf(LaneId id)
    {
        if (_lanes.TryGetValue(id, out var lane))
        {
            return lane;
        }

        if (_lanes.Count >= LanesMax)
        {
            foreach (var (idle, _) in _lanes.Where(static l => l.Value.IsIdle).ToArray())
            {
                _ = _lanes.Remove(idle);
            }
        }

        lane = new LaneQueue(_kernel, id);
        _lanes.Add(id, lane);
        return lane;
    }

    private static IEnumerable<NetNs> NamespacesOf(ScopeEntry entry) =>
        entry.Desired.Keys.Concat(entry.Observed.Keys).Select(static k => k.Namespace).Distinct();
}
