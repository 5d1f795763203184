using Networking.Model;

namespace Networking.Store.Tests;

public sealed class KillTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(300)]
    [InlineData(3000)]
    public async Task After_kill_9_every_acknowledged_change_is_there_and_none_is_torn(int killAfter)
    {
        using var child = ChildProcess.Start(_directory.State, "mixed", int.MaxValue / 2);
        var acknowledged = new List<int>();
        while (acknowledged.Count < killAfter && await child.NextAsync(Token) is { } number)
        {
            acknowledged.Add(number);
        }

        child.Kill();
        acknowledged.AddRange(await child.RestAsync(Token));

        await using var store = SqliteIntentStore.Open(_directory.State);
        var content = store.Load();
        var endpoints = content.Endpoints.Select(static e => e.Id.Value).ToHashSet(StringComparer.Ordinal);
        var sandboxes = content.Sandboxes.Select(static s => s.Id.Value).ToHashSet(StringComparer.Ordinal);
        Assert.True(acknowledged.Count >= killAfter, $"only {acknowledged.Count} were acknowledged");
        Assert.All(acknowledged, number => Assert.Contains(Sample.Id(number), sandboxes));
        for (var number = 1; number <= sandboxes.Count + 4; number++)
        {
            var isThere = sandboxes.Contains(Sample.Id(number));
            Assert.Equal(isThere, endpoints.Contains(Sample.Id((2 * number) - 1)));
            Assert.Equal(isThere, endpoints.Contains(Sample.Id(2 * number)));
        }

        // Four changes were on their way at most.
        Assert.InRange(sandboxes.Count, acknowledged.Count, acknowledged.Count + 4);
        await store.CommitAsync(Sample.Change(sandboxes.Count + 5), Durability.Disk, Token);
    }

    [Fact]
    public async Task While_another_process_holds_the_store_it_is_named()
    {
        using var child = ChildProcess.Start(_directory.State, "mixed", int.MaxValue / 2);
        _ = await child.NextAsync(Token);

        var refusal = Assert.Throws<StoreException>(() => SqliteIntentStore.Open(_directory.State)).Message;

        Assert.Contains($"state directory {_directory.State} is in use by process {child.Id}", refusal, StringComparison.Ordinal);
    }
}
