using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Networking.Model;

namespace Networking.Store;

/// <summary>
/// Intent in an SQLite database of a state directory that this process alone holds. One writes at a time: as a rule the
/// store's own thread, which takes everything that waits and commits it in one transaction. Changes are committed in the
/// order in which <see cref="CommitAsync"/> was called; when the queue is full, callers wait to enter it, still in that
/// order.
/// </summary>
public sealed class SqliteIntentStore : IIntentStore
{
    private readonly StateDirectory _directory;
    private readonly SqliteDatabase _database;
    private readonly GroupCommit _groups;
    private readonly Channel<PendingCommit?> _queue; // null: nothing to commit, but to look whether the log has grown long
    private readonly StoreLimits _limits;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Guards _database, _end and _isClosed: the store's thread holds it from taking a group to having committed it.
    private readonly Lock _gate = new();
    private StoreException? _end; // why no further change may be committed, whoever met it
    private bool _isClosed;
    private int _starts;

    private SqliteIntentStore(StateDirectory directory, SqliteDatabase database, StoreLimits limits)
    {
        _directory = directory;
        _database = database;
        _groups = new GroupCommit(database);
        _limits = limits;
        _queue = Channel.CreateBounded<PendingCommit?>(new BoundedChannelOptions(limits.QueuedChangesMax)
        {
            FullMode = BoundedChannelFullMode.Wait,
            SingleReader = true,

            // What continues inline is only our own few lines in EnqueueAsync and the thread's wake-up, never a caller's.
            AllowSynchronousContinuations = true,
        });
        _thread = new Thread(Run) { IsBackground = true, Name = "netd-store" };
    }

    /// <summary>The database file.</summary>
    public string Path => _database.Path;

    /// <summary>What was done so far.</summary>
    public StoreCounters Counters => _groups.Counters;

    /// <summary>Opens the store of a state directory; makes both where there is nothing yet.</summary>
    /// <exception cref="StoreException">
    /// The directory is in use, or its database is damaged, truncated, foreign or newer: it says which and what to do.
    /// </exception>
    public static SqliteIntentStore Open(string stateDirectory)
    {
        var store = OpenStopped(stateDirectory, StoreLimits.Default);
        store.Start();
        return store;
    }

