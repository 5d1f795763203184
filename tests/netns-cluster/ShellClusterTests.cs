using System.Security.Cryptography;

namespace Networking.NetnsCluster.Tests;

/// <summary>Twenty shells of gossip as processes, each on a host of its own, through what happens to a cluster.</summary>
public sealed class ShellClusterTests
{
    private const int Hosts = 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(300);
    private static readonly string s_key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    [Fact]
    public async Task Twenty_nodes_agree_after_a_partition_sudden_deaths_and_a_goodbye()
    {
        await using var field = await Field.OpenAsync(Hosts);
        var nodes = new List<Node>();
        try
        {
            for (var host = 1; host <= Hosts; host++)
            {
                nodes.Add(await Node.StartAsync(field, host, s_key));
                _ = await nodes[^1].AskAsync($"put first-{host} {host}");
            }

            await AgreeAsync(nodes, Hosts);

            // Two halves that do not hear each other.
            var (left, right) = (nodes[..10], nodes[10..]);
            await Task.WhenAll(left.Select(n => field.DropAsync(n.Host, $"ip saddr {Field.Address(11)}-{Field.Address(20)}"))
                .Concat(right.Select(n => field.DropAsync(n.Host, $"ip saddr {Field.Address(1)}-{Field.Address(10)}"))));
            await Until(async () => await FailedAsync(left[0]) == right.Count && await FailedAsync(right[0]) == left.Count, () => "the halves do not notice");
            Assert.Equal(left.Count, (await left[0].AskAsync("rows")).Length); // rows of the others are hidden
            _ = await left[3].AskAsync("put left x");
            _ = await right[3].AskAsync("put right x");
            _ = await right[4].AskAsync($"rm first-{right[4].Host}");
            await Task.WhenAll(nodes.Select(n => field.HealAsync(n.Host)));
            await AgreeAsync(nodes, Hosts + 1);

            // Sudden deaths; their rows are hidden, and come back with them.
            foreach (var node in nodes[^3..])
            {
                await node.KillAsync();
            }

            var alive = nodes[..^3];
            await Until(async () => await FailedAsync(alive[0]) == 3 && await FailedAsync(alive[5]) == 3, () => "three deaths are not noticed");
            for (var i = Hosts - 3; i < Hosts; i++)
            {
                await nodes[i].DisposeAsync();
                nodes[i] = await Node.StartAsync(field, i + 1, s_key);
                _ = await nodes[i].AskAsync($"put second-{i + 1} y");
            }

            await AgreeAsync(nodes, Hosts + 1 - 3 + 3);

            // A goodbye.
            _ = await nodes[5].AskAsync("leave");
            await nodes[5].DisposeAsync();
            nodes.RemoveAt(5);
            await AgreeAsync(nodes, Hosts);
        }
        finally
        {
            foreach (var node in nodes)
            {
                await node.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task Whom_datagrams_do_not_reach_is_asked_by_stream_and_not_believed_dead()
    {
        await using var field = await Field.OpenAsync(3);
        var nodes = new List<Node>();
        try
        {
            for (var host = 1; host <= 3; host++)
            {
                nodes.Add(await Node.StartAsync(field, host, s_key));
            }

            await Until(async () => await AliveAsync(nodes[0]) == 2 && await AliveAsync(nodes[2]) == 2, () => "three do not meet");
            await field.DropAsync(3, "meta l4proto udp");
            await Until(
                async () => await AliveAsync(nodes[0]) == 2
                    && (await nodes[0].AskAsync("status")).Any(static w => w.StartsWith("streamonly=", StringComparison.Ordinal) && w != "streamonly=0"),
                () => "no stream keeps the third alive");
            Assert.Contains(nodes[0].Troubles.Concat(nodes[1].Troubles), static t => t.Contains("answers by TCP but not by UDP", StringComparison.Ordinal));
        }
        finally
        {
            foreach (var node in nodes)
            {
                await node.DisposeAsync();
            }
        }
    }

    /// <summary>Every node sees every other alive, and all read the same rows.</summary>
    private static async Task AgreeAsync(List<Node> nodes, int rows)
    {
        string said = string.Empty;
        await Until(
            async () =>
            {
                var read = await Task.WhenAll(nodes.Select(static n => n.AskAsync("rows")));
                var alive = await Task.WhenAll(nodes.Select(AliveAsync));
                said = $"rows: {string.Join(',', read.Select(static r => r.Length))}; alive: {string.Join(',', alive)}";
                return alive.All(a => a == nodes.Count - 1) && read[0].Length == rows && read.All(r => r.SequenceEqual(read[0]));
            },
            () => $"not {rows} rows and {nodes.Count - 1} others everywhere: {said}");
    }

    /// <summary>Those that are not believed failed or gone: on a busy machine somebody is always late, and doubted for a moment.</summary>
    private static async Task<int> AliveAsync(Node node) => (await node.AskAsync("members"))
        .Count(static m => m.EndsWith("=Alive", StringComparison.Ordinal) || m.EndsWith("=Suspect", StringComparison.Ordinal));

    private static async Task<int> FailedAsync(Node node) => (await node.AskAsync("members")).Count(static m => m.EndsWith("=Failed", StringComparison.Ordinal));

    private static async Task Until(Func<Task<bool>> holds, Func<string> otherwise)
    {
        using var deadline = new CancellationTokenSource(s_patience);
        while (!await holds())
        {
            Assert.False(deadline.IsCancellationRequested, otherwise());
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }
}
