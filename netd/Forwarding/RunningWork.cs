namespace Networking.Netd.Forwarding;

/// <summary>Work that goes on beside its starter. Every piece ends in here, and whoever stops waits for all of them.</summary>
internal sealed class RunningWork(Action<Exception> onBroken)
{
    private readonly Lock _gate = new(); // guards _count, _empty
    private TaskCompletionSource? _empty;
    private int _count;

    /// <summary>Starts a piece; its exceptions are told, not thrown.</summary>
    public void Start(Func<Task> work)
    {
        lock (_gate)
        {
            _count++;
        }

        _ = RunAsync(work); // it never throws, and WhenEmptyAsync waits for it
    }

    /// <summary>Completes when nothing is running.</summary>
    public Task WhenEmptyAsync()
    {
        lock (_gate)
        {
            if (_count == 0)
            {
                return Task.CompletedTask;
            }

            _empty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _empty.Task;
        }
    }

    private async Task RunAsync(Func<Task> work)
    {
        try
        {
            // Out of the thread that reads everybody's sockets, and out of the starter's locks.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            await work();
        }
        catch (Exception exception)
        {
            // A mistake of ours in one connection must not take the others along.
            onBroken(exception);
        }
        finally
        {
            lock (_gate)
            {
                if (--_count == 0)
                {
                    _empty?.SetResult();
                    _empty = null;
                }
            }
        }
    }
}
