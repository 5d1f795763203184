using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading.Channels;

namespace Networking.Kernel;

/// <summary>
/// The only writer. One loop owns every scope's intent and shadow; it plans, sends through lanes, folds
/// acknowledgements and events into the shadow, and tries again what was refused. On the hot path nothing is read back:
/// the acknowledgement is the observation. Dumps happen at start, after losses and refusals, on request and on a slow timer.
/// </summary>
/// <remarks>
/// <code>
///   SetAsync ──► scopes (intent) ──► plan ──► lanes ──► kernel
///                    ▲                          │
///                    └── shadow ◄── acks, events, dumps
/// </code>
/// Operations of one scope are never under way twice. A scope waits for its parents, for interfaces of others that its
/// objects live on, and for names that a scope on its way out still holds; whoever it waits for wakes it.
/// </remarks>
public sealed partial class Reconciler : IAsyncDisposable
{
    private const int InboxMax = 65_536;

    // What a pass takes in before it acts: a flood of events must not keep the loop from its work.
    private const int ActionsPerPassMax = 1024;

    // Passes in a row in the thread of whoever brought the news: a flood must not keep that thread from its own work.
    private const int PassesInARowMax = 8;

    private readonly IKernel _kernel;
    private readonly TimeProvider _time;
    private readonly ReconcilerOptions _options;
    private readonly IReconcilerListener _listener;

    // The loop goes on in whichever thread brings it news, a lane's or a caller's: it never waits and never blocks, and a
    // hand-over to another thread would cost more than most of its turns.
    private readonly Channel<Action> _inbox = Channel.CreateBounded<Action>(
        new BoundedChannelOptions(InboxMax) { SingleReader = true, AllowSynchronousContinuations = true });

    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<ScopeId, ScopeEntry> _scopes = [];
    private readonly Queue<ScopeEntry> _ready = new();
    private readonly ConcurrentDictionary<ScopeId, ScopeStatus> _statuses = new();
    private readonly PriorityQueue<Action, TimeSpan> _schedule = new(); // by Elapsed
    private readonly ITimer _timer;
    private readonly long _created;
    private TimeSpan _armedFor = TimeSpan.MaxValue; // when the timer rings
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<TaskCompletionSource> _quiet = [];
    private readonly HashSet<ScopeEntry> _underWay = []; // scopes whose operations are under way
    private long _moment; // counts events, acknowledgements and readings, so that older news can be told from newer
    private bool _isStarted;
    private bool _isStopping;
    private int _disposals;
    private Exception? _failure;
    private Task _loop = Task.CompletedTask;
    private Task _pump = Task.CompletedTask;

