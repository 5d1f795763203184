using Networking.Model;

namespace Networking.Kernel;

/// <summary>Events of the kernel.</summary>
public sealed partial class Reconciler
{
    // The latest event of an object is its truth; it counts once the object has been quiet for a moment, because one
    // request of ours makes several events and only some of them can be told to be ours.
    private readonly Dictionary<ObjectKey, News> _news = [];

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

    /// <summary>The latest event of an object.</summary>
    /// <param name="Current">As it is now; null if it is gone.</param>
    /// <param name="WasGone">Whether it was gone at some time since we last looked.</param>
    /// <param name="Due">When it counts.</param>
    /// <param name="At">The moment at which it came.</param>
    private sealed record News(KernelObject? Current, bool WasGone, TimeSpan Due, long At);
}
