using Networking.Model;

namespace Networking.Store;

/// <summary>
/// Commits a group of changes in one transaction, each inside a savepoint of its own: a change whose values are refused
/// is undone alone, a failure of the transaction itself (full disk, broken disk) fails every change of the group.
/// </summary>
internal sealed class GroupCommit(SqliteDatabase database)
{
    // Rewriting a row with what it already holds writes nothing, so SQLite would sync nothing either; this does.
    private const string TouchSql =
        "INSERT INTO meta (key, value) VALUES ('synced', 1) ON CONFLICT (key) DO UPDATE SET value = value + 1";

    // Some four pages each: as many as SQLite's own checkpoints would wait for. Those happen in the midst of a commit.
    private const int TransactionsPerCheckpoint = 250;

    private readonly List<(PendingCommit Pending, int RowsChanged)> _written = [];
    private readonly List<(PendingCommit Pending, StoreException Why)> _refused = [];
    private StoreCounters _counters = new(0, 0, 0, 0);
    private bool? _syncs;
    private int _transactionsInLog;

    // At first because of commits that an earlier, killed daemon left unsynced in the log.
    private bool _hasUnsynced = true;

    /// <summary>What was done so far; read from any thread.</summary>
    public StoreCounters Counters => Volatile.Read(ref _counters);

    /// <summary>The log is long enough to be moved into the database.</summary>
    public bool IsLogLong => _transactionsInLog >= TransactionsPerCheckpoint;

    /// <summary>Moves a long log into the database; what cannot be moved now is at the next time.</summary>
    public void ShortenLog()
    {
        if (IsLogLong)
        {
            database.TryMoveLog();
            _transactionsInLog = 0;
        }
    }

    /// <summary>Commits what it can and tells every caller.</summary>
    /// <returns>Why no further change may be taken; null if they may.</returns>
    public StoreException? Commit(IReadOnlyList<PendingCommit> group)
    {
        _written.Clear();
        _refused.Clear();
        var syncs = group.Any(static pending => pending.Durability == Durability.Disk);
        try
        {
            Write(group, syncs);
        }
        catch (SqliteException e)
        {
            return Abandon(group, e);
        }

        // Counted before anyone is told: who awaits a commit sees it counted.
        Count(syncs);
        foreach (var (pending, rowsChanged) in _written)
        {
            pending.Complete(rowsChanged);
        }

        foreach (var (pending, why) in _refused)
        {
            pending.Fail(why);
        }

        return null;
    }

    private void Write(IReadOnlyList<PendingCommit> group, bool syncs)
    {
        SetSynchronous(syncs);
        Run("BEGIN IMMEDIATE");
        foreach (var pending in group)
        {
            Write(pending);
        }

        if (_written.Count == 0)
        {
            Run("ROLLBACK");
            return;
        }

        if (syncs && _hasUnsynced)
        {
            Run(TouchSql);
        }

        Run("COMMIT");
        _transactionsInLog++;
        _hasUnsynced = !syncs;
    }

    private void Write(PendingCommit pending)
    {
        var what = "begin";
        var rowsChanged = 0;
        Run("SAVEPOINT one_change");
        try
        {
            foreach (var row in pending.Rows)
            {
                what = row.What;
                rowsChanged += Write(row);
            }

            Run("RELEASE one_change");
            _written.Add((pending, rowsChanged));
        }
        catch (SqliteException e) when (e.IsAboutValues && database.IsInTransaction)
        {
            Run("ROLLBACK TO one_change");
            Run("RELEASE one_change");
            _refused.Add((pending, StoreFailure.Committing(database.Path, what, e)));
        }
    }

    private int Write(RowWrite row)
    {
        var statement = database.Cached(row.Sql);
        for (var i = 0; i < row.Values.Length; i++)
        {
            statement.Bind(i + 1, row.Values[i]);
        }

        statement.Run();
        return database.Changes;
    }

    private StoreException? Abandon(IReadOnlyList<PendingCommit> group, SqliteException cause)
    {
        StoreException? end = null;
        try
        {
            if (database.IsInTransaction)
            {
                Run("ROLLBACK");
            }

            if (cause.Result == SqliteResult.Full)
            {
                // Gives the log's space back if the database file needs none: the next, smaller change may then fit.
                _ = database.TryCheckpoint();
            }
        }
        catch (SqliteException e)
        {
            // A transaction that can be neither committed nor rolled back must not take in the next group.
            end = StoreFailure.Committing(database.Path, "roll back", e);
        }

        Volatile.Write(ref _counters, _counters with { FailedCommits = _counters.FailedCommits + group.Count });
        var why = StoreFailure.Committing(database.Path, "commit", cause);
        foreach (var pending in group)
        {
            pending.Fail(why);
        }

        return end ?? (cause.EndsTheStore ? why : null);
    }

    private void Count(bool syncs)
    {
        var transactions = _written.Count > 0 ? 1 : 0;
        Volatile.Write(ref _counters, new StoreCounters(
            _counters.Commits + _written.Count,
            _counters.FailedCommits + _refused.Count,
            _counters.Transactions + transactions,
            _counters.SyncedTransactions + (syncs ? transactions : 0)));
    }

    private void SetSynchronous(bool syncs)
    {
        if (_syncs == syncs)
        {
            return;
        }

        // Not from the cache: this pragma acts while it is compiled, and SQLite lets it run only once anyway.
        database.Execute(syncs ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
        _syncs = syncs;
    }

    private void Run(string sql) => database.Cached(sql).Run();
}
