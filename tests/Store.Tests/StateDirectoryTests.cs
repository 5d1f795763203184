using Networking.Model;

namespace Networking.Store.Tests;

public sealed class StateDirectoryTests : IDisposable
{
    private const UnixFileMode OwnerReadsAndWrites = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Directory_database_log_and_lock_are_the_owners_alone()
    {
        await using var store = SqliteIntentStore.Open(_directory.State);
        await store.CommitAsync(new StoreChange { Node = Sample.Node() }, Durability.Process, Token);

        Assert.Equal(OwnerReadsAndWrites | UnixFileMode.UserExecute, File.GetUnixFileMode(_directory.State));
        Assert.Equal(OwnerReadsAndWrites, File.GetUnixFileMode(_directory.Database));
        Assert.Equal(OwnerReadsAndWrites, File.GetUnixFileMode(_directory.Database + "-wal"));
        Assert.Equal(OwnerReadsAndWrites, File.GetUnixFileMode(Path.Combine(_directory.State, "lock")));
    }

    [Fact]
    public async Task A_database_that_others_could_read_is_closed_to_them()
    {
        await SqliteIntentStore.Open(_directory.State).DisposeAsync();
        File.SetUnixFileMode(_directory.Database, OwnerReadsAndWrites | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        await SqliteIntentStore.Open(_directory.State).DisposeAsync();

        Assert.Equal(OwnerReadsAndWrites, File.GetUnixFileMode(_directory.Database));
    }

    [Fact]
    public async Task A_second_opener_is_told_the_directory_and_the_holder()
    {
        await using var store = SqliteIntentStore.Open(_directory.State);

        var refusal = Assert.Throws<StoreException>(() => SqliteIntentStore.Open(_directory.State)).Message;

        Assert.Contains($"state directory {_directory.State} is in use by process {Environment.ProcessId}", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_closed_store_and_a_refused_one_let_the_directory_go()
    {
        await SqliteIntentStore.Open(_directory.State).DisposeAsync();
        var whole = await File.ReadAllBytesAsync(_directory.Database, Token);
        await File.WriteAllBytesAsync(_directory.Database, [], Token);
        Assert.Throws<StoreException>(() => SqliteIntentStore.Open(_directory.State));
        await File.WriteAllBytesAsync(_directory.Database, whole, Token);

        await SqliteIntentStore.Open(_directory.State).DisposeAsync();
    }

    [Fact]
    public async Task Another_program_that_holds_the_database_is_reported()
    {
        await SqliteIntentStore.Open(_directory.State).DisposeAsync();
        using var shell = SqliteDatabase.Open(_directory.Database);
        shell.Execute("BEGIN IMMEDIATE");

        var refusal = Assert.Throws<StoreException>(() => SqliteIntentStore.Open(_directory.State)).Message;

        Assert.Contains($"store {_directory.Database} is locked by another program", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_in_place_of_the_directory_is_refused_by_name()
    {
        await File.WriteAllTextAsync(_directory.State, "x", Token);

        var refusal = Assert.Throws<StoreException>(() => SqliteIntentStore.Open(_directory.State)).Message;

        Assert.Contains($"state directory {_directory.State}: cannot be opened or made", refusal, StringComparison.Ordinal);
    }
}
