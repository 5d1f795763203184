using System.Collections.Concurrent;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>
/// A few dedicated threads that do blocking kernel work. Work of one lane of one namespace runs in order, one piece at
/// a time; lanes run beside each other. The threads never leave the daemon's own namespace.
/// </summary>
internal sealed class LaneThreads : IDisposable
{
    private readonly Lock _gate = new(); // guards _lanes and the queues in it
    private readonly Dictionary<LaneKey, Queue<Action>> _lanes = [];
    private readonly BlockingCollection<LaneKey> _ready = [];
    private readonly Thread[] _threads;

    public LaneThreads(int count)
    {
        _threads = new Thread[count];
        for (var i = 0; i < count; i++)
        {
            _threads[i] = new Thread(Work) { IsBackground = true, Name = $"kernel-lane-{i}" };
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
    public Task<T> RunAsync<T>(NetNs ns, Lane lane, Func<T> work, CancellationToken cancellationToken, bool continuesInLane = false)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        var completion = new TaskCompletionSource<T>(
            continuesInLane ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(new LaneKey(ns, lane), () => Perform(work, completion, cancellationToken));
        return cancellationToken.CanBeCanceled ? completion.Task.WaitAsync(cancellationToken) : completion.Task;
    }

    public void Dispose()
    {
        _ready.CompleteAdding();
        foreach (var thread in _threads)
        {
            thread.Join();
        }

        _ready.Dispose();
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

    private void Enqueue(LaneKey key, Action work)
    {
        lock (_gate)
        {
            if (_lanes.TryGetValue(key, out var queue))
            {
                queue.Enqueue(work);
                return;
            }

            _lanes.Add(key, new Queue<Action>([work]));
        }

        _ready.Add(key);
    }

    private void Work()
    {
        foreach (var key in _ready.GetConsumingEnumerable())
        {
            Action work;
            lock (_gate)
            {
                work = _lanes[key].Peek();
            }

            work();
            bool hasMore;
            lock (_gate)
            {
                var queue = _lanes[key];
                _ = queue.Dequeue();
                hasMore = queue.Count > 0;
                if (!hasMore)
                {
                    _ = _lanes.Remove(key);
                }
            }

            if (hasMore && !_ready.IsAddingCompleted)
            {
                _ready.Add(key);
            }
        }
    }

    private readonly record struct LaneKey(NetNs Namespace, Lane Lane);
}
