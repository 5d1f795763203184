using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Networking.Netlink;

/// <summary>
/// The one thread that goes into foreign namespaces. Its jobs are raw system calls only. If it cannot come home it
/// ends, and its supervisor (which never leaves home) answers for it and starts another.
/// </summary>
/// <remarks>
/// <code>
/// caller ── job ──► worker: setns(ns) → raw calls → setns(home) ── answer ──► caller
///                     └─ setns(home) refused: the thread ends ─► supervisor: answer, new worker
/// </code>
/// Whoever waits must wake only after the worker is home: waking may start threads, and they inherit the namespace.
/// </remarks>
internal sealed class NamespaceThread : IDisposable
{
    private const int JobsMax = 1024;

    private readonly BlockingCollection<Job> _jobs = new(JobsMax);
    private readonly FileDescriptor _home;
    private readonly Thread _supervisor;
    private Job? _abandoned; // handed from the worker that could not come home to the supervisor, through Thread.Join

    public NamespaceThread(FileDescriptor home)
    {
        _home = home;
        _supervisor = new Thread(Supervise) { IsBackground = true, Name = "netns-supervisor" };
        _supervisor.Start();
    }

    /// <summary>How many workers could not come home and were replaced.</summary>
    public int Replaced { get; private set; }

    /// <summary>Runs raw system calls inside a namespace and waits. Not for pool threads: it blocks.</summary>
    public T Run<T>(FileDescriptor ns, Func<T> calls)
    {
        using var job = new Job<T>(ns, calls);
        _jobs.Add(job);
        return job.Wait();
    }

    public void Dispose()
    {
        _jobs.CompleteAdding();
        _supervisor.Join();
        _jobs.Dispose();
    }

    private void Supervise()
    {
        while (!_jobs.IsCompleted)
        {
            var worker = new Thread(Work) { IsBackground = true, Name = "netns-worker" };
            worker.Start();
            worker.Join();
            if (_abandoned is { } job)
            {
                _abandoned = null;
                Replaced++;
                job.Answer();
            }
        }
    }

    private void Work()
    {
        foreach (var job in _jobs.GetConsumingEnumerable())
        {
            if (!job.PerformInside(_home))
            {
                _abandoned = job;
                return;
            }

            job.Answer();
        }
    }

    private abstract class Job : IDisposable
    {
        protected ManualResetEventSlim Answered { get; } = new();

        /// <summary>Goes in, works, comes back; false if it could not come back.</summary>
        public abstract bool PerformInside(FileDescriptor home);

        public void Answer() => Answered.Set();

        public void Dispose() => Answered.Dispose();
    }

    private sealed class Job<T>(FileDescriptor ns, Func<T> calls) : Job
    {
        private T? _result;
        private ExceptionDispatchInfo? _failure;

        public override bool PerformInside(FileDescriptor home)
        {
            var isHome = true;
            try
            {
                using var scope = NetworkNamespace.Enter(ns, home);
                try
                {
                    _result = calls();
                }
                finally
                {
                    isHome = scope.TryLeave();
                }
            }
            catch (Exception exception)
            {
                // Whatever it is belongs to the caller, who waits.
                _failure = ExceptionDispatchInfo.Capture(exception);
            }

            return isHome;
        }

        public T Wait()
        {
            Answered.Wait();
            _failure?.Throw();
            return _result!; // set whenever there is no failure
        }
    }
}
