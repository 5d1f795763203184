using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Networking.Model.Api;

namespace Networking.Durability.Tests;

/// <summary>
/// DESIGN 2, cost rule: a change costs what it changes. What an attach and a detach cost is counted with ten endpoints
/// on the host and with five thousand, a thousand published ports and a thousand rules of others, over five bridges; clocks
/// are not looked at, except to tell.
/// </summary>
public sealed class CostTests(ITestOutputHelper output)
{
    private const int Networks = 5;
    private const int Sandboxes = 40;
    private const int Few = 10;
    private const int Many = 5_000;
    private const int Publishing = 500; // of the many, each two ports
    private const int ForeignRules = 1_000;
    private const int Measured = 10;
    private const int RequestsAtOnce = 16;
    private const int GroupDeletionBytes = 40; // struct nlmsghdr, struct ifinfomsg, IFLA_GROUP
    private const long IdleBytesMax = 80L << 20;
    private const long FullBytesMax = 200L << 20;

    private static readonly ImmutableArray<string> s_counters =
    [
        "netd_netlink_messages_sent_total", "netd_netlink_bytes_sent_total", "netd_kernel_operations_total", "netd_kernel_batches_total",
        "netd_kernel_observations_total", "netd_store_commits_total", "netd_store_synced_transactions_total",
    ];

    private static readonly ImmutableSortedDictionary<string, string> s_silent = Scenario.Pairs("com.docker.network.advertise_addr_nmsgs", "0");

    // The program as packages bring it, compiled ahead of time: its memory is what users have. test.sh builds it and says where.
    private static readonly string? s_packaged = Environment.GetEnvironmentVariable("NETD_PACKAGED");

