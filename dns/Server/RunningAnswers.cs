namespace Networking.Dns;

/// <summary>Answers that are being fetched: kept, so that somebody sees it if one breaks, and waits for them at the end.</summary>
internal sealed class RunningAnswers
{
    private readonly Lock _gate = new(); // guards _running
    private readonly HashSet<Task> _running = [];

    /// <summary>Keeps a task until it has ended.</summary>
    /// <exception cref="InvalidOperationException">One of those before it broke a promise of ours.</exception>
    public void Add(Task task)
    {
        if (task.IsCompletedSuccessfully)
        {
            return;
        }

        lock (_gate)
        {
            _ = _running.Add(task);
        }

        _ = task.ContinueWith(
            static (ended, state) => ((RunningAnswers)state!).Remove(ended), // given below
            this, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Waits for all; throws what broke.</summary>
    public Task WhenAllAsync()
    {
        lock (_gate)
        {
            return Task.WhenAll(_running);
        }
    }

    // One that failed stays, for WhenAllAsync to throw.
    private void Remove(Task ended)
    {
        if (!ended.IsFaulted)
        {
            lock (_gate)
            {
                _ = _running.Remove(ended);
            }
        }
    }
}
