using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>
/// A few dedicated threads that do blocking kernel work. Work of one lane of one namespace runs in order, one piece at
/// a time; lanes run beside each other. What a piece of work brings about for an idle lane is done next by the same
/// thread: nobody has to wake for it.
/// </summary>
internal sealed class LaneThreads : IDisposable
{
    private readonly Lock _gate = new(); // guards everything below
    private readonly Dictionary<LaneKey, Queue<Action>> _lanes = [];
    private readonly Queue<LaneKey> _ready = [];
    private readonly Stack<LaneThread> _asleep = []; // the last to fall asleep is the first to wake: its caches are warm
    private readonly LaneThread[] _threads;
    private bool _isEnding;

    public LaneThreads(string name, int count)
    {
        _threads = new LaneThread[count];
        for (var i = 0; i < count; i++)
        {
            _threads[i] = new LaneThread($"{name}-{i}", Work);
            _threads[i].Start();
        }
    }

    /// <summary>Runs work in its lane. Cancellation stops the waiting; work that has begun is finished.</summary>
    /// <param name="ns">The lane's namespace.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="work">What blocks.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <param name="continuesInLane">
    /// True if what follows is short and blocks nowhere: it then runs in the lane's thread, and the hand-over to another
    /// one is saved.
    /// </param>
    /// <param name="resultMustBeTaken">
    /// True if the caller has to let go again of what the work brings: then only work that has not begun is cancelled.
    /// </param>
    public Task<T> RunAsync<T>(
        NetNs ns, Lane lane, Func<T> work, CancellationToken cancellationToken, bool continuesInLane = false, bool resultMustBeTaken = false)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        var completion = new TaskCompletionSource<T>(
            continuesInLane ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(new LaneKey(ns, lane), () => Perform(work, completion, cancellationToken));
        return cancellationToken.CanBeCanceled && !resultMustBeTaken ? completion.Task.WaitAsync(cancellationToken) : completion.Task;
    }

    /// <summary>Takes no more work, and returns when all of it is done.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isEnding = true;
        }

        foreach (var thread in _threads)
        {
            thread.Ring();
        }

        foreach (var thread in _threads)
        {
            thread.Dispose();
        }
    }

    private static void Perform<T>(Func<T> work, TaskCompletionSource<T> completion, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            completion.SetCanceled(cancellationToken);
            return;
        }

        try
        {
            completion.SetResult(work());
        }
        catch (Exception exception)
        {
            // It belongs to whoever awaits; the lane goes on.
            completion.SetException(exception);
        }
    }

    private void Enqueue(LaneKey lane, Action work)
    {
        LaneThread? sleeper;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isEnding, this);
            if (_lanes.TryGetValue(lane, out var queue))
            {
                queue.Enqueue(work);
                return;
            }

            _lanes.Add(lane, new Queue<Action>([work]));
            if (LaneThread.Current is { Next: null } own && _threads.Contains(own) && _ready.Count == 0)
            {
                own.Next = lane;
                return;
            }

            _ready.Enqueue(lane);
            _ = _asleep.TryPop(out sleeper);
        }

        sleeper?.Ring();
    }

    private void Work(LaneThread thread)
    {
        while (TryTake(thread, out var lane, out var work))
        {
            work();
            Finish(thread, lane)?.Ring();
        }
    }

    // A lane that has more to do goes on in this thread only if nothing else waits: no lane may keep another from its turn.
    private LaneThread? Finish(LaneThread thread, LaneKey lane)
    {
        lock (_gate)
        {
            var queue = _lanes[lane];
            _ = queue.Dequeue();
            if (queue.Count == 0)
            {
                _ = _lanes.Remove(lane);
                return null;
            }

            if (thread.Next is null && _ready.Count == 0)
            {
                thread.Next = lane;
                return null;
            }

            _ready.Enqueue(lane);
            return _asleep.TryPop(out var sleeper) ? sleeper : null;
        }
    }

    private bool TryTake(LaneThread thread, out LaneKey lane, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Action? work)
    {
        while (true)
        {
            lock (_gate)
            {
                if (thread.Next is { } next || _ready.TryDequeue(out next))
                {
                    thread.Next = null;
                    lane = next;
                    work = _lanes[lane].Peek();
                    return true;
                }

                if (_isEnding)
                {
                    (lane, work) = (default, null);
                    return false;
                }

                _asleep.Push(thread);
            }

            thread.Sleep();
        }
    }
}

/// <summary>A lane of a namespace.</summary>
internal readonly record struct LaneKey(NetNs Namespace, Lane Lane);
