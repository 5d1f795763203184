using Networking.Model;

namespace Networking.Store;

/// <summary>
/// Version 1 to 2. In version 1, which no release had, sandboxes and endpoints were an id and a record only; version 2
/// lifts the boot id and the references out of the record, so that one statement drops what an older boot left.
/// </summary>
internal static class MigrationFrom1
{
    // Frozen: it makes the tables of version 2, whatever later versions look like.
    private const string Tables =
        """
        ALTER TABLE sandboxes RENAME TO sandboxes_1;
        ALTER TABLE endpoints RENAME TO endpoints_1;
        CREATE TABLE sandboxes (
            id TEXT PRIMARY KEY, boot_id TEXT NOT NULL, record_version INTEGER NOT NULL, record TEXT NOT NULL)
            STRICT, WITHOUT ROWID;
        CREATE TABLE endpoints (
            id TEXT PRIMARY KEY,
            network_id TEXT NOT NULL REFERENCES networks (id),
            sandbox_id TEXT NOT NULL REFERENCES sandboxes (id),
            boot_id TEXT NOT NULL, record_version INTEGER NOT NULL, record TEXT NOT NULL)
            STRICT, WITHOUT ROWID;
        INSERT INTO sandboxes
            SELECT id, json_extract(record, '$.bootId'), record_version, record FROM sandboxes_1;
        INSERT INTO endpoints
            SELECT id, json_extract(record, '$.networkId'), json_extract(record, '$.sandboxId'),
                json_extract(record, '$.bootId'), record_version, record
            FROM endpoints_1;
        DROP TABLE endpoints_1;
        DROP TABLE sandboxes_1;
        CREATE INDEX endpoints_of_network ON endpoints (network_id);
        CREATE INDEX endpoints_of_sandbox ON endpoints (sandbox_id);
        """;

    public static void Run(SqliteDatabase database)
    {
        CheckRecords(database, "sandboxes", "bootId");
        CheckRecords(database, "endpoints", "networkId", "sandboxId", "bootId");
        database.Execute(Tables);
    }

    private static void CheckRecords(SqliteDatabase database, string table, params string[] fields)
    {
        foreach (var field in fields)
        {
            var id = database.Text(
                $"SELECT id FROM {table} WHERE NOT json_valid(record) OR json_extract(record, '$.{field}') IS NULL LIMIT 1");
            if (id is not null)
            {
                throw new StoreException(
                    $"store {database.Path}, table {table}, id {id}: the record is damaged or has no {field}, so the store "
                    + $"cannot be migrated. {StoreFailure.RestoreHint}");
            }
        }
    }
}
