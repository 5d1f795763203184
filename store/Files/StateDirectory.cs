using System.Runtime.InteropServices;
using Networking.Model;

namespace Networking.Store;

/// <summary>The daemon's state directory, made if it is missing and held by a lock until disposed.</summary>
internal sealed class StateDirectory : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly DirectoryLock _lock;

    private StateDirectory(string path, DirectoryLock directoryLock)
    {
        Path = path;
        _lock = directoryLock;
    }

    public string Path { get; }

    /// <summary>The database.</summary>
    public string DatabasePath => System.IO.Path.Combine(Path, "netd.db");

    /// <summary>Commits that are not in the database file yet; SQLite names it.</summary>
    public string LogPath => DatabasePath + "-wal";

    /// <summary>A new database until it is whole; what a killed first start left is thrown away.</summary>
    public string NewDatabasePath => DatabasePath + ".new";

    /// <summary>Makes the directory if needed and takes its lock.</summary>
    /// <exception cref="StoreException">It cannot be made or locked; the message says who holds it.</exception>
    public static StateDirectory Claim(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        try
        {
            if (!Directory.Exists(path))
            {
                _ = Directory.CreateDirectory(path, OwnerOnly);
                Sync(System.IO.Path.GetDirectoryName(path) ?? path);
            }

            return new StateDirectory(path, DirectoryLock.Take(path, "lock", "state directory", "--state-dir"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(
                $"state directory {path}: cannot be opened or made: {e.Message} "
                + "Check that it is a directory this user may write, or choose another --state-dir.",
                e);
        }
    }

    /// <summary>Makes new names in the directory survive a power loss.</summary>
    public void Sync() => Sync(Path);

    public void Dispose() => _lock.Dispose();

    private static void Sync(string path)
    {
        using var directory = LibC.Open(path, LibC.OpenToSync, 0);
        if (directory.IsInvalid || LibC.Sync(directory) != 0)
        {
            throw new IOException($"fsync of {path}: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
    }
}