    /// <summary>Creates a reconciler; nothing happens before <see cref="Start"/>.</summary>
    public Reconciler(IKernel kernel, TimeProvider time, ReconcilerOptions options, IReconcilerListener listener)
    {
        ArgumentNullException.ThrowIfNull(time);
        _kernel = kernel;
        _time = time;
        _options = options;
        _listener = listener;
        _created = time.GetTimestamp();
        _timer = time.CreateTimer(_ => _ = PostAsync(() => _armedFor = TimeSpan.MaxValue), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Status of every scope; a reader takes it without a lock.</summary>
    public IReadOnlyDictionary<ScopeId, ScopeStatus> Statuses => _statuses;

    /// <summary>Ends when the loop does: with an exception if one of our own promises broke.</summary>
    public Task Completion => _loop;

    /// <summary>Starts the loop and the reading of events.</summary>
    public void Start()
    {
        _isStarted = true;
        _loop = RunAsync();
        _pump = PumpEventsAsync();
        _ = PostAsync(ScheduleFullCheck);
    }

    /// <summary>Takes new intent. Returns when it is taken, not when it is done.</summary>
    /// <param name="changes">Parents before children.</param>
    /// <param name="observeFirst">Read the kernel before the first step: at start, when nothing is known.</param>
    /// <exception cref="OperationCanceledException">The reconciler has stopped.</exception>
    public async Task SetAsync(ImmutableArray<ScopeChange> changes, bool observeFirst = false)
    {
        var isTaken = await PostAsync(() =>
        {
            if (observeFirst)
            {
                ExpectToSee(changes);
            }

            // Who gives a name up may stand behind who takes it.
            foreach (var change in changes)
            {
                ReleaseClaims(change);
            }

            foreach (var change in changes)
            {
                SetScope(change);
            }

            if (observeFirst)
            {
                RequestObservation(null, isFold: true, null);
            }
        }).ConfigureAwait(false);
        if (!isTaken)
        {
            throw Stopped();
        }
    }

    /// <summary>Waits until a scope is as asked at a revision, is gone, or was refused for a reason that waiting does not mend.</summary>
    /// <exception cref="OperationCanceledException">The caller has waited enough, or the reconciler has stopped.</exception>
    public Task WaitAsync(ScopeId scope, long revision, CancellationToken cancellationToken) =>
        WaitAsync([scope], revision, cancellationToken);

    /// <summary>The same for several scopes, all of them.</summary>
    /// <param name="scopes">Which; none is no wait.</param>
    /// <param name="revision">The revision of intent.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <param name="continuesInLoop">
    /// True if what follows is short and blocks nowhere: it may then run in the thread that brings the last of the news, and the
    /// hand-over to another one is saved.
    /// </param>
    public async Task WaitAsync(ImmutableArray<ScopeId> scopes, long revision, CancellationToken cancellationToken, bool continuesInLoop = false)
    {
        if (scopes.IsEmpty)
        {
            return;
        }

        var wait = new ScopeWait(scopes.Length, continuesInLoop);
        _ = await PostAsync(() =>
        {
            foreach (var scope in scopes)
            {
                AddWaiter(scope, revision, wait);
            }
        }).ConfigureAwait(false);
        try
        {
            await AnswerAsync(wait.Task, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = await PostAsync(() => GiveUp(scopes, wait)).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>What these changes would do, from what is believed of the kernel; nothing is changed.</summary>
    public Task<ImmutableArray<ScopePlan>> PlanAsync(ImmutableArray<ScopeChange> changes) => AskAsync(() =>
    {
        var coming = changes.Where(static c => c.Desired is not null).SelectMany(static c => c.Desired!.Keys).ToHashSet();
        return (ImmutableArray<ScopePlan>)
        [
            .. changes.Select(c => new ScopePlan(c.Scope, KernelPlan.Between(
                _scopes.TryGetValue(c.Scope, out var entry) ? entry.Observed : KernelState.Empty,
                c.Desired ?? KernelState.Empty,
                key => coming.Contains(key) || _holders.ContainsKey(key) || IsLeftToOthers(key)))),
        ];
    });

    /// <summary>What is still to be done, from what is believed of the kernel.</summary>
    public Task<ImmutableArray<ScopePlan>> PendingAsync() => AskAsync(() => PlansOf(static e => e.Observed));

    /// <summary>Reads the kernel and tells what differs from intent; nothing is changed.</summary>
    /// <exception cref="KernelException">A namespace cannot be read: it says which, and why.</exception>
    public Task<ImmutableArray<ScopePlan>> DiffAsync() => ReadAsync(static () => null, isFold: false);

    /// <summary>The same for one scope, whose namespaces alone are read; no plan if nothing differs.</summary>
    /// <exception cref="KernelException">One of these namespaces cannot be read.</exception>
    public async Task<ImmutableArray<ScopePlan>> DiffAsync(ScopeId scope)
    {
        var plans = await ReadAsync(
            () => _scopes.TryGetValue(scope, out var entry) ? NamespacesOf(entry).ToArray() : [], isFold: false).ConfigureAwait(false);
        return [.. plans.Where(p => p.Scope == scope)];
    }

    /// <summary>Reads the kernel and mends what differs; returns what that is, when mending has begun.</summary>
    /// <exception cref="KernelException">A namespace cannot be read; what differs in the others is being mended.</exception>
    public Task<ImmutableArray<ScopePlan>> RepairAsync() => ReadAsync(static () => null, isFold: true);

    /// <summary>The desired state of a scope, empty if there is no such scope.</summary>
    public Task<KernelState> DesiredAsync(ScopeId scope) =>
        AskAsync(() => _scopes.TryGetValue(scope, out var entry) ? entry.Desired : KernelState.Empty);

    /// <summary>
    /// Waits until nothing is ready, under way or being read: what is left waits for a moment, an event or another scope.
    /// </summary>
    public async Task QuietAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = await PostAsync(() => _quiet.Add(done)).ConfigureAwait(false);
        await AnswerAsync(done.Task).ConfigureAwait(false);
    }

    /// <summary>Takes no more intent, finishes what is under way, leaves every object standing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Increment(ref _disposals) > 1)
        {
            await _ended.Task.ConfigureAwait(false);
            return;
        }

        await _stopping.CancelAsync().ConfigureAwait(false); // readings and announcements may stop; applies are finished
        if (_isStarted)
        {
            _ = await PostAsync(() =>
            {
                _isStopping = true;
                FinishIfDrained();
            }).ConfigureAwait(false);
            _ = await Task.WhenAny(_drained.Task, _ended.Task).ConfigureAwait(false);
        }

        _ = _inbox.Writer.TryComplete();
        _ = await Task.WhenAny(_loop).ConfigureAwait(false); // its failure is Completion's to tell
        await _pump.ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
        _ = _ended.TrySetResult();
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            for (var passes = 0; ;)
            {
                var news = _inbox.Reader.WaitToReadAsync();
                passes = news.IsCompleted ? passes + 1 : 0;
                if (!await news.ConfigureAwait(false))
                {
                    break;
                }

                if (passes == PassesInARowMax)
                {
                    passes = 0;
                    await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                }

                for (var i = 0; i < ActionsPerPassMax && _inbox.Reader.TryRead(out var action); i++)
                {
                    action();
                }

                RunDue();
                Dispatch();
                Answer();
                PerformNext();
                ArmTimer();
                TellQuiet();
            }
        }
        catch (Exception e) // one of our own promises broke: whoever waits for this loop must hear it, nobody else can tell them
        {
            _failure = e;
            _ = _inbox.Writer.TryComplete();
            throw;
        }
        finally
        {
            _ = _ended.TrySetResult();
        }
    }

    private async Task<bool> PostAsync(Action action)
    {
        try
        {
            await _inbox.Writer.WriteAsync(action).ConfigureAwait(false);
            return true;
        }
        catch (ChannelClosedException)
        {
            return false; // stopped: what was reported is found again by the next start's observation
        }
    }

    private async Task<T> AskAsync<T>(Func<T> question)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = await PostAsync(() =>
        {
            try
            {
                answer.SetResult(question());
            }
            catch (Exception e) // a question changes nothing, so its failure is the asker's alone
            {
                answer.SetException(e);
            }
        }).ConfigureAwait(false);
        await AnswerAsync(answer.Task).ConfigureAwait(false);
        return await answer.Task.ConfigureAwait(false);
    }

    // The loop's answer, or the news that there will be none.
    private async Task AnswerAsync(Task answer, CancellationToken cancellationToken = default)
    {
        _ = await Task.WhenAny(answer, _ended.Task).WaitAsync(cancellationToken).ConfigureAwait(false);
        if (!answer.IsCompleted)
        {
            throw Stopped();
        }

        await answer.ConfigureAwait(false);
    }

    private OperationCanceledException Stopped() => new("the reconciler has stopped", _failure);

    // What is due goes by this: somebody may set the clock by hours, and it is for showing only.
    private TimeSpan Elapsed => _time.GetElapsedTime(_created);

    private void Schedule(TimeSpan after, Action action) => _schedule.Enqueue(action, Elapsed + after);

    private void RunDue()
    {
        var now = Elapsed;
        while (_schedule.TryPeek(out var action, out var due) && due <= now)
        {
            _ = _schedule.Dequeue();
            action();
        }
    }

    // Only for what is due before anything that it is set for already: setting it wakes a thread.
    private void ArmTimer()
    {
        if (_schedule.TryPeek(out _, out var due) && due < _armedFor)
        {
            var wait = due - Elapsed;
            _armedFor = due;
            _ = _timer.Change(wait > TimeSpan.FromMilliseconds(1) ? wait : TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        }
    }

    private void TellQuiet()
    {
        if (_quiet.Count > 0 && _ready.Count == 0 && _underWay.Count == 0 && _performing == 0 && !IsObservationDue)
        {
            _quiet.ForEach(static q => q.SetResult());
            _quiet.Clear();
        }
    }

    private void FinishIfDrained()
    {
        if (_isStopping && _underWay.Count == 0 && _performing == 0 && !_isObserving)
        {
            _ = _drained.TrySetResult();
        }
    }
}
