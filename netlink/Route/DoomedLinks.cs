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
///                └──── refused 8 times: again after a second, two … 60 ◄─┘ one such device keeps all of its group
/// </code>
/// </remarks>
internal sealed class DoomedLinks : IDisposable
{
    private const int AttemptsMax = 8;
    private static readonly TimeSpan Debounce = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan PauseMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new(); // guards _pending, _idle, _thread
    private readonly HashSet<NetNs> _pending = [];
    private readonly Dictionary<NetNs, Refused> _refused = []; // the reaper thread's
    private readonly NamespaceDirectory _directory;
    private readonly ManualResetEventSlim _stop = new();
    private readonly SemaphoreSlim _work = new(0);
    private TaskCompletionSource _idle = Completed();
    private Thread? _thread;
    private NetlinkSocket? _hostSocket; // the reaper thread's; the lanes' socket must not wait for a device to die
    private long _passes;
    private long _postponements;

    public DoomedLinks(NamespaceDirectory directory) => _directory = directory;

    /// <summary>How many group deletions were done.</summary>
    public long Passes => Interlocked.Read(ref _passes);

    /// <summary>How often the kernel refused so long that the next attempt was put off.</summary>
    public long Postponements => Interlocked.Read(ref _postponements);

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

    /// <summary>Completes when nothing waits to be deleted, but what the kernel refuses: no end waits for that.</summary>
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
            _ = _work.Wait(UntilNextAttempt());
            if (_stop.Wait(Debounce))
            {
                return;
            }

            foreach (var ns in TakePending())
            {
                if (TryReap(ns))
                {
                    _ = _refused.Remove(ns);
                }
                else
                {
                    PutOff(ns);
                }
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

    private TimeSpan UntilNextAttempt()
    {
        if (_refused.Count == 0)
        {
            return Timeout.InfiniteTimeSpan;
        }

        var left = _refused.Values.Min(static refused => refused.DueMs) - Environment.TickCount64;
        return TimeSpan.FromMilliseconds(Math.Max(0, left));
    }

    private void PutOff(NetNs ns)
    {
        var pause = _refused.TryGetValue(ns, out var before) ? before.Pause * 2 : PauseMin;
        pause = pause < PauseMax ? pause : PauseMax;
        _refused[ns] = new Refused(Environment.TickCount64 + (long)pause.TotalMilliseconds, pause);
        _ = Interlocked.Increment(ref _postponements);
    }

    private NetNs[] TakePending()
    {
        lock (_gate)
        {
            var now = Environment.TickCount64;
            NetNs[] taken = [.. _pending.Union(_refused.Where(refused => refused.Value.DueMs <= now).Select(static refused => refused.Key))];
            _pending.Clear();
            return taken;
        }
    }

    private bool TryReap(NetNs ns)
    {
        try
        {
            if (ns.IsHost)
            {
                _hostSocket ??= _directory.OpenSocket(ns, NetlinkProtocol.Route);
                return TryReap(_hostSocket);
            }

            using var socket = _directory.OpenSocket(ns, NetlinkProtocol.Route);
            return TryReap(socket);
        }
        catch (KernelException)
        {
            return true; // the namespace is gone and has taken its links along
        }
    }

    private bool TryReap(NetlinkSocket socket)
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
            if (batch.Acks[0].IsDone || Errno.IsAbsence(batch.Acks[0].Errno))
            {
                return true;
            }

            if (_stop.Wait(Debounce))
            {
                break;
            }
        }

        return false;
    }

    /// <summary>Links that were not deleted: when to try again, and how long that was put off.</summary>
    private readonly record struct Refused(long DueMs, TimeSpan Pause);
}
