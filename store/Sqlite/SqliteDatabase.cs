using System.Runtime.InteropServices;

namespace Networking.Store;

/// <summary>One connection to one database file. It serves one thread at a time; the store's gate sees to that.</summary>
internal sealed class SqliteDatabase : IDisposable
{
    private const int BusyTimeoutMs = 1000;
    private const int PassiveMode = 0; // SQLITE_CHECKPOINT_PASSIVE
    private const int TruncateMode = 3; // SQLITE_CHECKPOINT_TRUNCATE

    private readonly DatabaseHandle _handle;
    private readonly Dictionary<string, SqliteStatement> _statements = new(StringComparer.Ordinal);

    private SqliteDatabase(string path, DatabaseHandle handle)
    {
        Path = path;
        _handle = handle;
    }

    public string Path { get; }

    /// <summary>False once SQLite has rolled a transaction back by itself, as it does on a full disk.</summary>
    public bool IsInTransaction => SqliteNative.GetAutoCommit(_handle) == 0;

    /// <summary>Rows changed by the last insert, update or delete.</summary>
    public int Changes => SqliteNative.Changes(_handle);

    /// <summary>Opens a file that exists.</summary>
    public static SqliteDatabase Open(string path)
    {
        var result = SqliteNative.Open(path, out var handle, SqliteNative.OpenExisting, 0);
        var database = new SqliteDatabase(path, handle);
        try
        {
            database.Check(result);
            database.Check(SqliteNative.UseExtendedResultCodes(handle, 1));
            database.Check(SqliteNative.SetBusyTimeout(handle, BusyTimeoutMs));
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Runs statements, compiled anew each time. Some pragmas act while they are compiled: they belong here.</summary>
    public void Execute(string sql) => Check(SqliteNative.Execute(_handle, sql, 0, 0, 0));

    /// <summary>The prepared statement of this text, made once. Texts are constants of ours, so the cache is bounded.</summary>
    public SqliteStatement Cached(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            statement = Prepare(sql);
            _statements.Add(sql, statement);
        }

        return statement;
    }

    /// <summary>A statement that the caller disposes.</summary>
    public SqliteStatement Prepare(string sql)
    {
        Check(SqliteNative.Prepare(_handle, sql, -1, SqliteNative.PreparePersistent, out var statement, 0));
        return new SqliteStatement(this, statement);
    }

    /// <summary>The first column of the first row as a number.</summary>
    public long Number(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.Int64(0) : 0;
    }

    /// <summary>The first column of the first row as text; null without a row.</summary>
    public string? Text(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.Text(0) : null;
    }

    /// <summary>Moves the whole write-ahead log into the database file, synced, and empties it.</summary>
    public void Checkpoint() => Check(Truncate());

    /// <summary>The same; false if that cannot be done now.</summary>
    public bool TryCheckpoint() => Truncate() == (int)SqliteResult.Ok;

    /// <summary>Moves the write-ahead log into the database file as far as possible; its file stays as large and is written anew.</summary>
    public void TryMoveLog() => _ = SqliteNative.Checkpoint(_handle, 0, PassiveMode, 0, 0);

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _statements.Clear();
        _handle.Dispose();
    }

    internal void Check(int result)
    {
        if (result != (int)SqliteResult.Ok)
        {
            throw ExceptionFor(result);
        }
    }

    internal SqliteException ExceptionFor(int result)
    {
        var text = _handle.IsInvalid ? SqliteNative.ErrorText(result) : SqliteNative.ErrorMessage(_handle);
        var errno = _handle.IsInvalid || !MayBlameTheSystem(result) ? 0 : SqliteNative.SystemErrno(_handle);
        return new SqliteException(result, errno, Marshal.PtrToStringUTF8(text) ?? "unknown error");
    }

    private int Truncate() => SqliteNative.Checkpoint(_handle, 0, TruncateMode, 0, 0);

    // The errno is the last one seen on this connection; for other codes it is an old one that would mislead.
    private static bool MayBlameTheSystem(int result) =>
        (SqliteResult)(result & 0xff) is SqliteResult.InputOutput or SqliteResult.CannotOpen or SqliteResult.Full;
}
