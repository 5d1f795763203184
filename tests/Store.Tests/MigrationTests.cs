using System.Text.Json;
using Networking.Model;

namespace Networking.Store.Tests;

public sealed class MigrationTests : IDisposable
{
    // Version 1 as it was: sandboxes and endpoints have no boot_id.
    private const string Version1 =
        """
        PRAGMA journal_mode = WAL;
        PRAGMA application_id = 0x6e657464;
        PRAGMA user_version = 1;
        CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE node (id TEXT PRIMARY KEY, record_version INTEGER NOT NULL, record TEXT NOT NULL)
            STRICT, WITHOUT ROWID;
        CREATE TABLE networks (id TEXT PRIMARY KEY, record_version INTEGER NOT NULL, record TEXT NOT NULL)
            STRICT, WITHOUT ROWID;
        CREATE TABLE sandboxes (id TEXT PRIMARY KEY, record_version INTEGER NOT NULL, record TEXT NOT NULL)
            STRICT, WITHOUT ROWID;
        CREATE TABLE endpoints (id TEXT PRIMARY KEY, record_version INTEGER NOT NULL, record TEXT NOT NULL)
            STRICT, WITHOUT ROWID;
        """;

    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_store_of_version_1_keeps_every_record_and_gains_the_boot_id()
    {
        WriteVersion1();

        await using (var store = SqliteIntentStore.Open(_directory.State))
        {
            var content = store.Load();
            Assert.Equal("0a1b2c3d", content.Node!.InstanceId);
            Assert.Single(content.Networks);
            Assert.Equal(2, content.Sandboxes.Length);
            Assert.Equal(2, content.Endpoints.Length);
            Assert.Equal(2, await store.RemoveOtherBootsAsync(Sample.Boot, Token));
        }

        Assert.Equal(2, Number("PRAGMA user_version"));
        Assert.Equal(1, Number($"SELECT count(*) FROM endpoints WHERE boot_id = '{Sample.Boot}'"));
    }

    [Fact]
    public async Task A_migrated_store_has_the_same_tables_as_a_new_one()
    {
        const string tables = "SELECT group_concat(sql, '\n') FROM (SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name)";
        using var fresh = new TemporaryDirectory();
        await SqliteIntentStore.Open(fresh.State).DisposeAsync();
        WriteVersion1();
        await SqliteIntentStore.Open(_directory.State).DisposeAsync();

        Assert.Equal(Text(fresh.Database, tables), Text(_directory.Database, tables));
    }

    [Fact]
    public async Task A_migration_that_cannot_finish_leaves_version_1_untouched()
    {
        WriteVersion1();
        _directory.Sql("UPDATE endpoints SET record = json_remove(record, '$.bootId')");
        var before = await File.ReadAllBytesAsync(_directory.Database, Token);

        var refusal = Assert.Throws<StoreException>(() => SqliteIntentStore.Open(_directory.State)).Message;

        Assert.Contains($"store {_directory.Database}, table endpoints, id {Sample.Id(3)}", refusal, StringComparison.Ordinal);
        Assert.Contains("has no bootId", refusal, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(_directory.Database, Token));
    }

    [Fact]
    public void A_migration_that_SQL_refuses_half_way_is_rolled_back_and_named()
    {
        WriteVersion1();
        _directory.Sql("CREATE TABLE endpoints_1 (in_the_way)"); // The rename of the second table fails.

        var refusal = Assert.Throws<StoreException>(() => SqliteIntentStore.Open(_directory.State)).Message;

        Assert.Contains($"store {_directory.Database} cannot be migrated from schema version 1 to 2", refusal, StringComparison.Ordinal);
        Assert.Equal(1, Number("PRAGMA user_version"));
        Assert.Equal(2, Number("SELECT count(*) FROM sandboxes"));
    }

    private void WriteVersion1()
    {
        _ = Directory.CreateDirectory(_directory.State);
        File.WriteAllBytes(_directory.Database, []);
        _directory.Sql(Version1);
        Insert("node", "node", JsonSerializer.Serialize(Sample.Node(), StoreJson.Default.NodeRecord));
        Insert("networks", Sample.Id(1), JsonSerializer.Serialize(Sample.Network(1), StoreJson.Default.NetworkRecord));
        foreach (var (number, boot) in new[] { (1, "old"), (2, Sample.Boot) })
        {
            Insert("sandboxes", Sample.Id(number), JsonSerializer.Serialize(Sample.Sandbox(number, boot), StoreJson.Default.SandboxRecord));
            Insert(
                "endpoints",
                Sample.Id(number + 2),
                JsonSerializer.Serialize(Sample.Endpoint(number + 2, 1, number, boot), StoreJson.Default.EndpointRecord));
        }
    }

    private void Insert(string table, string id, string record) =>
        _directory.Sql($"INSERT INTO {table} VALUES ('{id}', 1, '{record.Replace("'", "''", StringComparison.Ordinal)}')");

    private long Number(string sql)
    {
        using var database = SqliteDatabase.Open(_directory.Database);
        return database.Number(sql);
    }

    private static string? Text(string path, string sql)
    {
        using var database = SqliteDatabase.Open(path);
        return database.Text(sql);
    }
}
