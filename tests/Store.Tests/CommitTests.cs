using Networking.Model;

namespace Networking.Store.Tests;

public sealed class CommitTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Changes_that_wait_together_are_committed_in_one_transaction_and_synced_once()
    {
        await using var store = SqliteIntentStore.OpenStopped(_directory.State, StoreLimits.Default);
        var commits = Enumerable.Range(1, 100).Select(i => PutAsync(store, i, i == 50 ? Durability.Disk : Durability.Process)).ToArray();

        store.Start();
        await Task.WhenAll(commits);

        Assert.Equal(new StoreCounters(Commits: 100, FailedCommits: 0, Transactions: 1, SyncedTransactions: 1), store.Counters);
        Assert.Equal(100, store.Load().Networks.Length);
    }

    [Fact]
    public async Task Changes_one_after_the_other_take_a_transaction_each_and_sync_only_for_the_disk()
    {
        await using var store = SqliteIntentStore.Open(_directory.State);

        await PutAsync(store, 1, Durability.Process);
        await PutAsync(store, 2, Durability.Disk);
        await PutAsync(store, 3, Durability.Process);

        Assert.Equal(new StoreCounters(Commits: 3, FailedCommits: 0, Transactions: 3, SyncedTransactions: 1), store.Counters);
    }

    [Fact]
    public async Task A_change_that_need_not_reach_the_disk_is_committed_by_its_caller_when_nothing_waits()
    {
        await using var store = SqliteIntentStore.Open(_directory.State);
        await PutAsync(store, 1, Durability.Disk);

        Assert.True(PutAsync(store, 2, Durability.Process).IsCompletedSuccessfully);
        Assert.Equal(2, store.Counters.Commits);
        Assert.Equal(2, store.Load().Networks.Length);
    }

    [Fact]
    public async Task The_log_is_moved_into_the_database_before_it_grows_long()
    {
        await using var store = SqliteIntentStore.Open(_directory.State);
        for (var i = 1; i <= 2_000; i++)
        {
            await PutAsync(store, 1 + (i % 50), Durability.Process);
        }

        Assert.InRange(new FileInfo(store.Path + "-wal").Length, 1, 8 << 20);
        Assert.True(new FileInfo(store.Path).Length > 4096 * 4);
    }

    [Fact]
    public async Task A_group_is_bounded()
    {
        await using var store = SqliteIntentStore.OpenStopped(_directory.State, new StoreLimits(QueuedChangesMax: 10, GroupedChangesMax: 4));
        var commits = Enumerable.Range(1, 10).Select(i => PutAsync(store, i, Durability.Process)).ToArray();

        store.Start();
        await Task.WhenAll(commits);

        Assert.Equal(3, store.Counters.Transactions);
    }

    [Fact]
    public async Task A_change_with_a_dangling_reference_fails_alone_and_leaves_nothing_of_itself()
    {
        await using var store = SqliteIntentStore.OpenStopped(_directory.State, StoreLimits.Default);
        var before = PutAsync(store, 1, Durability.Disk);
        var bad = store.CommitAsync(
            new StoreChange { Sandboxes = [Sample.Sandbox(2)], Endpoints = [Sample.Endpoint(3, 77, 2)] }, Durability.Disk, Token);
        var after = PutAsync(store, 4, Durability.Disk);

        store.Start();
        await Task.WhenAll(before, after);

        var failure = await Assert.ThrowsAsync<StoreException>(() => bad);
        Assert.Contains($"store {_directory.Database}: cannot put endpoint {Sample.Id(3)}", failure.Message, StringComparison.Ordinal);
        Assert.Equal(new StoreCounters(Commits: 2, FailedCommits: 1, Transactions: 1, SyncedTransactions: 1), store.Counters);
        var content = store.Load();
        Assert.Equal(2, content.Networks.Length);
        Assert.Empty(content.Sandboxes);
    }

    [Fact]
    public async Task A_network_that_endpoints_still_name_is_not_removed()
    {
        await using var store = SqliteIntentStore.Open(_directory.State);
        await PutAsync(store, 1, Durability.Disk);
        await store.CommitAsync(Sample.Change(5), Durability.Process, Token);

        var failure = await Assert.ThrowsAsync<StoreException>(() => store.CommitAsync(
            new StoreChange { RemovedNetworks = [new NetworkId(Sample.Id(1))] }, Durability.Disk, Token));

        Assert.Contains($"cannot remove network {Sample.Id(1)}", failure.Message, StringComparison.Ordinal);
        Assert.Contains("that endpoints still name", failure.Message, StringComparison.Ordinal);
        Assert.Single(store.Load().Networks);
    }

    [Fact]
    public async Task Callers_of_a_full_queue_wait_and_are_committed_in_the_order_of_their_calls()
    {
        await using var store = SqliteIntentStore.OpenStopped(_directory.State, new StoreLimits(QueuedChangesMax: 2, GroupedChangesMax: 2));

        // Each rewrites the same record: the last call must win, though most of them found the queue full.
        var commits = Enumerable.Range(1, 50)
            .Select(i => store.CommitAsync(new StoreChange { Networks = [Sample.Network(1, $"call-{i}")] }, Durability.Process, Token))
            .ToArray();
        Assert.DoesNotContain(commits, static commit => commit.IsCompleted);
        store.Start();
        await Task.WhenAll(commits);

        Assert.Equal("call-50", Assert.Single(store.Load().Networks).Spec.Name);
    }

    [Fact]
    public async Task A_cancelled_change_is_never_committed_whether_it_waited_in_the_queue_or_before_it()
    {
        using var cancellation = new CancellationTokenSource();
        await using var store = SqliteIntentStore.OpenStopped(_directory.State, new StoreLimits(QueuedChangesMax: 2, GroupedChangesMax: 2));
        var first = PutAsync(store, 1, Durability.Disk);
        var inQueue = store.CommitAsync(new StoreChange { Networks = [Sample.Network(2)] }, Durability.Disk, cancellation.Token);
        var beforeQueue = store.CommitAsync(new StoreChange { Networks = [Sample.Network(3)] }, Durability.Disk, cancellation.Token);

        await cancellation.CancelAsync();
        store.Start();
        await first;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => inQueue);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => beforeQueue);
        Assert.Equal(Sample.Id(1), Assert.Single(store.Load().Networks).Id.Value);
    }

    [Fact]
    public async Task Closing_commits_what_waits_and_leaves_no_log()
    {
        var store = SqliteIntentStore.OpenStopped(_directory.State, StoreLimits.Default);
        var commits = Enumerable.Range(1, 20).Select(i => PutAsync(store, i, Durability.Process)).ToArray();

        await store.DisposeAsync();
        await store.DisposeAsync();

        await Task.WhenAll(commits);
        Assert.Equal(["lock", "netd.db"], Directory.GetFiles(_directory.State).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        await using var reopened = SqliteIntentStore.Open(_directory.State);
        Assert.Equal(20, reopened.Load().Networks.Length);
    }

    [Fact]
    public async Task A_closed_store_refuses_in_words()
    {
        var store = SqliteIntentStore.Open(_directory.State);
        await store.DisposeAsync();

        var commit = await Assert.ThrowsAsync<StoreException>(() => PutAsync(store, 1, Durability.Disk));
        var load = Assert.Throws<StoreException>(store.Load);

        Assert.Contains($"store {_directory.Database} is closed", commit.Message, StringComparison.Ordinal);
        Assert.Contains($"store {_directory.Database} is closed", load.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_change_costs_no_transaction()
    {
        await using var store = SqliteIntentStore.Open(_directory.State);

        await store.CommitAsync(new StoreChange(), Durability.Disk, Token);

        Assert.Equal(0, store.Counters.Transactions);
    }

    [Fact]
    public async Task A_disk_commit_of_what_is_there_already_still_writes_the_log_so_that_it_is_synced()
    {
        await using var store = SqliteIntentStore.Open(_directory.State);
        await PutAsync(store, 1, Durability.Process);
        var log = new FileInfo(_directory.Database + "-wal");
        var before = log.Length;

        await PutAsync(store, 1, Durability.Disk);

        log.Refresh();
        Assert.True(log.Length > before, $"the log has {log.Length} bytes, {before} before");
    }

    [Fact]
    public async Task The_log_stays_bounded_over_many_commits()
    {
        await using var store = SqliteIntentStore.Open(_directory.State);

        for (var i = 0; i < 3000; i++)
        {
            await store.CommitAsync(new StoreChange { Networks = [Sample.Network(i % 50, $"n{i}")] }, Durability.Process, Token);
        }

        // 1,000 pages of 4 KiB and one transaction; 3,000 commits write at least three times as much.
        Assert.InRange(new FileInfo(_directory.Database + "-wal").Length, 1, 5 << 20);
    }

    private static Task PutAsync(SqliteIntentStore store, int number, Durability durability) =>
        store.CommitAsync(new StoreChange { Networks = [Sample.Network(number)] }, durability, Token);
}
