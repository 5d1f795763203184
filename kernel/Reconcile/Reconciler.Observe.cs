using System.Collections.Concurrent;
using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Kernel;

/// <summary>
/// Reading the kernel. A reading is taken while nothing is under way, so what it shows is not half of a change: new
/// applies wait until those under way are done and the reading is folded in. Between two readings every scope that is
/// ready gets its turn, so that neither keeps the other from going on.
/// </summary>
public sealed partial class Reconciler
{
    private const int DriftsToldMax = 100; // of a scope: a thousand ports would make all other news be forgotten

    private readonly List<ObservationRequest> _requests = [];
    private bool _isObserving;

    private bool IsObservationDue => _isObserving || _requests.Count > 0;

    // Which namespaces, null for all, is asked in the loop.
    private async Task<ImmutableArray<ScopePlan>> ReadAsync(Func<IReadOnlyCollection<NetNs>?> namespaces, bool isFold)
    {
        var answer = new TaskCompletionSource<ImmutableArray<ScopePlan>>(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = await PostAsync(() => RequestObservation(namespaces(), isFold, answer)).ConfigureAwait(false);
        await AnswerAsync(answer.Task).ConfigureAwait(false);
        return await answer.Task.ConfigureAwait(false);
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
        if (_isObserving || _requests.Count == 0 || _underWay.Count > 0 || _isStopping || (_turns > 0 && _ready.Count > 0))
        {
            return;
        }

        _isObserving = true;
        _turns = 0;
        var requests = _requests.ToImmutableArray();
        _requests.Clear();
        ImmutableArray<NetNs> namespaces = requests.Any(static r => r.Namespaces is null)
            ? [.. _scopes.Values.SelectMany(NamespacesOf).Append(NetNs.Host).Distinct()]
            : [.. requests.SelectMany(static r => r.Namespaces!).Distinct()];
        var asked = namespaces.ToHashSet();
        var wanted = _scopes.Values
            .SelectMany(e => e.CandidatesIn(asked))
            .DistinctBy(static o => o.Key) // one scope may hold what another desires
            .ToLookup(static o => o.Namespace);
        var observations = namespaces.Select(n => new Observation(n, _options.OwnerTag, [.. wanted[n]])).ToImmutableArray();
        _ = ObserveAsync(new Reading(requests, observations, ++_moment));
    }

    private async Task ObserveAsync(Reading reading)
    {
        var states = new ConcurrentDictionary<NetNs, KernelState>();
        var failures = new ConcurrentDictionary<NetNs, Exception>();
        try
        {
            await Parallel.ForEachAsync(
                reading.Observations,
                new ParallelOptions { MaxDegreeOfParallelism = _options.ObservationsMax, CancellationToken = _stopping.Token },
                async (observation, cancellationToken) =>
                {
                    try
                    {
                        states[observation.Namespace] = await _kernel.ObserveAsync(observation, cancellationToken).ConfigureAwait(false);
                    }
                    catch (Exception e) // one namespace that cannot be read must not keep the others from being mended
                    {
                        failures[observation.Namespace] = e;
                    }
                }).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Stopping: whoever asked hears that from the loop's end.
        }

        _ = await PostAsync(() => Observed(reading, new(states), new(failures))).ConfigureAwait(false);
    }

    private void Observed(Reading reading, Dictionary<NetNs, KernelState> states, Dictionary<NetNs, Exception> failures)
    {
        _isObserving = false;
        FinishIfDrained();
        if (_stopping.IsCancellationRequested)
        {
            return; // what was not read, or only half, is read by the next start
        }

        var found = Assign(reading, states, out var unclear);
        var plans = reading.Requests.Any(static r => r.Answer is not null) ? PlansOf(e => Merge(e, found, states)) : [];
        var orphans = KernelState.Of(found[s_orphans]);
        if (reading.Requests.Any(static r => r.IsFold))
        {
            ForgetNews(states, reading.StartedAt);
            FoldObserved(found, states, unclear);
            NoteUnread(states, failures);
            if (unclear.Count > 0)
            {
                RequestObservation(unclear, isFold: true, null);
            }
        }

        _turns = unclear.Count > 0 ? 0 : _ready.Count;
        Answer(reading.Requests, plans, orphans, failures);
    }

    private static void Answer(
        ImmutableArray<ObservationRequest> requests,
        ImmutableArray<ScopePlan> plans,
        KernelState orphans,
        Dictionary<NetNs, Exception> failures)
    {
        if (orphans.Count > 0 && !plans.Any(static p => p.Scope == s_orphans))
        {
            plans = plans.Add(new ScopePlan(s_orphans, KernelPlan.Between(orphans, KernelState.Empty)));
        }

        foreach (var request in requests)
        {
            var missed = failures.Where(f => request.Namespaces?.Contains(f.Key) ?? true).ToDictionary();
            if (missed.Count > 0)
            {
                request.Answer?.SetException(Unreadable(missed));
            }
            else
            {
                request.Answer?.SetResult(plans);
            }
        }
    }

    // Gives every object that was read to the scope that holds it, else to the one that may have made it, else to the
    // one that desires it, else to the orphans.
    private ILookup<ScopeId, KernelObject> Assign(
        Reading reading, Dictionary<NetNs, KernelState> states, out HashSet<NetNs> unclear)
    {
        var assigned = new List<(ScopeId Scope, KernelObject Item)>();
        unclear = [];
        foreach (var item in states.Values.SelectMany(static s => s.Objects))
        {
            var key = item.Key;
            var isKnown = _holders.TryGetValue(key, out var id) || _doubters.TryGetValue(key, out id) || _owners.TryGetValue(key, out id);
            switch (isKnown && id != s_orphans ? WhoseIs(_scopes[id], item, states) : Whose.Scope)
            {
                case Whose.Orphans:
                    assigned.Add((s_orphans, item));
                    break;
                case Whose.Scope when isKnown:
                    assigned.Add((id, item));
                    break;
                case Whose.Scope when !reading.AskedFor(key):
                    assigned.Add((s_orphans, item));
                    break;
                case Whose.Scope when item is not SysctlState:
                    // Asked for when the reading began, given up since: it may be somebody else's that we had adopted.
                    // The next reading, which does not ask for it, shows it only if it bears our mark.
                    _ = unclear.Add(item.Namespace);
                    break;
            }
        }

        return assigned.ToLookup(static a => a.Scope, static a => a.Item);
    }

    private enum Whose
    {
        Scope,
        Orphans,
        Others,
    }

    // A device of a name that a scope wants. If it is somebody else's it is neither taken over nor deleted, however long
    // the name is wanted. If it is an end of a pair that we made for another scope, it leads to the wrong place.
    private Whose WhoseIs(ScopeEntry entry, KernelObject item, Dictionary<NetNs, KernelState> states)
    {
        if (item is not LinkState found || entry.Observed.Contains(item.Key)
            || (entry.Desired[item.Key] ?? entry.InDoubt.GetValueOrDefault(item.Key)) is not LinkState { Details: not ExistingLink } wanted)
        {
            return Whose.Scope;
        }

        if (found.Alias is { Length: > 0 } alias)
        {
            return !alias.StartsWith(_options.OwnerTag, StringComparison.Ordinal) ? Whose.Others
                : alias == _options.OwnerTag && entry.InDoubt.ContainsKey(item.Key) ? Whose.Scope // half made, and by this one
                : wanted is { Details: VethLink or VethPeerLink, Alias: not null } && wanted.Alias != alias ? Whose.Orphans
                : Whose.Scope;
        }

        // Without an alias it is ours if it is half made, or if it is the other end of a pair of ours. A macvlan is made in
        // one request and marked in the next: nobody else has made the same with the hardware address we have chosen.
        return wanted.Alias is null || entry.InDoubt.ContainsKey(item.Key)
            || (wanted.Details is MacvlanLink && wanted.Details.Matches(found.Details) && (wanted.Mac is null || wanted.Mac == found.Mac))
            || (wanted is { Details: VethPeerLink, Container: { } maker } && IsOurs(maker, states))
            ? Whose.Scope
            : Whose.Others;
    }

    private bool IsOurs(ObjectKey link, Dictionary<NetNs, KernelState> states) =>
        states.TryGetValue(link.Namespace, out var state)
            ? state[link] is LinkState { Alias: { } alias } && alias.StartsWith(_options.OwnerTag, StringComparison.Ordinal)
            : _holders.ContainsKey(link);

    private static KernelState Merge(ScopeEntry entry, ILookup<ScopeId, KernelObject> found, Dictionary<NetNs, KernelState> states) =>
        NamespacesOf(entry).Any(states.ContainsKey)
            ? KernelState.Of(entry.Observed.Objects
                .Where(o => !states.ContainsKey(o.Namespace))
                .Concat(found[entry.Id].Select(o => Recognise(entry, o))))
            : entry.Observed;

    // What is as desired is remembered as desired: it carries what no dump tells (a sysctl's original value, a pair's ends).
    private static KernelObject Recognise(ScopeEntry entry, KernelObject found)
    {
        var reference = entry.Desired[found.Key] ?? entry.Observed[found.Key] ?? entry.InDoubt.GetValueOrDefault(found.Key);
        return reference switch
        {
            null => found,
            _ when reference.CompareTo(found).Kind == DifferenceKind.None => reference,
            SysctlState sysctl => sysctl with { Value = ((SysctlState)found).Value },
            LinkState link when link.Details.Matches(((LinkState)found).Details) => (LinkState)found with { Details = link.Details },
            _ => found,
        };
    }

    private void FoldObserved(ILookup<ScopeId, KernelObject> found, Dictionary<NetNs, KernelState> states, HashSet<NetNs> unclear)
    {
        if (found[s_orphans].Any() && !_scopes.ContainsKey(s_orphans))
        {
            _scopes.Add(s_orphans, new ScopeEntry(s_orphans, _time.GetUtcNow()) { Observed = KernelState.Empty });
        }

        var withOrphans = found[s_orphans].Select(static o => o.Namespace).Concat(unclear).ToHashSet();
        foreach (var entry in _scopes.Values)
        {
            var isOrphans = entry.Id == s_orphans && found[s_orphans].Any();
            if (!isOrphans && !NamespacesOf(entry).Any(states.ContainsKey))
            {
                continue;
            }

            // What another scope has lost a moment ago in this loop may have taken objects of this one along: so merge now.
            var observed = isOrphans
                ? KernelState.Of(entry.Observed.Objects.Where(o => !states.ContainsKey(o.Namespace)).Concat(found[s_orphans]))
                : Merge(entry, found, states);
            TellDrift(entry, observed);
            SetObserved(entry, observed);
            ClearDoubts(entry, states, withOrphans);
            MarkDirty(entry);
        }
    }

    private void ClearDoubts(ScopeEntry entry, Dictionary<NetNs, KernelState> states, HashSet<NetNs> withOrphans)
    {
        entry.IsSuspect &= !NamespacesOf(entry).All(states.ContainsKey);
        _ = entry.LeftUnseen?.RemoveWhere(ns => states.ContainsKey(ns) && !(entry.IsRemoving && withOrphans.Contains(ns)));
        foreach (var key in entry.InDoubt.Keys.Where(k => states.ContainsKey(k.Namespace)).ToArray())
        {
            _ = entry.InDoubt.Remove(key);
            if (_doubters.TryGetValue(key, out var doubter) && doubter == entry.Id)
            {
                _ = _doubters.Remove(key);
            }
        }
    }

    private void TellDrift(ScopeEntry entry, KernelState observed)
    {
        if (entry.Status.IsDone || entry.Id == s_orphans)
        {
            var operations = KernelPlan.Between(observed, entry.Desired, link => IsPresent(entry, link)).Operations;
            foreach (var operation in operations.Take(DriftsToldMax))
            {
                _listener.DriftFound(entry.Id, Sentence(operation));
            }

            if (operations.Length > DriftsToldMax)
            {
                _listener.DriftFound(entry.Id, $"and {operations.Length - DriftsToldMax} more objects of it, like the last");
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

    private sealed record Reading(ImmutableArray<ObservationRequest> Requests, ImmutableArray<Observation> Observations, long StartedAt)
    {
        private HashSet<ObjectKey>? _asked;

        public bool AskedFor(ObjectKey key) =>
            (_asked ??= [.. Observations.SelectMany(static o => o.Wanted).Select(static o => o.Key)]).Contains(key);
    }
}
