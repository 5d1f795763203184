namespace Networking.Store.Tests;

/// <summary>A state directory of one test, gone with it.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public TemporaryDirectory() => Root = Directory.CreateTempSubdirectory("netd-store-").FullName;

    public string Root { get; }

    /// <summary>The state directory: not made yet.</summary>
    public string State => Path.Combine(Root, "state");

    public string Database => Path.Combine(State, "netd.db");

    /// <summary>Changes the database behind the store's back.</summary>
    public void Sql(string sql)
    {
        using var database = SqliteDatabase.Open(Database);
        database.Execute(sql);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
