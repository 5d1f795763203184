namespace Networking.Netd.Control;

/// <summary>
/// Keeps the way to a namespace from being forgotten while a request is on it: requests go in side by side, forgetting
/// happens only when none is in, and whoever comes meanwhile waits until it is over.
/// </summary>
internal sealed class SandboxGate
{
    private readonly Lock _lock = new(); // guards both
    private readonly Dictionary<string, int> _inside = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task> _closing = new(StringComparer.Ordinal);

    /// <summary>Goes in, after a forgetting that is under way.</summary>
    public async Task EnterAsync(string name, CancellationToken cancellationToken)
    {
        while (!TryEnter(name, out var closing))
        {
            await closing.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Goes out.</summary>
    public void Leave(string name)
    {
        lock (_lock)
        {
            var left = _inside[name] - 1;
            if (left > 0)
            {
                _inside[name] = left;
            }
            else
            {
                _ = _inside.Remove(name);
            }
        }
    }

    /// <summary>Forgets, unless somebody is in or at it already: then it is for them to do on their way out.</summary>
    public async Task TryForgetAsync(string name, Func<Task> forget)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_inside.ContainsKey(name) || !_closing.TryAdd(name, done.Task))
            {
                return;
            }
        }

        try
        {
            await forget();
        }
        finally
        {
            lock (_lock)
            {
                _ = _closing.Remove(name);
            }

            done.SetResult();
        }
    }

    private bool TryEnter(string name, out Task closing)
    {
        lock (_lock)
        {
            if (_closing.TryGetValue(name, out var found))
            {
                closing = found;
                return false;
            }

            closing = Task.CompletedTask;
            _inside[name] = _inside.GetValueOrDefault(name) + 1;
            return true;
        }
    }
}
