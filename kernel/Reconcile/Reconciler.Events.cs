using Networking.Model;

namespace Networking.Kernel;

/// <summary>Events of the kernel, and transitions.</summary>
public sealed partial class Reconciler
{
    private const int PerformedAtOnceMax = 16;
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(50);

    // The latest event of an object is its truth; it counts once the object has been quiet for a moment, because one
    // request of ours makes several events and only some of them can be told to be ours.
    private readonly Dictionary<ObjectKey, News> _news = [];
    private readonly Queue<DueTransition> _transitions = new();
    private TimeSpan _patienceEnds;
    private int _performing;

    private async Task PumpEventsAsync()
    {
        // In a thread of its own: where events never end, neither does this.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await foreach (var item in _kernel.Events.ReadAllAsync(_stopping.Token).ConfigureAwait(false))
            {
                if (!await PostAsync(() => Take(item)).ConfigureAwait(false))
                {
                    return; // stopped; a flood of events would never let the reader look at its cancellation
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private void Take(KernelEvent item)
    {
        switch (item)
        {
            case ObjectChanged changed when _holders.ContainsKey(changed.Key) || _owners.ContainsKey(changed.Key):
                if (!_news.TryGetValue(changed.Key, out var earlier))
                {
                    Schedule(_options.EventDebounce, () => Consider(changed.Key));
                }

                _news[changed.Key] = new News(
                    changed.Current, earlier?.WasGone == true || changed.Current is null, Elapsed + _options.EventDebounce, ++_moment);
                break;
            case FirewallChanged firewall:
                _listener.DriftFound(
                    ScopeId.Node,
                    $"the firewall in {firewall.Namespace} was changed by {firewall.ProcessName ?? "an unknown process"}"
                    + (firewall.ProcessId is { } pid ? $" (pid {pid})" : string.Empty));
                RequestObservation([firewall.Namespace], isFold: true, null);
                break;
            case ForeignFirewallChanged foreign:
                _listener.ForeignFirewallChanged(foreign.Namespace);
                break;
            case EventsLost lost:
                _listener.DriftFound(ScopeId.Node, $"events were lost in {lost.Namespace?.ToString() ?? "all namespaces"}: {lost.Reason}");
                RequestObservation(lost.Namespace is { } ns ? [ns] : null, isFold: true, null);
                break;
        }
    }

    private void Consider(ObjectKey key)
    {
        if (!_news.TryGetValue(key, out var news))
        {
            return;
        }

        if (!_holders.TryGetValue(key, out var id) && !_owners.TryGetValue(key, out id))
        {
            _ = _news.Remove(key);
            return;
        }

        var entry = _scopes[id];
        var wait = news.Due - Elapsed;
        if (wait > TimeSpan.Zero || entry.IsApplying || _isObserving)
        {
            Schedule(wait > TimeSpan.Zero ? wait : _options.EventDebounce, () => Consider(key));
            return;
        }

        _ = _news.Remove(key);
        Believe(entry, key, news);
    }

    private void Believe(ScopeEntry entry, ObjectKey key, News news)
    {
        var believed = entry.Observed[key];
        var current = news.Current is null || believed is null ? null : Recognise(entry, news.Current);
        if (believed is null ? news.Current is null : current is not null && !news.WasGone && IsSame(believed, current))
        {
            return;
        }

        // The event is a hint, not the truth: it may be older than what we have done since, a link that went down or was
        // made anew lost things that nobody tells about, and an echo of the kernel's own doing looks the same. Looking
        // costs a dump, and a real change by others is rare.
        entry.IsSuspect = true;
        MarkDirty(entry);
    }

    private static bool IsSame(KernelObject believed, KernelObject current) => believed.CompareTo(current).Kind == DifferenceKind.None;

    // A reading shows what came of everything that was told before it began.
    private void ForgetNews(Dictionary<NetNs, KernelState> states, long before)
    {
        foreach (var key in _news.Where(n => n.Value.At < before && states.ContainsKey(n.Key.Namespace)).Select(static n => n.Key).ToArray())
        {
            _ = _news.Remove(key);
        }
    }

    private void Announce(IEnumerable<Transition> transitions)
    {
        foreach (var transition in transitions)
        {
            Enqueue(transition, transition is AnnounceTransition announce ? announce.Policy.Count : 1);
        }
    }

    private void Enqueue(Transition transition, int remaining)
    {
        if (_transitions.Count < _options.TransitionsMax)
        {
            _transitions.Enqueue(new DueTransition(transition, remaining, Elapsed + s_patience)); // performed at the end of a pass
        }
    }

    // After everything that somebody waits for, so that an announcement takes neither its place nor its processor; but on a
    // node that always has something to do, not for ever.
    private void PerformNext()
    {
        while (_ready.Count == 0 && _performing < PerformedAtOnceMax && !_isStopping && _transitions.TryPeek(out var next))
        {
            if (_underWay.Count > 0 && Elapsed < next.Latest)
            {
                if (_patienceEnds != next.Latest)
                {
                    _patienceEnds = next.Latest;
                    _schedule.Enqueue(static () => { }, next.Latest); // brings a pass
                }

                return;
            }

            _ = _transitions.Dequeue();
            if (IsWanted(next.Transition))
            {
                _performing++;
                _ = PerformAsync(next.Transition, next.Remaining);
            }
        }
    }

    // An endpoint may have left before the last of its announcements was due.
    private bool IsWanted(Transition transition) =>
        transition is not AnnounceTransition announce || _holders.ContainsKey(LinkState.KeyOf(announce.Namespace, announce.Link));

    private async Task PerformAsync(Transition transition, int remaining)
    {
        KernelError? error;
        try
        {
            error = await _kernel.PerformAsync(transition, _stopping.Token).ConfigureAwait(false);
        }
        catch (Exception e) // best effort by contract, but never silent
        {
            error = new KernelError(5, "EIO", $"perform {transition}", e.Message);
        }

        _ = await PostAsync(() =>
        {
            _performing--;
            FinishIfDrained();
            if (_isStopping)
            {
                return;
            }

            if (error is { IsTransient: false } && IsWanted(transition))
            {
                _listener.TransitionFailed(transition, error);
            }
            else if (remaining > 1 && transition is AnnounceTransition announce)
            {
                Schedule(announce.Policy.Interval, () => Enqueue(transition, remaining - 1));
            }
        }).ConfigureAwait(false);
    }

    /// <summary>A transition that waits for its turn.</summary>
    /// <param name="Transition">What.</param>
    /// <param name="Remaining">How often yet, this one counted.</param>
    /// <param name="Latest">When it goes although other work is under way.</param>
    private readonly record struct DueTransition(Transition Transition, int Remaining, TimeSpan Latest);

    /// <summary>The latest event of an object.</summary>
    /// <param name="Current">As it is now; null if it is gone.</param>
    /// <param name="WasGone">Whether it was gone at some time since we last looked.</param>
    /// <param name="Due">When it counts.</param>
    /// <param name="At">The moment at which it came.</param>
    private sealed record News(KernelObject? Current, bool WasGone, TimeSpan Due, long At);
}
