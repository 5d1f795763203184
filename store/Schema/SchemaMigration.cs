using Networking.Model;

namespace Networking.Store;

/// <summary>Brings an older database to the current version, one version at a time, all in one transaction.</summary>
internal static class SchemaMigration
{
    /// <summary>The version of a database that this program can read; refuses a newer one and one without a version.</summary>
    public static int ReadableVersion(SqliteDatabase database)
    {
        var version = database.Number("PRAGMA user_version");
        if (version > Schema.Version)
        {
            throw new StoreException(
                $"store {database.Path} has schema version {version}, this program knows versions up to {Schema.Version}: a "
                + "newer netd has written it. Start that newer netd again, or restore the store from before the upgrade.");
        }

        if (version < 1)
        {
            throw new StoreException(
                $"store {database.Path} carries no schema version ({version}), so it was never completed or was edited by "
                + $"hand. {StoreFailure.RestoreHint}");
        }

        return (int)version;
    }

    /// <summary>Migrates from <paramref name="version"/> to the current one, or leaves everything as it was.</summary>
    public static void Run(SqliteDatabase database, int version)
    {
        if (version == Schema.Version)
        {
            return;
        }

        database.Execute("BEGIN IMMEDIATE");
        try
        {
            for (var from = version; from < Schema.Version; from++)
            {
                Step(database, from);
            }

            database.Execute($"PRAGMA user_version = {Schema.Version}; COMMIT");
        }
        catch (SqliteException e)
        {
            throw new StoreException(
                $"store {database.Path} cannot be migrated from schema version {version} to {Schema.Version}: {e.Reason}. "
                + "It is still of the old version. See that the disk has room, or start the netd that wrote it.",
                e);
        }
        finally
        {
            if (database.IsInTransaction)
            {
                database.Execute("ROLLBACK");
            }
        }
    }

    private static void Step(SqliteDatabase database, int from)
    {
        switch (from)
        {
            case 1:
                MigrationFrom1.Run(database);
                break;
            default:
                throw new StoreException($"store {database.Path}: no migration from schema version {from} is known.");
        }
    }
}