    /// <inheritdoc/>
    public StoreContent Load()
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                throw new StoreException($"store {Path} is closed and cannot be read.");
            }

            try
            {
                return ContentReader.Read(_database);
            }
            catch (SqliteException e)
            {
                throw StoreFailure.Reading(Path, e);
            }
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// In one change puts come before removals: what is both put and removed is gone. Cancelling means that nothing was
    /// committed; a change that is already being committed is no longer cancelled.
    /// </remarks>
    public Task CommitAsync(StoreChange change, Durability durability, CancellationToken cancellationToken)
    {
        var rows = ChangeRows.Of(change);
        if (rows.IsEmpty)
        {
            return Task.CompletedTask;
        }

        var mayCommitHere = durability == Durability.Process && !cancellationToken.IsCancellationRequested;
        return mayCommitHere && TryCommitHere(rows, out var pending) ? pending.Outcome : EnqueueAsync(rows, durability, cancellationToken);
    }

    /// <summary>Removes the sandboxes and endpoints of every boot but this one; returns how many they were.</summary>
    /// <exception cref="StoreException">Nothing was removed.</exception>
    public Task<int> RemoveOtherBootsAsync(string bootId, CancellationToken cancellationToken) =>
        EnqueueAsync(ChangeRows.RemovingOtherBoots(bootId), Durability.Process, cancellationToken);

    /// <summary>Commits what waits, empties the log into the database, closes it and lets the directory go.</summary>
    public async ValueTask DisposeAsync()
    {
        _ = _queue.Writer.TryComplete();
        Start();
        await _ended.Task;
    }

    /// <summary>Opens a store whose thread does not run yet, so that a test can decide what waits together.</summary>
    internal static SqliteIntentStore OpenStopped(string stateDirectory, StoreLimits limits)
    {
        var directory = StateDirectory.Claim(stateDirectory);
        try
        {
            return new SqliteIntentStore(directory, DatabaseFile.Open(directory), limits);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    internal void Start()
    {
        if (Interlocked.Increment(ref _starts) == 1)
        {
            _thread.Start();
        }
    }

    // Nobody writes and nobody waits: the caller's own thread writes the log then, which takes a tenth of a millisecond
    // and saves waking another thread and being woken by it. What waits for the disk never goes this way.
    private bool TryCommitHere(ImmutableArray<RowWrite> rows, [NotNullWhen(true)] out PendingCommit? pending)
    {
        pending = null;
        if (!_gate.TryEnter())
        {
            return false;
        }

        try
        {
            if (_isClosed || _end is not null || _starts == 0 || _queue.Reader.Count > 0)
            {
                return false;
            }

            pending = new PendingCommit(rows, Durability.Process);
            _ = pending.TryStart();
            _end = _groups.Commit([pending]);
            if (_end is not null)
            {
                _ = _queue.Writer.TryComplete(StoreFailure.Closed(Path, _end)); // the thread wakes, refuses what came meanwhile, and closes
            }
            else if (_groups.IsLogLong)
            {
                _ = _queue.Writer.TryWrite(null); // a full queue means that the thread is about to look anyway
            }

            return true;
        }
        finally
        {
            _gate.Exit();
        }
    }

    private async Task<int> EnqueueAsync(
        ImmutableArray<RowWrite> rows, Durability durability, CancellationToken cancellationToken)
    {
        var pending = new PendingCommit(rows, durability);
        try
        {
            await _queue.Writer.WriteAsync(pending, cancellationToken);
        }
        catch (ChannelClosedException e)
        {
            throw e.InnerException as StoreException ?? StoreFailure.Closed(Path, null);
        }

        await using var registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((PendingCommit)state!).TryCancel(token), pending); // Not null: it is `pending`.
        return await pending.Outcome;
    }

    private void Run()
    {
        var group = new List<PendingCommit>();
        try
        {
            while (WaitForWork())
            {
                if (CommitGroup(group) is { } end)
                {
                    // The file must be read anew before anything may be promised again.
                    Refuse(group, StoreFailure.Closed(Path, end));
                    break;
                }
            }

            Close();
            _ended.SetResult();
        }
        catch (Exception e)
        {
            // A mistake of ours. Nobody may wait for ever, and nobody may believe that later changes are kept.
            Refuse(group, StoreFailure.Closed(Path, e));
            Close();
            _ended.SetException(e);
        }
    }

    private bool WaitForWork()
    {
        var isReady = _queue.Reader.WaitToReadAsync();
        try
        {
#pragma warning disable VSTHRD002 // This thread is the store's own and has nothing else to do than to wait.
            return isReady.IsCompletedSuccessfully ? isReady.Result : isReady.AsTask().GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
        }
        catch (StoreException) when (_end is not null)
        {
            return false; // a caller's own commit has ended the store, and that caller knows why
        }
    }

    private StoreException? CommitGroup(List<PendingCommit> group)
    {
        lock (_gate)
        {
            group.Clear();
            while (_end is null && group.Count < _limits.GroupedChangesMax && _queue.Reader.TryRead(out var pending))
            {
                if (pending is not null && pending.TryStart())
                {
                    group.Add(pending);
                }
            }

            _end ??= group.Count > 0 ? _groups.Commit(group) : null;
            if (_end is null)
            {
                _groups.ShortenLog();
            }

            return _end;
        }
    }

    /// <summary>Takes no more changes and fails those that are here; who was told already was told the truth.</summary>
    private void Refuse(List<PendingCommit> group, StoreException why)
    {
        _ = _queue.Writer.TryComplete(why);
        group.ForEach(pending => pending.Fail(why));
        while (_queue.Reader.TryRead(out var pending))
        {
            pending?.Fail(why);
        }
    }

    private void Close()
    {
        lock (_gate)
        {
            _isClosed = true;

            // Best effort: what stays in the log is read from there at the next start.
            _ = _database.TryCheckpoint();
            _database.Dispose();
        }

        _directory.Dispose();
    }
}
