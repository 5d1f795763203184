using System.Text;
using Networking.Model;

namespace Networking.Store.Tests;

/// <summary>Whatever is wrong with a store, it is named with a next step, and the file stays as it was.</summary>
public sealed class RefusalTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_text_file_is_not_a_store() =>
        Assert.Contains("is not an SQLite database", Refusal(Encoding.ASCII.GetBytes(new string('x', 5000))), StringComparison.Ordinal);

    [Fact]
    public void An_empty_file_is_not_taken_for_a_new_store() =>
        Assert.Contains("is empty (0 bytes)", Refusal([]), StringComparison.Ordinal);

    [Fact]
    public async Task A_store_cut_short_anywhere_is_refused()
    {
        var whole = await WholeAsync();
        int[] lengths = [1, 15, 16, 50, 99, 100, 511, 512, 4095, 4096, 4097, whole.Length / 2, whole.Length - 4096, whole.Length - 1];
        foreach (var length in lengths)
        {
            Assert.Contains("is truncated", Refusal(whole[..length]), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_store_with_a_damaged_page_is_refused()
    {
        var whole = await WholeAsync();
        for (var page = 4096; page < whole.Length; page += 4096)
        {
            var damaged = whole.ToArray();
            damaged.AsSpan(page, 64).Fill(0xa5);

            Assert.Contains("is damaged", Refusal(damaged), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_database_of_another_program_is_refused()
    {
        _ = await WholeAsync();
        _directory.Sql("PRAGMA application_id = 252006673");
        var foreign = await File.ReadAllBytesAsync(_directory.Database, Token);

        var refusal = Refusal(foreign);

        Assert.Contains("another program (application id 0x0f055111, ours is 0x6e657464)", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newer_schema_is_refused_with_both_versions_and_what_to_do()
    {
        _ = await WholeAsync();
        _directory.Sql("PRAGMA user_version = 3");
        var newer = await File.ReadAllBytesAsync(_directory.Database, Token);

        var refusal = Refusal(newer);

        Assert.Contains("has schema version 3, this program knows versions up to 2", refusal, StringComparison.Ordinal);
        Assert.Contains("Start that newer netd again", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_without_a_version_is_refused()
    {
        _ = await WholeAsync();
        _directory.Sql("PRAGMA user_version = 0");

        Assert.Contains("carries no schema version", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_without_its_database_is_refused()
    {
        _ = await WholeAsync();
        File.Move(_directory.Database, _directory.Database + "-wal");

        var refusal = Refusal();

        Assert.Contains("is missing, but its log", refusal, StringComparison.Ordinal);
        Assert.False(File.Exists(_directory.Database));
    }

    [Fact]
    public void A_directory_in_place_of_the_database_is_refused()
    {
        Directory.CreateDirectory(_directory.Database);

        Assert.Contains(_directory.Database, Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_whose_network_is_missing_is_named_when_loading()
    {
        _ = await WholeAsync();
        _directory.Sql("DELETE FROM networks");

        var refusal = await LoadRefusalAsync();

        Assert.Contains($"store {_directory.Database}, table endpoints, id {Sample.Id(1)}", refusal, StringComparison.Ordinal);
        Assert.Contains($"is on network {Sample.Id(1)}, which is missing", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_whose_sandbox_is_missing_is_named_when_loading()
    {
        _ = await WholeAsync();
        _directory.Sql("DELETE FROM sandboxes");

        Assert.Contains($"is in sandbox {Sample.Id(1)}, which is missing", await LoadRefusalAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UPDATE sandboxes SET record = json_remove(record, '$.path')", "table sandboxes, id", "path")]
    [InlineData("UPDATE networks SET record = substr(record, 1, 100)", "table networks, id", "cannot be read")]
    [InlineData("UPDATE networks SET record_version = 3", "table networks, id", "has version 3, this program reads up to 2")]
    [InlineData("UPDATE node SET record = '{}'", "table node, id node", "instanceId")]
    [InlineData("UPDATE endpoints SET id = 'other' WHERE id LIKE '%1'", "table endpoints, id other", "says that its id is")]
    public async Task A_damaged_record_is_named_by_file_table_and_id(string damage, string place, string why)
    {
        _ = await WholeAsync();
        _directory.Sql(damage);

        var refusal = await LoadRefusalAsync();

        Assert.Contains(_directory.Database, refusal, StringComparison.Ordinal);
        Assert.Contains(place, refusal, StringComparison.Ordinal);
        Assert.Contains(why, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_first_start_killed_half_way_does_not_stop_the_second()
    {
        Directory.CreateDirectory(_directory.State);
        await File.WriteAllTextAsync(_directory.Database + ".new", "half", Token);
        await File.WriteAllTextAsync(_directory.Database + ".new-wal", "half", Token);

        await using (var store = SqliteIntentStore.Open(_directory.State))
        {
            Assert.Null(store.Load().Node);
        }

        Assert.Equal(["lock", "netd.db"], Directory.GetFiles(_directory.State).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    private async Task<byte[]> WholeAsync()
    {
        await using (var store = SqliteIntentStore.Open(_directory.State))
        {
            await store.CommitAsync(
                new StoreChange { Node = Sample.Node(), Networks = [Sample.Network(1)] }, Durability.Disk, Token);
            await store.CommitAsync(Sample.Change(1), Durability.Process, Token);
        }

        return await File.ReadAllBytesAsync(_directory.Database, Token);
    }

    private string Refusal(byte[] file)
    {
        Directory.CreateDirectory(_directory.State);
        File.WriteAllBytes(_directory.Database, file);
        var refusal = Refusal();
        Assert.Equal(file, File.ReadAllBytes(_directory.Database));
        return refusal;
    }

    private string Refusal()
    {
        var refusal = Assert.Throws<StoreException>(() => SqliteIntentStore.Open(_directory.State));
        Assert.Contains(_directory.Database, refusal.Message, StringComparison.Ordinal);
        return refusal.Message;
    }

    private async Task<string> LoadRefusalAsync()
    {
        await using var store = SqliteIntentStore.Open(_directory.State);
        return Assert.Throws<StoreException>(store.Load).Message;
    }
}
