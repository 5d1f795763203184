using System.Threading.Channels;
using Networking.Kernel;

namespace Networking.TestSupport;

/// <summary>
/// The event stream of the fake kernel. Unlike a plain channel it knows whether its reader has dealt with what it took:
/// a reader that waits again has.
/// </summary>
public sealed class FakeEvents : ChannelReader<KernelEvent>
{
    private readonly Lock _gate = new(); // guards _queue, _waiter, _isClosed, _isRead
    private readonly Queue<KernelEvent> _queue = new();
    private TaskCompletionSource<bool>? _waiter;
    private bool _isClosed;
    private bool _isRead;

    /// <summary>True if every event was taken and its reader waits for more, or nobody has ever read.</summary>
    public bool AreTaken
    {
        get
        {
            lock (_gate)
            {
                return _isClosed || (_queue.Count == 0 && (!_isRead || _waiter is not null));
            }
        }
    }

    public override bool TryRead(out KernelEvent item)
    {
        lock (_gate)
        {
            return _queue.TryDequeue(out item!);
        }
    }

    public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            _isRead = true;
            if (_queue.Count > 0)
            {
                return new ValueTask<bool>(true);
            }

            if (_isClosed)
            {
                return new ValueTask<bool>(false);
            }

            _waiter ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask<bool>(_waiter.Task.WaitAsync(cancellationToken));
        }
    }

    internal void Write(KernelEvent item)
    {
        TaskCompletionSource<bool>? waiter;
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            _queue.Enqueue(item);
            (waiter, _waiter) = (_waiter, null);
        }

        _ = waiter?.TrySetResult(true);
    }

    internal void Close()
    {
        TaskCompletionSource<bool>? waiter;
        lock (_gate)
        {
            _isClosed = true;
            _queue.Clear();
            (waiter, _waiter) = (_waiter, null);
        }

        _ = waiter?.TrySetResult(false);
    }
}
