using System.Runtime.InteropServices;

namespace Networking.Store;

/// <summary>SQLite said no. It never leaves the room: <see cref="StoreFailure"/> says it in words for an operator.</summary>
internal sealed class SqliteException : Exception
{
    private const int SyncFailed = 10 | (4 << 8); // SQLITE_IOERR_FSYNC
    private const int DirectorySyncFailed = 10 | (5 << 8); // SQLITE_IOERR_DIR_FSYNC

    public SqliteException()
    {
    }

    public SqliteException(string message)
        : base(message)
    {
    }

    public SqliteException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public SqliteException(int extendedCode, int errno, string message)
        : base(message)
    {
        ExtendedCode = extendedCode;
        Errno = errno;
    }

    public int ExtendedCode { get; }

    /// <summary>What the system call below said; zero if none is to blame.</summary>
    public int Errno { get; }

    public SqliteResult Result => (SqliteResult)(ExtendedCode & 0xff);

    /// <summary>True if only the statement's own values are to blame: the transaction around it goes on.</summary>
    public bool IsAboutValues =>
        Result is SqliteResult.Constraint or SqliteResult.Mismatch or SqliteResult.TooBig;

    /// <summary>
    /// True if nothing may be promised any more. After a failed fsync the kernel may drop pages that were written
    /// earlier and report success for the next fsync, so only reading the file anew tells what is really there.
    /// </summary>
    public bool EndsTheStore =>
        Result is SqliteResult.Corrupt or SqliteResult.NotADatabase || ExtendedCode is SyncFailed or DirectorySyncFailed;

    /// <summary>SQLite's words, its code and the system's words if there are any.</summary>
    public string Reason
    {
        get
        {
            var system = Errno == 0 ? string.Empty : $", {Marshal.GetPInvokeErrorMessage(Errno)}, errno {Errno}";
            return $"{Message} (SQLite code {ExtendedCode}{system})";
        }
    }
}
