using System.Diagnostics;
using System.Text.Json;
using static Networking.NetnsCluster.Tests.Daemons;

namespace Networking.NetnsCluster.Tests;

/// <summary>
/// Two daemons, the same configuration, a pool that both share:
/// <code>
///   host 1: cluster init, owns 10.128.0.0/9 ── gossip ── host 2: joins, and sees that
/// </code>
/// </summary>
public sealed class SharedPoolTests
{
    [Fact]
    public async Task The_node_that_began_the_cluster_owns_its_pool_and_all_see_that_also_when_it_is_dead_and_after_it_returns()
    {
        await using var field = await Field.OpenAsync(2);
        var daemons = new Dictionary<int, Process>();
        try
        {
            for (var host = 1; host <= 2; host++)
            {
                daemons[host] = await StartAsync(field, host, "--cluster-pool", "10.128.0.0/9");
            }

            Assert.Empty(await RangesAsync(field, 1)); // it is in no cluster
            _ = await Ctl(field, 1, null, "cluster", "init", "--advertise", Field.Address(1));
            var key = await Ctl(field, 1, null, "cluster", "keys", "ls", "--secrets", "--quiet");
            var first = (await Ctl(field, 1, null, "node", "ls", "--quiet")).Trim();
            string[] all = [$"cluster 10.128.0.0/9: 10.128.0.0 to 10.255.255.255, 8388608 addresses, of {first}, which has 8388606 free"];
            await Until(async () => all.SequenceEqual(await RangesAsync(field, 1)), "who began the cluster does not own its pool");
            Assert.Contains($"{first} (this node)", await Ctl(field, 1, null, "ipam", "ls"), StringComparison.Ordinal);

            _ = await Ctl(field, 2, key, "cluster", "join", Field.Address(1), "--key-file", "-", "--timeout", "200");
            await Until(async () => all.SequenceEqual(await RangesAsync(field, 2)), "who joined does not see who owns the pool");
            Assert.DoesNotContain("(this node)", await Ctl(field, 2, null, "ipam", "ls"), StringComparison.Ordinal);
            Assert.False(File.Exists($"{field.Folder}/state2/ring.json")); // it keeps no register of its own

            await KillAsync(daemons, 1);
            await Until(async () => (await Ctl(field, 2, null, "node", "ls")).Contains("failed", StringComparison.Ordinal), "a sudden death is not noticed");
            Assert.Equal(all, await RangesAsync(field, 2)); // nobody has taken it over
            daemons[1] = await StartAsync(field, 1, "--cluster-pool", "10.128.0.0/9");
            await Until(async () => all.SequenceEqual(await RangesAsync(field, 1)), "a restarted node does not know what it owned");
            Assert.Equal(all, await RangesAsync(field, 2));

            // A newcomer's memory is what others tell: the rows are there again, not only remembered.
            await KillAsync(daemons, 2);
            daemons[2] = await StartAsync(field, 2);
            await Until(async () => all.SequenceEqual(await RangesAsync(field, 2)), "the owner does not tell its ranges after its restart");
        }
        finally
        {
            await StopAsync(daemons.Values);
        }
    }

    [Fact]
    public async Task Another_range_under_the_same_name_is_named()
    {
        await using var field = await Field.OpenAsync(2);
        var daemons = new List<Process>();
        try
        {
            daemons.Add(await StartAsync(field, 1, "--cluster-pool", "10.128.0.0/9"));
            daemons.Add(await StartAsync(field, 2, "--cluster-pool", "10.64.0.0/10"));
            _ = await Ctl(field, 1, null, "cluster", "init", "--advertise", Field.Address(1));
            var key = await Ctl(field, 1, null, "cluster", "keys", "ls", "--secrets", "--quiet");
            _ = await Ctl(field, 2, key, "cluster", "join", Field.Address(1), "--key-file", "-", "--timeout", "200");
            await Until(async () => (await Ctl(field, 2, null, "events", "--since", "0", "--follow=false")).Contains("here --cluster-pool is 10.64.0.0/10", StringComparison.Ordinal), "another range is not named");
            Assert.Contains("10.128.0.0/9", Assert.Single(await RangesAsync(field, 2)), StringComparison.Ordinal);
        }
        finally
        {
            await StopAsync(daemons);
        }
    }

    [Fact]
    public async Task While_its_register_cannot_be_written_or_read_the_ring_stands_still_and_says_so_once()
    {
        await using var field = await Field.OpenAsync(1);
        var (register, daemons) = ($"{field.Folder}/state1/ring.json", new Dictionary<int, Process>());
        try
        {
            daemons[1] = await StartAsync(field, 1, "--cluster-pool", "10.128.0.0/9");
            _ = Directory.CreateDirectory(register + ".new"); // where the file is written first
            _ = await Ctl(field, 1, null, "cluster", "init", "--advertise", Field.Address(1));
            await StandsAsync("Make room");
            Assert.Empty(await RangesAsync(field, 1));
            Directory.Delete(register + ".new");
            await Until(async () => (await RangesAsync(field, 1)).Any(), "it does not go on");

            await KillAsync(daemons, 1);
            var kept = await File.ReadAllBytesAsync(register, TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(register, "{", TestContext.Current.CancellationToken);
            daemons[1] = await StartAsync(field, 1, "--cluster-pool", "10.128.0.0/9");
            await StandsAsync("is damaged");
            await File.WriteAllBytesAsync(register, kept, TestContext.Current.CancellationToken);
            await Until(async () => (await RangesAsync(field, 1)).Any(), "it does not go on with a copy");
        }
        finally
        {
            await StopAsync(daemons.Values);
        }

        // Some ticks of a second each, to see that it is not said with each.
        async Task StandsAsync(string why)
        {
            await Until(async () => await ToldAsync(why) > 0, $"nobody says that the ring {why}");
            await Task.Delay(TimeSpan.FromSeconds(3.5), TestContext.Current.CancellationToken);
            Assert.Equal(1, await ToldAsync(why));
        }

        async Task<int> ToldAsync(string why) =>
            (await Ctl(field, 1, null, "events", "--since", "0", "--follow=false")).Split('\n').Count(l => l.Contains("ring.json", StringComparison.Ordinal) && l.Contains(why, StringComparison.Ordinal));
    }

    private static async Task KillAsync(Dictionary<int, Process> daemons, int host)
    {
        _ = daemons.Remove(host, out var daemon);
        await StopAsync([daemon!]); // it runs
    }

    private static async Task<IEnumerable<string>> RangesAsync(Field field, int host)
    {
        using var document = JsonDocument.Parse(await Ctl(field, host, null, "ipam", "ls", "--format", "json"));
        return [.. document.RootElement.GetProperty("ranges").EnumerateArray().Select(static r =>
            $"{Text(r, "pool")} {Text(r, "prefix")}: {Text(r, "first")} to {Text(r, "last")}, {Text(r, "size")} addresses, of {Text(r, "owner")}, which has {Text(r, "ownerFree")} free")];
    }

    private static string? Text(JsonElement range, string name) => range.TryGetProperty(name, out var value) ? value.GetString() : null;
}
