using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Kernel;

/// <summary>
/// Reading the kernel. A reading is taken while nothing is under way, so what it shows is not half of a change: new
/// applies wait until those under way are done and the reading is folded in.
/// </summary>
public sealed partial class Reconciler
{
    private static readonly TimeSpan s_observeAgainAfter = TimeSpan.FromSeconds(1);

    private readonly List<ObservationRequest> _requests = [];
    private bool _isObserving;

    private bool IsObservationDue => _isObserving || _requests.Count > 0;

    private async Task<ImmutableArray<ScopePlan>> ObserveAllAsync(bool isFold)
    {
        var answer = new TaskCompletionSource<ImmutableArray<ScopePlan>>(TaskCreationOptions.RunContinuationsAsynchronously);
        await PostAsync(() => RequestObservation(null, isFold, answer)).ConfigureAwait(false);
        return await answer.Task.WaitAsync(_stopping.Token).ConfigureAwait(false);
    }

    private void RequestObservation(
        IReadOnlyCollection<NetNs>? namespaces, bool isFold, TaskCompletionSource<ImmutableArray<ScopePlan>>? answer) =>
        _requests.Add(new ObservationRequest(namespaces, isFold, answer));

    private void ScheduleFullCheck() => Schedule(_options.FullCheckEvery, () =>
    {
        RequestObservation(null, isFold: true, null);
        ScheduleFullCheck();
    });

    private void StartObservation()
    {
        if (_isObserving || _requests.Count == 0 || _applying > 0 || _isStopping)
        {
            return;
        }

        _isObserving = true;
        var requests = _requests.ToImmutableArray();
        _requests.Clear();
        var everywhere = _scopes.Values.SelectMany(NamespacesOf).Append(NetNs.Host).Distinct().ToImmutableArray();
        var namespaces = requests.Any(static r => r.Namespaces is null)
            ? everywhere
            : [.. requests.SelectMany(static r => r.Namespaces!).Distinct()];
        var wanted = _scopes.Values
            .SelectMany(static e => e.Desired.Objects.Concat(e.Observed.Objects.Where(o => !e.Desired.Contains(o.Key))))
            .ToLookup(static o => o.Namespace);
        var observations = namespaces.Select(n => new Observation(n, _options.OwnerTag, [.. wanted[n]])).ToImmutableArray();
        _ = ObserveAsync(requests, observations);
    }

