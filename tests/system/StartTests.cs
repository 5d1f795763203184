using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>What the daemon refuses to start over, and that it leaves everything as it stood.</summary>
/// <remarks>
/// <code>
///   netd ── state directory (netd.db) ── a second netd, a broken file, a wrong configuration
/// </code>
/// </remarks>
public sealed class StartTests
{
    [Theory]
    [InlineData("truncated")]
    [InlineData("garbage")]
    [InlineData("foreign")]
    [InlineData("newer")]
    [InlineData("directory")]
    public async Task A_store_that_cannot_be_read_stops_the_start_and_is_named(string kind)
    {
        await using var stage = await Stage.OpenAsync(hasWorld: false);
        var network = await stage.NetworkAsync("kept", "10.180.0.0/24");
        Assert.Equal(0, await stage.Daemon.StopAsync());
        var file = $"{stage.StateFolder}/netd.db";
        await BreakAsync(kind, file);
        var before = File.Exists(file) ? await File.ReadAllBytesAsync(file, Eventually.Cancel) : [];

        var daemon = stage.Launch();
        Assert.Equal(1, await daemon.EndedAsync());
        Assert.Contains(file, daemon.LastWords(), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", daemon.LastWords(), StringComparison.Ordinal);
        Assert.Equal(before, File.Exists(file) ? await File.ReadAllBytesAsync(file, Eventually.Cancel) : []);
        Assert.NotNull(await stage.Host.LinkAsync(network.Device));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_second_daemon_on_one_state_directory_is_refused_and_the_first_goes_on(bool sharesRunDirectory)
    {
        await using var stage = await Stage.OpenAsync(hasWorld: false);
        var second = stage.Launch(sharesRunDirectory ? $"{stage.RunFolder}/" : $"{stage.Folder}/run2");
        Assert.Equal(1, await second.EndedAsync());
        Assert.Contains(stage.StateFolder, second.LastWords(), StringComparison.Ordinal);
        _ = await stage.NetworkAsync("still", "10.181.0.0/24");
        await stage.AssertNothingDiffersAsync();
    }

    [Fact]
    public async Task A_second_daemon_in_one_network_namespace_is_refused_and_touches_nothing()
    {
        await using var stage = await Stage.OpenAsync(hasWorld: false);
        var network = await stage.NetworkAsync("first", "10.183.0.0/24");
        var second = stage.Launch($"{stage.Folder}/run2", $"{stage.Folder}/state2");
        Assert.Equal(1, await second.EndedAsync());
        Assert.Contains("the network namespace has a netd already: process", second.LastWords(), StringComparison.Ordinal);
        Assert.Contains(stage.StateFolder, second.LastWords(), StringComparison.Ordinal);
        Assert.NotNull(await stage.Host.LinkAsync(network.Device));
        await stage.AssertNothingDiffersAsync();
    }

    [Fact]
    public async Task A_run_directory_that_another_daemon_serves_or_that_is_too_long_is_refused()
    {
        await using var one = await Stage.OpenAsync(hasWorld: false);
        await using var two = await Stage.OpenAsync(hasWorld: false);
        Assert.Equal(0, await two.Daemon.StopAsync());
        var second = two.Launch(one.RunFolder);
        Assert.Equal(1, await second.EndedAsync());
        Assert.Contains($"run directory {one.RunFolder} is in use by process", second.LastWords(), StringComparison.Ordinal);
        _ = await one.NetworkAsync("still", "10.184.0.0/24");

        var deep = two.Launch($"{two.Folder}/{new string('d', 100)}");
        Assert.Equal(2, await deep.EndedAsync());
        Assert.Contains("the kernel takes 107", deep.LastWords(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_daemons_with_directories_of_their_own_live_on_one_machine()
    {
        await using var one = await Stage.OpenAsync();
        await using var two = await Stage.OpenAsync();
        _ = await one.NetworkAsync("same", "10.182.0.0/24");
        _ = await two.NetworkAsync("same", "10.182.0.0/24");
        var (a, _) = await one.ContainerAsync("same", "box");
        _ = (await two.Api.RemoveAsync("same")).Change();
        await a.ReachesAsync(Stage.WorldAddress4);
        await one.AssertNothingDiffersAsync();
    }

    [Theory]
    [InlineData("{\n  \"stateDirectory\": \"/tmp/x\",\n  \"logLevl\": \"debug\"\n}", ":3: ", "logLevl")]
    [InlineData("{\n  \"fullCheckSeconds\": true\n}", ":2: ", "fullCheckSeconds")]
    [InlineData("{\n  \"logLevel\": \"loud\"\n}", ":2: ", "loud")]
    [InlineData("{\n  \"defaultAddressPools\": [\n    \"base=10.0.0.0/8,size=7\" ]\n}", ":3: ", "defaultAddressPools")]
    [InlineData("{\n  \"addressQuarantineSeconds\": -1\n}", ":2: ", "addressQuarantineSeconds")]
    [InlineData("{\n  \"logLevel\": \"debug\"", ":2", "netd.json")]
    [InlineData("[]", ":1", "netd.json")]
    public async Task A_wrong_configuration_stops_the_start_with_file_line_and_key(string json, string line, string named)
    {
        await using var stage = await Stage.OpenAsync(hasWorld: false, before: static _ => Task.FromResult(false));
        stage.ConfigFile = $"{stage.Folder}/netd.json";
        await File.WriteAllTextAsync(stage.ConfigFile, json, Eventually.Cancel);
        var daemon = stage.Launch();
        Assert.Equal(2, await daemon.EndedAsync());
        Assert.Contains(stage.ConfigFile, daemon.LastWords(), StringComparison.Ordinal);
        Assert.Contains(line, daemon.LastWords(), StringComparison.Ordinal);
        Assert.Contains(named, daemon.LastWords(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(stage.StateFolder));
    }

    [Fact]
    public async Task Wrong_flags_are_usage_errors()
    {
        Assert.SkipUnless(string.Equals(Environment.UserName, "root", StringComparison.Ordinal), "needs root");
        foreach (var flags in new[] { "--no-such-flag", "--state-dir relative/path", "--log-level loud", "--full-check-seconds 1", "--config /not/there.json" })
        {
            var output = await Tool.RunAsync(Binaries.Netd, flags.Split(' '));
            Assert.True(output.Code == 2, output.ToString());
            Assert.StartsWith("netd: ", output.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_stopped_and_a_killed_daemon_leave_packets_flowing_and_a_new_one_changes_nothing()
    {
        await using var stage = await Stage.OpenAsync();
        _ = await stage.NetworkAsync("steady", "10.183.0.0/24", "fd83::/64");
        var (a, _) = await stage.ContainerAsync("steady", "a");
        var (b, bt) = await stage.ContainerAsync("steady", "b");
        _ = await Eventually.TrueAsync(TimeSpan.FromSeconds(5), async () => (await stage.Api.DiffAsync()).Steps.IsEmpty, stage.Host.SightAsync);
        foreach (var place in new[] { stage.Host, a, b })
        {
            _ = await Eventually.OutputAsync(
                TimeSpan.FromSeconds(60), () => place.RunAsync("ip", "-6", "address", "show", "tentative"), static o => o.Text.Length == 0);
        }

        var before = await KernelAsync();
        using var listener = b.Listen("0.0.0.0", 80);
        using var flow = await a.ConnectAsync(bt.Address4, 80);
        Assert.NotNull(flow);
        using var server = await Place.AcceptAsync(listener);
        foreach (var isKilled in new[] { true, false })
        {
            await stage.RestartAsync(isKilled);
            await stage.AssertNothingDiffersAsync();
            Assert.Equal(before, await KernelAsync());
            Assert.Equal(4, await flow.SendAsync("data"u8.ToArray(), Eventually.Cancel));
            Assert.Equal(4, await server.ReceiveAsync(new byte[16], Eventually.Cancel));
            await a.ReachesAsync(Stage.WorldAddress4);
            await a.ReachesAsync(bt.Address6);
        }

        async Task<string> KernelAsync() => string.Join('\n', (await stage.SnapshotAsync(a, b)).Split('\n').Where(static l => !l.StartsWith("netd.db", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_stop_that_takes_seconds_is_an_orderly_one()
    {
        await using var stage = await Stage.OpenAsync(hasWorld: false);
        _ = await stage.NetworkAsync("slow", "10.184.0.0/24");
        _ = await stage.ContainerAsync("slow", "slow-a", new ConnectRequest { Publish = ["8184:80"] });
        Assert.Equal(0, await stage.Daemon.StopSlowlyAsync());
        await stage.StartAsync();
        await stage.AssertNothingDiffersAsync();
    }

    private static async Task BreakAsync(string kind, string file)
    {
        switch (kind)
        {
            case "truncated":
                await using (var stream = new FileStream(file, FileMode.Open))
                {
                    stream.SetLength(stream.Length / 2);
                }

                break;
            case "garbage":
                await File.WriteAllTextAsync(file, string.Concat(Enumerable.Repeat("not a database ", 1000)), Eventually.Cancel);
                break;
            case "foreign":
                File.Delete(file);
                _ = (await Tool.RunAsync("sqlite3", file, "create table other(x); insert into other values(1);")).Succeeded();
                break;
            case "newer":
                _ = (await Tool.RunAsync("sqlite3", file, "pragma user_version = 9999;")).Succeeded();
                break;
            default:
                File.Delete(file);
                _ = Directory.CreateDirectory(file);
                break;
        }
    }
}
