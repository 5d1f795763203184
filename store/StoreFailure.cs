using Networking.Model;

namespace Networking.Store;

/// <summary>Says in words for an operator what SQLite refused, and what to do.</summary>
internal static class StoreFailure
{
    /// <summary>Ends every refusal to read a file: state is never thrown away by itself.</summary>
    public const string RestoreHint =
        "Nothing was changed. Restore it from a backup; or move it away, with any netd.db-wal beside it, "
        + "to start anew, without any network.";

    public static StoreException Opening(string path, SqliteException e) => e.Result switch
    {
        SqliteResult.Corrupt or SqliteResult.NotADatabase =>
            new StoreException($"store {path} is damaged or truncated: {e.Reason}. {RestoreHint}", e),
        SqliteResult.Busy or SqliteResult.Locked =>
            new StoreException($"store {path} is locked by another program, an sqlite3 shell perhaps: {e.Reason}. "
                + $"Find it with: fuser {path}", e),
        _ => new StoreException($"store {path} cannot be opened: {e.Reason}. {NextStep(path, e)}", e),
    };

    public static StoreException Reading(string path, SqliteException e) =>
        new($"store {path} cannot be read: {e.Reason}. {NextStep(path, e)}", e);

    /// <summary>For a change; <paramref name="what"/> is the part of it that failed, such as <c>put endpoint 4f…</c>.</summary>
    public static StoreException Committing(string path, string what, SqliteException e) =>
        new($"store {path}: cannot {what}: {e.Reason}. Nothing of this change was committed. {NextStep(path, e)}", e);

    public static StoreException Closed(string path, Exception? cause) => cause is null
        ? new StoreException($"store {path} is closed. Nothing of this change was committed.")
        : new StoreException(
            $"store {path} takes no more changes since an earlier failure. Nothing of this change was committed. "
            + $"Restart the daemon, which reads the store anew. The failure was: {cause.Message}",
            cause);

    private static string NextStep(string path, SqliteException e) => e.Result switch
    {
        SqliteResult.Full =>
            $"The disk is full: free space on the file system of {Path.GetDirectoryName(path)}, then try again.",
        SqliteResult.Constraint => "It names a network or sandbox that is not there, or is one that endpoints still name.",
        SqliteResult.ReadOnly => $"Check that {path} and its directory may be written (owner, mode, read-only mount).",
        SqliteResult.Corrupt or SqliteResult.NotADatabase => RestoreHint,
        SqliteResult.InputOutput => "Look at the kernel log (dmesg) for errors of the disk, and at its quota.",
        SqliteResult.NoMemory => "Memory ran out; try again.",
        _ => "Try again; if it stays, restart the daemon.",
    };
}