    private async Task ObserveAsync(ImmutableArray<ObservationRequest> requests, ImmutableArray<Observation> observations)
    {
        var states = new KernelState?[observations.Length];
        try
        {
            await Parallel.ForEachAsync(
                Enumerable.Range(0, observations.Length),
                new ParallelOptions { MaxDegreeOfParallelism = _options.ObservationsMax },
                async (i, cancellationToken) => states[i] =
                    await _kernel.ObserveAsync(observations[i], cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception e) // a dump was refused: whoever asked hears it, and an unasked one is tried again
        {
            await PostAsync(() => ObservationFailed(requests, e)).ConfigureAwait(false);
            return;
        }

        await PostAsync(() => Observed(
            requests, observations.Select((o, i) => (o.Namespace, states[i]!)).ToDictionary())).ConfigureAwait(false);
    }

    private void ObservationFailed(ImmutableArray<ObservationRequest> requests, Exception error)
    {
        _isObserving = false;
        foreach (var request in requests)
        {
            if (request.Answer is { } answer)
            {
                answer.SetException(error);
            }
            else
            {
                _listener.DriftFound(ScopeId.Node, $"cannot read the kernel, trying again in a second: {error.Message}");
                Schedule(s_observeAgainAfter, () => _requests.Add(request));
            }
        }
    }

    private void Observed(ImmutableArray<ObservationRequest> requests, Dictionary<NetNs, KernelState> states)
    {
        _isObserving = false;
        var assigned = Assign(states);
        if (requests.Any(static r => r.IsFold))
        {
            var plans = PlansOf(e => assigned.GetValueOrDefault(e.Id, e.Observed));
            FoldObserved(assigned);
            Answer(requests, plans, KernelState.Empty);
        }
        else
        {
            var orphans = assigned.GetValueOrDefault(s_orphans, KernelState.Empty);
            Answer(requests, PlansOf(e => assigned.GetValueOrDefault(e.Id, e.Observed)), orphans);
        }
    }

    private void Answer(ImmutableArray<ObservationRequest> requests, ImmutableArray<ScopePlan> plans, KernelState orphans)
    {
        if (orphans.Count > 0 && !_scopes.ContainsKey(s_orphans))
        {
            plans = plans.Add(new ScopePlan(s_orphans, KernelPlan.Between(orphans, KernelState.Empty)));
        }

        foreach (var request in requests)
        {
            request.Answer?.SetResult(plans);
        }
    }

    // Gives every object that was read to the scope that desires it, else to the one that held it, else to the orphans.
    private Dictionary<ScopeId, KernelState> Assign(Dictionary<NetNs, KernelState> states)
    {
        var found = states.Values.SelectMany(static s => s.Objects).ToLookup(o => OwnerOf(o.Key));
        var result = new Dictionary<ScopeId, KernelState>();
        foreach (var entry in _scopes.Values)
        {
            if (NamespacesOf(entry).Any(states.ContainsKey))
            {
                var elsewhere = entry.Observed.Objects.Where(o => !states.ContainsKey(o.Namespace));
                result[entry.Id] = KernelState.Of(elsewhere.Concat(found[entry.Id].Select(o => Recognise(entry, o))));
            }
        }

        if (found[s_orphans].Any())
        {
            result[s_orphans] = KernelState.Of(found[s_orphans]);
        }

        return result;
    }

    private ScopeId OwnerOf(ObjectKey key) =>
        _owners.TryGetValue(key, out var owner) || _holders.TryGetValue(key, out owner) ? owner : s_orphans;

    // What is as desired is remembered as desired: it carries what no dump tells (a sysctl's original value, a pair's ends).
    private static KernelObject Recognise(ScopeEntry entry, KernelObject found)
    {
        var reference = entry.Desired[found.Key] ?? entry.Observed[found.Key];
        return reference switch
        {
            null => found,
            _ when reference.CompareTo(found).Kind == DifferenceKind.None => reference,
            SysctlState sysctl => sysctl with { Value = ((SysctlState)found).Value },
            LinkState link when link.Details.Matches(((LinkState)found).Details) => (LinkState)found with { Details = link.Details },
            _ => found,
        };
    }

    private void FoldObserved(Dictionary<ScopeId, KernelState> assigned)
    {
        foreach (var (id, observed) in assigned)
        {
            if (!_scopes.TryGetValue(id, out var entry))
            {
                entry = new ScopeEntry(id, _time.GetUtcNow());
                _scopes.Add(id, entry);
            }

            TellDrift(entry, observed);
            SetObserved(entry, observed);
            MarkDirty(entry);
        }
    }

    private void TellDrift(ScopeEntry entry, KernelState observed)
    {
        if (entry.Status.IsDone || entry.Id == s_orphans)
        {
            foreach (var operation in KernelPlan.Between(observed, entry.Desired, IsPresent).Operations)
            {
                _listener.DriftFound(entry.Id, Sentence(operation));
            }
        }
    }

    private static string Sentence(KernelOperation operation) => operation.Verb switch
    {
        OperationVerb.Create => $"{operation.Target.Describe()} is missing in {operation.Target.Namespace}",
        OperationVerb.Change =>
            $"{operation.Target.Describe()} in {operation.Target.Namespace} was changed: {string.Join(", ", operation.Fields)}",
        _ => $"{operation.Target.Describe()} in {operation.Target.Namespace} should not be there",
    };

    private ImmutableArray<ScopePlan> PlansOf(Func<ScopeEntry, KernelState> observed) =>
    [
        .. _scopes.Values
            .OrderBy(static e => e.Id)
            .Select(e => new ScopePlan(e.Id, KernelPlan.Between(observed(e), e.Desired, _ => true)))
            .Where(static p => !p.Plan.IsEmpty),
    ];

    private sealed record ObservationRequest(
        IReadOnlyCollection<NetNs>? Namespaces, bool IsFold, TaskCompletionSource<ImmutableArray<ScopePlan>>? Answer);
}
