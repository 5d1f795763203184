using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>
/// Lets devices die whose packet path is already cut. The kernel needs 15–35 ms for one device and 0.7 ms for one of
/// many, so a thread of its own waits a moment and deletes the whole group in one request.
/// </summary>
/// <remarks>
/// <code>
/// Mark(ns) ─► pending ─(20 ms for more to come)─► RTM_DELLINK by group ─┬─ done, or nothing there ─► reaped
///                ▲                                                      │
///                └───────────── refused, at most 8 times ◄──────────────┘ then given up and counted
/// </code>
/// </remarks>
internal sealed class DoomedLinks : IDisposable
{
    private const int AttemptsMax = 8;
    private static readonly TimeSpan Debounce = TimeSpan.FromMilliseconds(20);

    private readonly Lock _gate = new(); // guards _pending, _idle, _thread
    private readonly HashSet<NetNs> _pending = [];
    private readonly NamespaceDirectory _directory;
    private readonly ManualResetEventSlim _stop = new();
    private readonly SemaphoreSlim _work = new(0);
    private TaskCompletionSource _idle = Completed();
    private Thread? _thread;
    private NetlinkSocket? _hostSocket; // the reaper thread's; the lanes' socket must not wait for a device to die
    private long _passes;
    private long _abandoned;

    public DoomedLinks(NamespaceDirectory directory) => _directory = directory;

    /// <summary>How many group deletions were done.</summary>
    public long Passes => Interlocked.Read(ref _passes);

    /// <summary>How many were given up; the links stay marked and are reaped at the next start.</summary>
    public long Abandoned => Interlocked.Read(ref _abandoned);

    /// <summary>Says that a namespace has links to delete.</summary>
    public void Mark(NetNs ns)
    {
        lock (_gate)
        {
            if (!_pending.Add(ns))
            {
                return;
            }

            if (_idle.Task.IsCompleted)
            {
                _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            if (_thread is null)
            {
                _thread = new Thread(Reap) { IsBackground = true, Name = "kernel-reaper" };
                _thread.Start();
            }
        }

        _ = _work.Release();
    }

    /// <summary>Completes when nothing waits to be deleted.</summary>
    public Task WhenReapedAsync()
    {
        lock (_gate)
        {
            return _idle.Task;
        }
    }

    public void Dispose()
    {
        _stop.Set();
        _ = _work.Release();
        _thread?.Join();
        _hostSocket?.Dispose();
        _stop.Dispose();
        _work.Dispose();
    }

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }

    private void Reap()
    {
        while (true)
        {
            _work.Wait();
            if (_stop.Wait(Debounce))
            {
                return;
            }

            foreach (var ns in TakePending())
            {
                Reap(ns);
            }

            lock (_gate)
            {
                if (_pending.Count == 0)
                {
                    _ = _idle.TrySetResult();
                }
            }
        }
    }

    private NetNs[] TakePending()
    {
        lock (_gate)
        {
            NetNs[] taken = [.. _pending];
            _pending.Clear();
            return taken;
        }
    }

    private void Reap(NetNs ns)
    {
        try
        {
            if (ns.IsHost)
            {
                _hostSocket ??= _directory.OpenSocket(ns, NetlinkProtocol.Route);
                Reap(_hostSocket);
            }
            else
            {
                using var socket = _directory.OpenSocket(ns, NetlinkProtocol.Route);
                Reap(socket);
            }
        }
        catch (KernelException)
        {
            // The namespace is gone and has taken its links along.
        }
    }

    private void Reap(NetlinkSocket socket)
    {
        var batch = new NetlinkBatch();
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            batch.Clear();
            var writer = batch.Begin();
            LinkEncoder.DeleteGroup(ref writer, Ownership.DoomedGroup);
            _ = batch.Commit(writer);
            socket.Exchange(batch.Messages, batch.Acks);
            _ = Interlocked.Increment(ref _passes);
            if (batch.Acks[0].IsDone || Errno.IsAbsence(batch.Acks[0].Errno) || _stop.Wait(Debounce))
            {
                return;
            }
        }

        _ = Interlocked.Increment(ref _abandoned);
    }
}
