namespace Networking.Store;

/// <summary>The tables as they are now. A change here is a new version and a step in <see cref="SchemaMigration"/>.</summary>
internal static class Schema
{
    /// <summary>The version this program writes (PRAGMA user_version).</summary>
    public const int Version = 2;

    /// <summary>"netd" in ASCII (PRAGMA application_id): tells our databases from any other SQLite file.</summary>
    public const int ApplicationId = 0x6e65_7464;

    /// <summary>
    /// A record is JSON; beside it stand only the columns that SQL itself must see. References are checked by SQLite
    /// at commit, since a store that holds a dangling one is refused at the next start.
    /// </summary>
    public const string Tables =
        """
        CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE node (id TEXT PRIMARY KEY, record_version INTEGER NOT NULL, record TEXT NOT NULL)
            STRICT, WITHOUT ROWID;
        CREATE TABLE networks (id TEXT PRIMARY KEY, record_version INTEGER NOT NULL, record TEXT NOT NULL)
            STRICT, WITHOUT ROWID;
        CREATE TABLE sandboxes (
            id TEXT PRIMARY KEY, boot_id TEXT NOT NULL, record_version INTEGER NOT NULL, record TEXT NOT NULL)
            STRICT, WITHOUT ROWID;
        CREATE TABLE endpoints (
            id TEXT PRIMARY KEY,
            network_id TEXT NOT NULL REFERENCES networks (id),
            sandbox_id TEXT NOT NULL REFERENCES sandboxes (id),
            boot_id TEXT NOT NULL, record_version INTEGER NOT NULL, record TEXT NOT NULL)
            STRICT, WITHOUT ROWID;
        CREATE INDEX endpoints_of_network ON endpoints (network_id);
        CREATE INDEX endpoints_of_sandbox ON endpoints (sandbox_id);
        """;

    /// <summary>Makes the tables in an empty database.</summary>
    public static void Create(SqliteDatabase database) => database.Execute(
        $"""
        BEGIN IMMEDIATE;
        PRAGMA application_id = {ApplicationId};
        PRAGMA user_version = {Version};
        {Tables}
        COMMIT;
        """);
}