    [Fact]
    public async Task An_attach_costs_the_same_at_ten_and_at_five_thousand_endpoints()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("NETD_TEST_FAST") == "1", "five thousand endpoints take a minute: without NETD_TEST_FAST");
        await using var stage = Stage.Create();
        var isPackaged = s_packaged is { Length: > 0 };
        if (isPackaged)
        {
            stage.Program = s_packaged!; // not empty
        }

        await stage.StartAsync();
        await Task.Delay(1000, TestContext.Current.CancellationToken);
        var idle = stage.Daemon!.MemoryBytes("VmRSS");
        await PopulateAsync(stage.Api);
        await ConnectAsync(stage.Api, 0, Few);
        for (var i = 0; i < 5; i++)
        {
            _ = await MeasureAsync(stage); // whatever is made once is made now
        }

        var few = await MeasureAsync(stage);
        var clock = Stopwatch.StartNew();
        await ConnectAsync(stage.Api, Few, Many);
        TranslateBeside(stage);
        var load = clock.Elapsed;
        await Task.Delay(1500, TestContext.Current.CancellationToken); // a round of every watcher of the daemon
        var full = stage.Daemon!.MemoryBytes("VmRSS");
        _ = await MeasureAsync(stage);
        var many = await MeasureAsync(stage);

        Tell($"per attach and detach at {Few} | at {Many} endpoints: {string.Join("; ", few.Counts.Select(c => $"{c.Key} {c.Value:0.##} | {many.Counts[c.Key]:0.##}"))}");
        Tell($"allocated bytes {few.Allocated:0} | {many.Allocated:0}; milliseconds (not judged) {few.Milliseconds:0.0} | {many.Milliseconds:0.0}");
        Tell($"memory of {(isPackaged ? "what packages bring" : "what the runtime runs (not judged)")}: idle {idle >> 20} MB, with {Many} endpoints {full >> 20} MB; {Many} attaches took {load.TotalSeconds:0.0} s");
        Assert.Equal(few.Counts, many.Counts);
        Assert.InRange(many.Allocated, few.Allocated * 0.9, few.Allocated * 1.1);
        Assert.Equal((0, 0L), stage.Daemon.Children());
        Assert.True(!isPackaged || idle <= IdleBytesMax, $"idle: {idle >> 20} MB of {IdleBytesMax >> 20}");
        Assert.True(!isPackaged || full <= FullBytesMax, $"with {Many} endpoints: {full >> 20} MB of {FullBytesMax >> 20}");
        Assert.Empty((await stage.Api.DiffAsync()).Steps);
    }

    private static async Task PopulateAsync(Api api)
    {
        for (var i = 0; i < Networks; i++)
        {
            _ = await api.DoAsync(ApiCall.Create(new CreateNetworkRequest { Name = $"n{i}", Subnets = [$"10.{70 + i}.0.0/16", $"fd{70 + i}::/64"] }));
        }

        foreach (var name in Enumerable.Range(0, Sandboxes).Select(static i => $"s{i}").Concat(Enumerable.Range(0, Measured).Select(static i => $"m{i}")))
        {
            _ = await api.DoAsync(ApiCall.CreateSandbox(name));
        }
    }

    private static Task ConnectAsync(Api api, int from, int to) => Parallel.ForAsync(
        from,
        to,
        new ParallelOptions { MaxDegreeOfParallelism = RequestsAtOnce },
        async (i, _) => await api.DoAsync(ApiCall.Connect($"n{i % Networks}", new ConnectRequest { Sandbox = $"s{i / Networks % Sandboxes}", Name = $"e{i}", Publish = i < Publishing ? TwoPorts(i) : [], Options = s_silent })));

    private static ImmutableArray<string> TwoPorts(int number) => [$"{20_000 + (2 * number)}:80", $"{20_001 + (2 * number)}:53/udp"];

    // Somebody else publishes ports too: what they cost us once must not come back with every port of ours.
    private static void TranslateBeside(Stage stage)
    {
        var rules = Enumerable.Range(0, ForeignRules).Select(static i => $"add rule ip beside pre tcp dport {50_000 + i} dnat to 192.0.2.1:80");
        var file = Path.Combine(stage.Directory, "beside.nft");
        File.WriteAllLines(file, ["add table ip beside", "add chain ip beside pre { type nat hook prerouting priority dstnat; }", .. rules]);
        _ = Tool.Run("ip", "netns", "exec", stage.Name, "nft", "-f", file);
    }

    // Into sandboxes that have nothing yet: what an interface costs the others of its own sandbox is their common business.
    private static async Task<Cost> MeasureAsync(Stage stage)
    {
        var first = await stage.Api.MetricsAsync();
        var before = await stage.Api.MetricsAsync();
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < Measured; i++)
        {
            var change = await stage.Api.DoAsync(ApiCall.Connect("n0", new ConnectRequest { Sandbox = $"m{i}", Publish = TwoPorts(Many + i), Options = s_silent }));
            Assert.Equal("done", change.Status?.State);
        }

        for (var i = 0; i < Measured; i++)
        {
            _ = await stage.Api.DoAsync(ApiCall.Disconnect("n0", $"m{i}"));
        }

        var spent = clock.Elapsed;
        await UntilDeletedAsync(stage);
        var whole = clock.Elapsed;
        var after = await stage.Api.MetricsAsync();

        // What the daemon allocates by the second, whoever asks for what, is not the cost of an attach.
        const string allocated = "dotnet_allocated_bytes_total";
        clock.Restart();
        await Task.Delay(2000, TestContext.Current.CancellationToken);
        var resting = clock.Elapsed;
        var rested = await stage.Api.MetricsAsync();
        var asking = before[allocated] - first[allocated];
        var background = Math.Max(0, rested[allocated] - after[allocated] - asking) / resting.TotalSeconds * whole.TotalSeconds;

        // How many of the cut links one deletion finds waiting is a matter of time, so those messages are counted apart.
        const string groups = "netd_link_group_deletions_total";
        var deletions = after[groups] - before[groups];
        var apart = ImmutableDictionary<string, double>.Empty
            .Add("netd_netlink_messages_sent_total", deletions)
            .Add("netd_netlink_bytes_sent_total", deletions * GroupDeletionBytes);
        return new Cost(
            s_counters.ToImmutableSortedDictionary(static c => c, c => (after[c] - before[c] - apart.GetValueOrDefault(c)) / Measured),
            (after[allocated] - before[allocated] - asking - background) / Measured,
            spent.TotalMilliseconds / Measured);
    }

    // Devices die in groups behind the answer; how their deletion is grouped must not blur the count of the next round.
    private static async Task UntilDeletedAsync(Stage stage)
    {
        var clock = Stopwatch.StartNew();
        while (Tool.Run("ip", "-n", stage.Name, "-o", "link", "show", "group", "1852071800").Length > 0)
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), "devices are not deleted");
            await Task.Delay(20);
        }

        await Task.Delay(200); // and the daemon has heard of it
    }

    private void Tell(FormattableString text)
    {
        var line = text.ToString(CultureInfo.InvariantCulture);
        output.WriteLine(line);
        TestContext.Current.AddWarning(line);
    }

    private sealed record Cost(ImmutableSortedDictionary<string, double> Counts, double Allocated, double Milliseconds);
}
