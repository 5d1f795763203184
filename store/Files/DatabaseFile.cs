using Networking.Model;

namespace Networking.Store;

/// <summary>Opens the database of a state directory, checked and migrated, or makes one where there is none.</summary>
internal static class DatabaseFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // Everything below is a setting of this connection. EXCLUSIVE: no other process reads or writes while the daemon
    // lives, so no reader can hold the log from being emptied, and the log's index needs no shared memory file.
    // Checkpoints are GroupCommit's: SQLite's own would make some commits wait for the disk.
    private const string Settings =
        """
        PRAGMA locking_mode = EXCLUSIVE;
        PRAGMA journal_mode = WAL;
        PRAGMA wal_autocheckpoint = 0;
        PRAGMA journal_size_limit = 8388608;
        PRAGMA temp_store = MEMORY;
        PRAGMA trusted_schema = OFF;
        PRAGMA foreign_keys = OFF;
        PRAGMA synchronous = FULL;
        """;

    // SQLite with STRICT tables; Debian 12 has 3.40.
    private const int LibraryVersionMin = 3_037_000;

    public static SqliteDatabase Open(StateDirectory directory)
    {
        try
        {
            CheckLibrary();
            if (!File.Exists(directory.DatabasePath))
            {
                Create(directory);
            }

            return OpenExisting(directory.DatabasePath, directory.LogPath);
        }
        catch (SqliteException e)
        {
            throw StoreFailure.Opening(directory.DatabasePath, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(
                $"store {directory.DatabasePath} cannot be opened: {e.Message} Check its owner and mode, and the disk.", e);
        }
    }

    private static SqliteDatabase OpenExisting(string path, string logPath)
    {
        DatabaseHeader.Check(path, logPath);
        File.SetUnixFileMode(path, OwnerOnly); // The log takes the mode of the database.
        var database = SqliteDatabase.Open(path);
        try
        {
            database.Execute(Settings);
            var version = SchemaMigration.ReadableVersion(database);
            CheckPages(database);
            SchemaMigration.Run(database, version);
            database.Execute("PRAGMA foreign_keys = ON");
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>
    /// A kill at any moment of the first start leaves either no database or a whole one: it is built under another
    /// name. Otherwise a half-made file would look like a truncated one, and the next start would refuse it.
    /// </summary>
    private static void Create(StateDirectory directory)
    {
        if (File.Exists(directory.LogPath))
        {
            throw new StoreException(
                $"store {directory.DatabasePath} is missing, but its log {directory.LogPath} is there: the database was "
                + "moved or lost. Put it back beside its log; or move the log away to start anew, without any network.");
        }

        foreach (var leftOver in Directory.GetFiles(directory.Path, Path.GetFileName(directory.NewDatabasePath) + "*"))
        {
            File.Delete(leftOver);
        }

        new FileStream(
            directory.NewDatabasePath,
            new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }).Dispose();
        using (var database = SqliteDatabase.Open(directory.NewDatabasePath))
        {
            database.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
            Schema.Create(database);
            database.Checkpoint(); // closing does so too, and does not tell if it cannot: then the schema is in the log alone
        }

        // Closing has deleted the log. The name comes last.
        File.Move(directory.NewDatabasePath, directory.DatabasePath, overwrite: false);
        directory.Sync();
    }

    private static void CheckPages(SqliteDatabase database)
    {
        var finding = database.Text("PRAGMA quick_check(1)");
        if (finding != "ok")
        {
            throw new StoreException($"store {database.Path} is damaged: {finding}. {StoreFailure.RestoreHint}");
        }
    }

    private static void CheckLibrary()
    {
        try
        {
            var version = SqliteNative.LibraryVersion();
            if (version < LibraryVersionMin)
            {
                throw new StoreException(
                    $"libsqlite3.so.0 has version {version}, the store needs {LibraryVersionMin} or later. "
                    + "Install the libsqlite3-0 of Debian 12 or later.");
            }
        }
        catch (DllNotFoundException e)
        {
            throw new StoreException("libsqlite3.so.0 is not installed. Install it: apt-get install libsqlite3-0.", e);
        }
    }
}
