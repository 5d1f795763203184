using System.Collections.Immutable;

namespace Networking.Kernel;

/// <summary>Events of the kernel, and transitions.</summary>
public sealed partial class Reconciler
{
    private const int PerformedAtOnceMax = 16;

    // The latest event of an object is its truth; it counts once the object has been quiet for a moment, because one
    // request of ours makes several events and only some of them can be told to be ours.
    private readonly Dictionary<ObjectKey, (KernelObject? Current, DateTimeOffset Due)> _news = [];
    private readonly Queue<(Transition Transition, int Remaining)> _transitions = new();
    private int _performing;

    private async Task PumpEventsAsync()
    {
        try
        {
            await foreach (var item in _kernel.Events.ReadAllAsync(_stopping.Token).ConfigureAwait(false))
            {
                await PostAsync(() => Take(item)).ConfigureAwait(false);
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
                var due = _time.GetUtcNow() + _options.EventDebounce;
                if (!_news.ContainsKey(changed.Key))
                {
                    Schedule(_options.EventDebounce, () => Consider(changed.Key));
                }

                _news[changed.Key] = (changed.Current, due);
                break;
            case FirewallChanged firewall:
                _listener.DriftFound(
                    ScopeId.Node,
                    $"the firewall in {firewall.Namespace} was changed by {firewall.ProcessName ?? "an unknown process"}"
                    + (firewall.ProcessId is { } pid ? $" (pid {pid})" : string.Empty));
                RequestObservation([firewall.Namespace], isFold: true, null);
                break;
            case EventsLost lost:
                _listener.DriftFound(ScopeId.Node, $"events were lost in {lost.Namespace?.ToString() ?? "all namespaces"}: {lost.Reason}");
                RequestObservation(lost.Namespace is { } ns ? [ns] : null, isFold: true, null);
                break;
        }
    }

    private void Consider(ObjectKey key)
    {
        if (!_news.TryGetValue(key, out var news) || !(_owners.TryGetValue(key, out var id) || _holders.TryGetValue(key, out id)))
        {
            _ = _news.Remove(key);
            return;
        }

        var entry = _scopes[id];
        var wait = news.Due - _time.GetUtcNow();
        if (wait > TimeSpan.Zero || entry.IsApplying)
        {
            Schedule(wait > TimeSpan.Zero ? wait : _options.EventDebounce, () => Consider(key));
            return;
        }

        _ = _news.Remove(key);
        var believed = entry.Observed[key];
        if (news.Current is null)
        {
            if (believed is not null)
            {
                _listener.DriftFound(id, $"{believed.Describe()} in {key.Namespace} was removed");
                SetObserved(entry, entry.Observed.Without(key));
                MarkDirty(entry);
                if (believed is AddressState)
                {
                    // With the last IPv4 address of an interface the kernel drops its routes, and tells nobody.
                    RequestObservation([key.Namespace], isFold: true, null);
                }
            }

            return;
        }

        var current = Recognise(entry, news.Current);
        if (believed is null || believed.CompareTo(current).Kind != DifferenceKind.None)
        {
            if (believed is not null)
            {
                _listener.DriftFound(
                    id, $"{believed.Describe()} in {key.Namespace} was changed: {string.Join(", ", believed.CompareTo(current).Fields)}");
            }

            SetObserved(entry, entry.Observed.With(current));
            MarkDirty(entry);
            if (key.Kind == ObjectKind.Link)
            {
                // A link that went down lost its routes, one made anew lost everything, and the kernel tells only some of it.
                RequestObservation([key.Namespace], isFold: true, null);
            }
        }
    }

    private void Announce(ImmutableArray<Transition> transitions)
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
            _transitions.Enqueue((transition, remaining));
            PerformNext();
        }
    }

    private void PerformNext()
    {
        while (_performing < PerformedAtOnceMax && !_isStopping && _transitions.TryDequeue(out var next))
        {
            _performing++;
            _ = PerformAsync(next.Transition, next.Remaining);
        }
    }

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

        await PostAsync(() =>
        {
            _performing--;
            if (error is { IsTransient: false })
            {
                _listener.TransitionFailed(transition, error);
            }
            else if (remaining > 1 && transition is AnnounceTransition announce)
            {
                Schedule(announce.Policy.Interval, () => Enqueue(transition, remaining - 1));
            }

            PerformNext();
        }).ConfigureAwait(false);
    }
}
