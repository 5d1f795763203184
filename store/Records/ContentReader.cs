using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Networking.Model;

namespace Networking.Store;

/// <summary>Reads the whole content and checks that it fits together; a record that does not is named, never skipped.</summary>
internal static class ContentReader
{
    public static StoreContent Read(SqliteDatabase database)
    {
        var content = new StoreContent
        {
            Node = All(database, "node", RecordSql.AllNodes, RecordReader.Node, static _ => "node").SingleOrDefault(),
            Networks = All(database, "networks", RecordSql.AllNetworks, RecordReader.Network, static n => n.Id.Value),
            Sandboxes = All(database, "sandboxes", RecordSql.AllSandboxes, RecordReader.Sandbox, static s => s.Id.Value),
            Endpoints = All(database, "endpoints", RecordSql.AllEndpoints, RecordReader.Endpoint, static e => e.Id.Value),
        };
        CheckReferences(database.Path, content);
        return content;
    }

    private static ImmutableArray<T> All<T>(
        SqliteDatabase database, string table, string sql, JsonTypeInfo<T> type, Func<T, string> idOf)
        where T : class
    {
        var records = ImmutableArray.CreateBuilder<T>();
        using var statement = database.Prepare(sql);
        while (statement.Step())
        {
            var id = statement.Text(0);
            var version = statement.Int64(1);
            if (version is < 1 or > RecordSql.RecordVersion)
            {
                var why = $"has version {version}, this program reads up to {RecordSql.RecordVersion}; a newer netd has written it";
                throw Refused(database.Path, table, id, why);
            }

            try
            {
                records.Add(RecordReader.Read(statement.Utf8(2), type));
            }
            catch (JsonException e)
            {
                throw Refused(database.Path, table, id, $"cannot be read: {e.Message}", e);
            }

            if (idOf(records[^1]) != id)
            {
                throw Refused(database.Path, table, id, $"says that its id is {idOf(records[^1])}");
            }
        }

        return records.DrainToImmutable();
    }

    private static void CheckReferences(string path, StoreContent content)
    {
        var networks = content.Networks.Select(static n => n.Id).ToHashSet();
        var sandboxes = content.Sandboxes.Select(static s => s.Id).ToHashSet();
        foreach (var endpoint in content.Endpoints)
        {
            if (!networks.Contains(endpoint.NetworkId))
            {
                throw Refused(path, "endpoints", endpoint.Id.Value, $"is on network {endpoint.NetworkId}, which is missing");
            }

            if (!sandboxes.Contains(endpoint.SandboxId))
            {
                throw Refused(path, "endpoints", endpoint.Id.Value, $"is in sandbox {endpoint.SandboxId}, which is missing");
            }
        }
    }

    private static StoreException Refused(string path, string table, string id, string why, Exception? cause = null)
    {
        var message = $"store {path}, table {table}, id {id}: the record {why}. {StoreFailure.RestoreHint}";
        return cause is null ? new StoreException(message) : new StoreException(message, cause);
    }
}
