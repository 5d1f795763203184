using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Networking.Model;
using Networking.TestSupport;

namespace Networking.Kernel.Tests.Histories;

/// <summary>A reconciler over a fake kernel in virtual time, with the intent that was given to it.</summary>
public sealed class World : IAsyncDisposable
{
    // Longer than any back-off, shorter than the time to the next full check.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_hang = TimeSpan.FromSeconds(60); // real time: a dead loop must not hang the suite

    private static readonly TimeSpan s_telling = TimeSpan.FromSeconds(5); // real time, from a completion to who awaits it

    private readonly Func<IKernel, IKernel> _decorate;
    private readonly CancellationToken _test = TestContext.Current.CancellationToken;
    private Task _crashed = Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken);
    private MortalKernel _mortal;
    private long _revision;

    public World(Func<IKernel, IKernel>? decorate = null, ReconcilerOptions? options = null, FakeKernel? kernel = null)
    {
        _decorate = decorate ?? (static k => k);
        Options = options ?? new ReconcilerOptions { OwnerTag = Intent.OwnerTag };
        Kernel = kernel ?? new FakeKernel(new NetNs(5), new NetNs(6), new NetNs(7));
        Reconciler = Begin();
    }

    public FakeKernel Kernel { get; }

    public ReconcilerOptions Options { get; }

    public ManualTime Time { get; private set; } = new();

    public Reconciler Reconciler { get; private set; }

    public RecordingListener Listener { get; } = new();

    public Intent Intent { get; private set; } = Intent.Empty;

    public bool HasIntent { get; private set; }

    public long Revision => _revision;

    /// <summary>Leftovers that no reconciler can know of, see <see cref="RestartAsync"/>.</summary>
    public Predicate<KernelObject>? IsForgiven { get; private set; }

    /// <summary>From now on waiting ends with <see cref="CrashedException"/> when this task does.</summary>
    public void WatchFor(Task crashed) => _crashed = crashed;

    public async Task SetAsync(Intent intent, bool observeFirst = false)
    {
        ArgumentNullException.ThrowIfNull(intent);
        var changes = intent.Since(HasIntent ? Intent : null, ++_revision);
        (Intent, HasIntent) = (intent, true);
        await GuardAsync(Reconciler.SetAsync(changes, observeFirst));
    }

    /// <summary>Sends changes that no sample makes.</summary>
    public Task SetAsync(params ImmutableArray<ScopeChange> changes) => GuardAsync(Reconciler.SetAsync(changes));

    /// <summary>The daemon starts anew, and something else is asked of it than before.</summary>
    public Task RestartWithAsync(Intent intent)
    {
        Intent = intent;
        return RestartAsync();
    }

    /// <summary>The daemon starts anew over the same kernel: it knows what is asked now and nothing of what was asked before.</summary>
    /// <param name="isForgetting">Whether there may be things under way that nobody asks for now.</param>
    public async Task RestartAsync(bool isForgetting = true)
    {
        // A value below /proc/sys bears no mark: when its scope's intent is forgotten before it was put back, nobody knows it.
        IsForgiven = isForgetting ? static o => o is SysctlState { Link: null } : IsForgiven;
        _crashed = Task.Delay(Timeout.Infinite, _test);
        _mortal.Kill();
        Kernel.Reconnect();
        Time = new ManualTime(Time.GetUtcNow() + TimeSpan.FromSeconds(1));
        Reconciler = Begin();
        if (HasIntent)
        {
            await GuardAsync(Reconciler.SetAsync(Intent.Since(null, _revision), observeFirst: true));
        }
    }

    /// <summary>Waits until the reconciler has nothing to do at this moment of virtual time.</summary>
    public async Task SettleAsync()
    {
        do
        {
            var patience = Stopwatch.StartNew();
            while (!Kernel.AreEventsTaken && !_crashed.IsCompleted && !Reconciler.Completion.IsCompleted)
            {
                await Task.Yield();
                if (patience.Elapsed > s_hang)
                {
                    throw new TimeoutException("nobody takes the kernel's events");
                }
            }

            await GuardAsync(Reconciler.QuietAsync());
        }
        while (!Kernel.AreEventsTaken);
    }

    /// <summary>Lets virtual time pass until nothing is planned but the full check; false if that does not come.</summary>
    public async Task<bool> ConvergeAsync()
    {
        var end = Time.GetUtcNow() + TimeSpan.FromMinutes(9);
        await SettleAsync();
        while (Time.NextDue is { } due && due - Time.GetUtcNow() < s_patience)
        {
            if (due > end)
            {
                return false;
            }

            _ = Time.AdvanceToNext();
            await SettleAsync();
        }

        return true;
    }

    /// <summary>Lets virtual time pass.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        var end = Time.GetUtcNow() + time;
        while (Time.NextDue is { } due && due <= end)
        {
            _ = Time.AdvanceToNext();
            await SettleAsync();
        }

        Time.Advance(end - Time.GetUtcNow());
        await SettleAsync();
    }

    /// <summary>Everything that is not as it should be once nothing is planned any more.</summary>
    public async Task<ImmutableArray<string>> ViolationsAsync()
    {
        var found = KernelCheck.Violations(Kernel, Intent.Scopes.Select(static s => s.Desired), IsForgiven).ToBuilder();
        var asked = HasIntent ? Intent.Scopes.Select(static s => s.Id).ToHashSet() : [];
        found.AddRange(asked
            .Where(s => !Reconciler.Statuses.TryGetValue(s, out var status) || !status.IsDone)
            .Select(s => $"{s} is not done: {Reconciler.Statuses.GetValueOrDefault(s)}"));
        found.AddRange(Reconciler.Statuses.Keys.Where(s => !asked.Contains(s)).Select(static s => $"{s} is still known"));
        foreach (var scope in asked)
        {
            var waiting = Reconciler.WaitAsync(scope, 0, _test);
            await SettleAsync();
            if (await Task.WhenAny(waiting, Task.Delay(s_telling, _test)) != waiting)
            {
                found.Add($"a waiter for {scope} is not told");
            }
        }

        var operations = Kernel.Operations;
        var plans = await GuardAsync(Reconciler.RepairAsync());
        found.AddRange(plans.Select(static p => $"a repair would change {p.Scope}:\n{p.Plan}"));
        _ = await ConvergeAsync();
        if (Kernel.Operations != operations)
        {
            found.Add($"a repair sent {Kernel.Operations - operations} operations:\n{Describe()}");
        }

        return found.ToImmutable();
    }

    /// <summary>What a person needs to see when a history goes wrong.</summary>
    public string Describe() => string.Join(
        '\n',
        (string[])
        [
            .. Reconciler.Statuses.OrderBy(static s => s.Key).Select(static s => $"{s.Key}: {s.Value.Condition} {s.Value.Reason}"),
            .. Kernel.Trace.TakeLast(60),
            .. Listener.Drift.TakeLast(10),
        ]);

    public async ValueTask DisposeAsync()
    {
        if (!_crashed.IsCompleted)
        {
            await Reconciler.DisposeAsync().AsTask().WaitAsync(s_hang, _test);
        }

        await Kernel.DisposeAsync();
    }

    [MemberNotNull(nameof(_mortal))]
    private Reconciler Begin()
    {
        _mortal = new MortalKernel(_decorate(Kernel));
        var reconciler = new Reconciler(_mortal, Time, Options, Listener);
        reconciler.Start();
        return reconciler;
    }

    /// <summary>Waits for a task, for the crash that a test has planned, or for the end of our patience.</summary>
    public async Task GuardAsync(Task task)
    {
        var first = await Task.WhenAny(task, _crashed, Reconciler.Completion).WaitAsync(s_hang, _test);
        if (first == _crashed)
        {
            throw new CrashedException();
        }

        await first;
        await task.WaitAsync(s_hang, _test);
    }

    private async Task<T> GuardAsync<T>(Task<T> task)
    {
        await GuardAsync((Task)task);
        return await task;
    }
}

/// <summary>The daemon was struck dead where the test wanted it.</summary>
public sealed class CrashedException : Exception
{
    public CrashedException()
        : base("the daemon is dead")
    {
    }

    public CrashedException(string message)
        : base(message)
    {
    }

    public CrashedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>Remembers what the reconciler told.</summary>
public sealed class RecordingListener : IReconcilerListener
{
    public ConcurrentQueue<string> Drift { get; } = new();

    public ConcurrentQueue<(ScopeId Scope, ScopeStatus? Status)> Changes { get; } = new();

    public ConcurrentQueue<KernelError> FailedTransitions { get; } = new();

    public void ScopeChanged(ScopeId scope, ScopeStatus? status) => Changes.Enqueue((scope, status));

    public void DriftFound(ScopeId scope, string what) => Drift.Enqueue($"{scope}: {what}");

    public ConcurrentQueue<NetNs> ForeignChanges { get; } = new();

    public void ForeignFirewallChanged(NetNs ns) => ForeignChanges.Enqueue(ns);

    public void TransitionFailed(Transition transition, KernelError error) => FailedTransitions.Enqueue(error);
}
