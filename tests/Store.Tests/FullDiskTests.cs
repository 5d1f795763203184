using Networking.Model;

namespace Networking.Store.Tests;

public sealed class FullDiskTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(Durability.Disk)]
    [InlineData(Durability.Process)]
    public async Task A_full_disk_fails_the_whole_group_changes_nothing_and_is_over_once_there_is_space(Durability durability)
    {
        using var disk = new Tmpfs(_directory.State, "256k");
        await using (var store = SqliteIntentStore.Open(_directory.State))
        {
            await store.CommitAsync(new StoreChange { Networks = [Sample.Network(1)] }, durability, Token);
        }

        string after;
        await using (var store = SqliteIntentStore.OpenStopped(_directory.State, StoreLimits.Default))
        {
            var before = Sample.Text(store.Load());
            FillDisk();
            Task[] group =
            [
                store.CommitAsync(new StoreChange { Networks = [Sample.Network(2)] }, durability, Token),
                store.CommitAsync(Large(), durability, Token),
            ];
            store.Start();
            foreach (var commit in group)
            {
                var failure = await Assert.ThrowsAsync<StoreException>(() => commit);
                Assert.Contains(_directory.Database, failure.Message, StringComparison.Ordinal);
                Assert.Contains("The disk is full: free space", failure.Message, StringComparison.Ordinal);
            }

            await Assert.ThrowsAsync<StoreException>(() => store.CommitAsync(Large(), durability, Token));
            Assert.Equal(before, Sample.Text(store.Load()));
            Assert.Equal(new StoreCounters(Commits: 0, FailedCommits: 3, Transactions: 0, SyncedTransactions: 0), store.Counters);

            File.Delete(Ballast);
            await store.CommitAsync(Large(), durability, Token);
            await store.CommitAsync(new StoreChange { Networks = [Sample.Network(2)] }, durability, Token);
            after = Sample.Text(store.Load());
        }

        await using var reopened = SqliteIntentStore.Open(_directory.State);
        Assert.Equal(after, Sample.Text(reopened.Load()));
        Assert.Equal(3, reopened.Load().Networks.Length);
    }

    [Fact]
    public async Task A_store_opens_refuses_and_closes_on_a_full_disk_without_losing_anything()
    {
        using var disk = new Tmpfs(_directory.State, "256k");
        await using (var store = SqliteIntentStore.Open(_directory.State))
        {
            await store.CommitAsync(Large(), Durability.Disk, Token);
        }

        FillDisk();
        await using (var store = SqliteIntentStore.Open(_directory.State))
        {
            Assert.Single(store.Load().Networks);
            await Assert.ThrowsAsync<StoreException>(
                () => store.CommitAsync(new StoreChange { Networks = [Sample.Network(2)] }, Durability.Disk, Token));
        }

        await using var again = SqliteIntentStore.Open(_directory.State);
        Assert.Single(again.Load().Networks);
    }

    [Fact]
    public async Task A_first_start_on_a_disk_that_is_too_small_leaves_nothing_in_the_way_of_the_next()
    {
        using var disk = new Tmpfs(_directory.State, "256k");
        var refusals = 0;
        for (var pagesLeft = 0; ; pagesLeft++)
        {
            FillDisk();
            using (var ballast = File.OpenWrite(Ballast))
            {
                ballast.SetLength(Math.Max(0, ballast.Length - (pagesLeft * 4096)));
            }

            try
            {
                await SqliteIntentStore.Open(_directory.State).DisposeAsync();
                break;
            }
            catch (StoreException e)
            {
                Assert.Contains("netd.db cannot be opened: ", e.Message, StringComparison.Ordinal); // it is full, and not another program's
                refusals++;
            }

            File.Delete(Ballast);
            await SqliteIntentStore.Open(_directory.State).DisposeAsync();
            File.Delete(_directory.Database);
        }

        Assert.InRange(refusals, 10, 40);
    }

    private string Ballast => Path.Combine(_directory.State, "ballast");

    // Larger than what giving back the log can free, smaller than the ballast.
    private static StoreChange Large()
    {
        var network = Sample.Network(3, "large");
        return new StoreChange
        {
            Networks = [network with { Spec = network.Spec with { Labels = network.Spec.Labels.SetItem("text", new string('x', 50_000)) } }],
        };
    }

    private void FillDisk()
    {
        using var ballast = new FileStream(Ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        try
        {
            while (true)
            {
                ballast.Write(block);
            }
        }
        catch (IOException)
        {
            // No space left: that is what it is for.
        }
    }
}
