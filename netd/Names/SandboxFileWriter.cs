using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>
/// Writes the files of sandboxes behind the requests that change what stands in them: one loop, the last state of each sandbox
/// alone. Whoever is about to use a file waits for it.
/// </summary>
internal sealed class SandboxFileWriter : IAsyncDisposable
{
    private readonly SandboxFiles _files;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _wake = new(0);
    private readonly Task _loop;
    private readonly Lock _gate = new(); // guards everything below
    private readonly Dictionary<SandboxId, SandboxFileFacts> _dirty = [];
    private TaskCompletionSource? _written;
    private bool _isEnding;

    public SandboxFileWriter(SandboxFiles files, ILogger logger)
    {
        (_files, _logger) = (files, logger);
        _loop = RunAsync();
    }

    /// <summary>The files of a sandbox are not what they should be any more.</summary>
    public void Mark(SandboxFileFacts facts)
    {
        lock (_gate)
        {
            _dirty[facts.Sandbox.Id] = facts;
            if (_written is not null)
            {
                return; // the loop is at it, and looks again
            }

            _written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        _ = _wake.Release();
    }

    /// <summary>Removes the files of a sandbox.</summary>
    public void Forget(SandboxId id)
    {
        lock (_gate)
        {
            _ = _dirty.Remove(id);
        }

        Try(id.Short, () => _files.Remove(id)); // what is left after all, the next start removes
    }

    /// <summary>Ends when nothing is left to be written.</summary>
    public Task WhenWrittenAsync()
    {
        lock (_gate)
        {
            return _written?.Task ?? Task.CompletedTask;
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isEnding = true;
        }

        _ = _wake.Release();
        await _loop;
        _wake.Dispose();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            await _wake.WaitAsync();
            SandboxFileFacts[] batch;
            while ((batch = Take()).Length > 0)
            {
                Array.ForEach(batch, facts => Try(facts.Sandbox.Name, () => _files.Write(facts)));
            }

            lock (_gate)
            {
                if (_isEnding)
                {
                    return;
                }
            }
        }
    }

    // Nothing left: whoever waits goes on.
    private SandboxFileFacts[] Take()
    {
        TaskCompletionSource? written = null;
        try
        {
            lock (_gate)
            {
                SandboxFileFacts[] batch = [.. _dirty.Values];
                _dirty.Clear();
                if (batch.Length == 0)
                {
                    (written, _written) = (_written, null);
                }

                return batch;
            }
        }
        finally
        {
            written?.SetResult();
        }
    }

    private void Try(string sandbox, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.NoResolverFile(_logger, sandbox, e.Message);
        }
    }
}
