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
    public Task<T> RunAsync<T>(NetNs ns, Lane lane, Func<T> work, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
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
