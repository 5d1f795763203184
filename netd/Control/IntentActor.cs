using System.Collections.Immutable;
using System.Threading.Channels;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>
/// The one writer of granted state. It takes whatever commands wait, decides them one after the other, commits all of them
/// together, publishes the new state and hands the touched scopes to the reconciler. It makes no kernel call and waits
/// for nothing but the store.
/// </summary>
internal sealed class IntentActor : IAsyncDisposable
{
    // Full means that requests wait in their own tasks: the store is the bottleneck then, and nothing is lost.
    private const int InboxMax = 4096;
    private const int CommandsPerCommitMax = 256;

    // Deciding costs microseconds and waits for nothing, so the loop goes on in the request's own thread.
    private readonly Channel<IWork> _inbox = Channel.CreateBounded<IWork>(
        new BoundedChannelOptions(InboxMax) { SingleReader = true, AllowSynchronousContinuations = true });

    private readonly IIntentStore _store;
    private readonly Reconciler _reconciler;
    private readonly Action<NodeState, NodeState, Touched>? _published;
    private readonly Task _loop;
    private NodeState _state;
    private StoreChange? _owed;

    /// <param name="initial">The state at start.</param>
    /// <param name="store">Where intent is kept.</param>
    /// <param name="reconciler">Takes them.</param>
    /// <param name="published">Told of each state that has replaced another, and what changed; returns at once.</param>
    /// <param name="owed">What is in the state but not in the store yet; goes with the first commit.</param>
    public IntentActor(
        NodeState initial, IIntentStore store, Reconciler reconciler, Action<NodeState, NodeState, Touched>? published = null, StoreChange? owed = null)
    {
        _published = published;
        _owed = owed;
        _state = initial;
        _store = store;
        _reconciler = reconciler;
        _loop = RunAsync();
    }

    /// <summary>The state as of the last commit.</summary>
    public NodeState State => Volatile.Read(ref _state);

    /// <summary>Ends when the loop does: with an exception if one of our own promises broke.</summary>
    public Task Completion => _loop;

    /// <summary>Decides and commits; returns once the intent is safe and with the reconciler.</summary>
    /// <exception cref="RefusedException">The command was refused, or the store could not take it; nothing was changed.</exception>
    public async Task<Committed<T>> SubmitAsync<T>(IIntentCommand<T> command, CancellationToken cancellationToken)
    {
        var work = new Work<T>(command);
        await _inbox.Writer.WriteAsync(work, cancellationToken);
        return await work.Answer.Task.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _ = _inbox.Writer.TryComplete();
        await Task.WhenAny(_loop); // its failure is Completion's to tell
    }

    private async Task RunAsync()
    {
        var taken = new List<IWork>(CommandsPerCommitMax);
        while (await _inbox.Reader.WaitToReadAsync())
        {
            taken.Clear();
            while (taken.Count < CommandsPerCommitMax && _inbox.Reader.TryRead(out var work))
            {
                taken.Add(work);
            }

            await CommitAsync(taken);
        }
    }

    private async Task CommitAsync(List<IWork> taken)
    {
        var batch = new Batch(_state);
        foreach (var work in taken)
        {
            work.Decide(batch);
        }

        if (batch.IsChanged)
        {
            try
            {
                await (_owed is null
                    ? _store.CommitAsync(batch.Change, batch.Durability, CancellationToken.None)
                    : _store.CommitAsync(_owed.Then(batch.Change), Durability.Disk, CancellationToken.None));
                _owed = null;
            }
            catch (StoreException e)
            {
                var refusal = Refusal.Of(503, "store.failed", null, e.Message, "nothing was changed; free space or mend the store, then try again");
                taken.ForEach(w => w.Fail(refusal));
                return;
            }
        }

        var (before, next) = (_state, NameComposer.Next(_state, batch.State, batch.Touched));
        Volatile.Write(ref _state, next);
        _published?.Invoke(before, next, batch.Touched);
        var changes = ScopeComposer.Changes(next, batch.Touched);
        if (!changes.IsEmpty)
        {
            await _reconciler.SetAsync(changes);
        }

        taken.ForEach(static w => w.Complete());
    }

    private interface IWork
    {
        void Decide(Batch batch);

        void Complete();

        void Fail(Refusal refusal);
    }

    private sealed class Batch(NodeState state)
    {
        public NodeState State { get; private set; } = state;

        public StoreChange Change { get; private set; } = new();

        public Touched Touched { get; private set; } = Touched.Nothing;

        public Durability Durability { get; private set; } = Durability.Process;

        public bool IsChanged { get; private set; }

        public void Take<T>(Decision<T> decision, Durability durability)
        {
            IsChanged |= !ReferenceEquals(decision.Next, State);
            State = decision.Touched.Node ? decision.Next! with { NodeRevision = decision.Next.Revision } : decision.Next!; // a granted decision has a next state
            Change = Change.Then(decision.Change);
            Touched = Touched.With(decision.Touched);
            Durability = durability > Durability ? durability : Durability;
        }
    }

    private sealed class Work<T>(IIntentCommand<T> command) : IWork
    {
        private Committed<T>? _granted;

        public TaskCompletionSource<Committed<T>> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Decide(Batch batch)
        {
            var decision = command.Decide(batch.State);
            if (decision.Refusal is { } refusal)
            {
                _ = Answer.TrySetException(new RefusedException(refusal));
                return;
            }

            batch.Take(decision, command.Durability);
            _granted = new Committed<T>(decision.Result!, decision.Touched, batch.State.Revision); // granted with a result
        }

        public void Complete()
        {
            if (_granted is { } granted)
            {
                _ = Answer.TrySetResult(granted);
            }
        }

        public void Fail(Refusal refusal) => _ = Answer.TrySetException(new RefusedException(refusal));
    }
}

/// <summary>A command's result, the scopes it touched, and the revision at which they have done what it asked.</summary>
internal sealed record Committed<T>(T Result, Touched Touched, long Revision)
{
    /// <summary>The touched scopes but the node's: what a request waits for.</summary>
    public ImmutableArray<ScopeId> Scopes =>
    [
        .. Touched.Endpoints.Select(ScopeId.Of),
        .. Touched.Sandboxes.Select(ScopeId.Of),
        .. Touched.Networks.Select(ScopeId.Of),
    ];
}
