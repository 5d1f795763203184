using System.Diagnostics.CodeAnalysis;

namespace Networking.Kernel;

/// <summary>What is done once because the state changed: connections are forgotten first, for their packets go astray until then.</summary>
public sealed partial class Reconciler
{
    private const int PerformedAtOnceMax = 16;
    private const int NoBuffers = 105; // ENOBUFS
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(50);

    private readonly Queue<DueTransition> _flushes = new();
    private readonly Queue<DueTransition> _announcements = new();
    private TimeSpan _patienceEnds;
    private int _performing;
    private Transition? _dropped; // the first that found no place, of flushes if there are any
    private int _drops; // since that was told

    private void Announce(IEnumerable<Transition> transitions)
    {
        foreach (var transition in transitions)
        {
            Enqueue(transition, transition is AnnounceTransition announce ? announce.Policy.Count : 1);
        }
    }

    // An announcement is best effort; a connection that is not forgotten goes on to where it led before.
    private void Enqueue(Transition transition, int remaining)
    {
        var isAnnouncement = transition is AnnounceTransition;
        if (_flushes.Count + _announcements.Count >= _options.TransitionsMax)
        {
            if (isAnnouncement || !_announcements.TryDequeue(out var oldest))
            {
                Drop(transition);
                return;
            }

            Drop(oldest.Transition);
        }

        (isAnnouncement ? _announcements : _flushes).Enqueue(new DueTransition(transition, remaining, Elapsed + s_patience)); // performed at the end of a pass
    }

    private void Drop(Transition transition)
    {
        if (_dropped is null || (_dropped is AnnounceTransition && transition is not AnnounceTransition))
        {
            _dropped = transition;
        }

        _drops++;
    }

    // Once there is room again: one word for all of them.
    private void TellDropped()
    {
        if (_dropped is { } dropped)
        {
            var others = _drops > 1 ? $", and {_drops - 1} more" : string.Empty;
            (_dropped, _drops) = (null, 0);
            _listener.TransitionFailed(
                dropped, new KernelError(NoBuffers, "ENOBUFS", $"perform {dropped}{others}", $"{_options.TransitionsMax} were waiting before it", IsTransient: true));
        }
    }

    // After everything that somebody waits for, so that it takes neither its place nor its processor; but on a node that always
    // has something to do, not for ever.
    private void PerformNext()
    {
        while (_ready.Count == 0 && _performing < PerformedAtOnceMax && !_isStopping && TryPeek(out var queue, out var next))
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

            _ = queue.Dequeue();
            TellDropped();
            if (IsWanted(next.Transition))
            {
                _performing++;
                _ = PerformAsync(next.Transition, next.Remaining);
            }
        }
    }

    private bool TryPeek([NotNullWhen(true)] out Queue<DueTransition>? queue, out DueTransition next)
    {
        queue = _flushes.Count > 0 ? _flushes : _announcements;
        return queue.TryPeek(out next);
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
}
