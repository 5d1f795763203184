using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>
/// Keeps the way to a namespace from being forgotten while a request is on it: requests go in side by side, forgetting
/// happens only when none is in, and whoever comes meanwhile waits until it is over. A request knows its namespace only once it
/// has opened the way, so it looks whether the way is still there when it is in.
/// </summary>
internal sealed class SandboxGate
{
    private readonly Lock _lock = new(); // guards both
    private readonly Dictionary<NetNs, int> _inside = [];
    private readonly Dictionary<NetNs, Task> _closing = [];

    /// <summary>Goes in, after a forgetting that is under way.</summary>
    public async Task EnterAsync(NetNs ns, CancellationToken cancellationToken)
    {
        while (!TryEnter(ns, out var closing))
        {
            await closing.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Goes out.</summary>
    public void Leave(NetNs ns)
    {
        lock (_lock)
        {
            var left = _inside[ns] - 1;
            if (left > 0)
            {
                _inside[ns] = left;
            }
            else
            {
                _ = _inside.Remove(ns);
            }
        }
    }

    /// <summary>Forgets, unless somebody is in or at it already: then it is for them to do on their way out.</summary>
    public async Task TryForgetAsync(NetNs ns, Func<Task> forget)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_inside.ContainsKey(ns) || !_closing.TryAdd(ns, done.Task))
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
                _ = _closing.Remove(ns);
            }

            done.SetResult();
        }
    }

    private bool TryEnter(NetNs ns, out Task closing)
    {
        lock (_lock)
        {
            if (_closing.TryGetValue(ns, out var found))
            {
                closing = found;
                return false;
            }

            closing = Task.CompletedTask;
            _inside[ns] = _inside.GetValueOrDefault(ns) + 1;
            return true;
        }
    }
}
