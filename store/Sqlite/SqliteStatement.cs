using System.Text;

namespace Networking.Store;

/// <summary>A prepared statement of one <see cref="SqliteDatabase"/>; not for two threads at once.</summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly StatementHandle _handle;

    internal SqliteStatement(SqliteDatabase database, StatementHandle handle)
    {
        _database = database;
        _handle = handle;
    }

    /// <summary>Binds text to the parameter <paramref name="index"/>, counted from one.</summary>
    public void Bind(int index, byte[] utf8) =>
        _database.Check(SqliteNative.BindText(_handle, index, utf8, utf8.Length, SqliteNative.Transient));

    /// <summary>Goes to the next row; false at the end.</summary>
    public bool Step()
    {
        var result = SqliteNative.Step(_handle);
        if (result is (int)SqliteResult.Row or (int)SqliteResult.Done)
        {
            return result == (int)SqliteResult.Row;
        }

        // The message is the connection's until the next call, so it is taken before the reset.
        var exception = _database.ExceptionFor(result);
        Reset();
        throw exception;
    }

    /// <summary>Runs a statement that gives no rows and makes it ready for the next time.</summary>
    public void Run()
    {
        _ = Step();
        Reset();
    }

    /// <summary>Ends the statement, so that it holds no lock and can run again; its bindings stay.</summary>
    public void Reset() => _ = SqliteNative.Reset(_handle); // It only repeats the error of the last step.

    public long Int64(int column) => SqliteNative.ColumnInt64(_handle, column);

    public string Text(int column) => Encoding.UTF8.GetString(Utf8(column));

    /// <summary>The column's bytes, valid until the next step or reset.</summary>
    public unsafe ReadOnlySpan<byte> Utf8(int column)
    {
        var text = SqliteNative.ColumnText(_handle, column);
        return text == 0 ? [] : new ReadOnlySpan<byte>((void*)text, SqliteNative.ColumnBytes(_handle, column));
    }

    public void Dispose() => _handle.Dispose();
}
