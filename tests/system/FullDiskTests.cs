using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>The disk of the state directory is full: changes are refused, what stands stays, and space is all it takes.</summary>
/// <remarks>
/// <code>
///   netd ── state directory: 1 MB in memory, filled
///     └ kept 10.186.0.0/24 ── a, b
/// </code>
/// </remarks>
public sealed class FullDiskTests
{
    private static readonly TimeSpan s_within = TimeSpan.FromSeconds(10);
    private static readonly CreateNetworkRequest s_wanted = new() { Name = "wanted", Subnets = ["10.187.0.0/24"] };

    [Fact]
    public async Task Every_change_is_refused_and_changes_nothing_until_there_is_space_again()
    {
        var (stage, disk) = await OpenAsync();
        await using var ending = stage;
        _ = await stage.NetworkAsync("kept", "10.186.0.0/24");
        var (a, _) = await stage.ContainerAsync("kept", "a");
        var (b, bt) = await stage.ContainerAsync("kept", "b");
        _ = await stage.SandboxAsync("c");
        (Func<Task<Answer>> Ask, Action<Answer> Check)[] changes =
        [
            (() => stage.Api.CreateAsync(s_wanted), static x => x.Change()),
            (() => stage.Api.ConnectAsync("kept", new ConnectRequest { Sandbox = "c" }), static x => x.Change()),
            (() => stage.Api.CreateSandboxAsync("d"), static x => x.Change()),
            (() => stage.Api.DisconnectAsync("kept", "b"), static x => x.Change()),
            (() => stage.Api.RemoveAsync("kept", isForced: true), static x => x.Change()),
        ];

        foreach (var (ask, _) in changes)
        {
            disk.Fill(); // a refusal gives back what the store can do without
            var before = await StateAsync(stage, a, b);
            var error = (await ask()).Refused(503);
            Assert.Equal("store.failed", error.Code);
            Assert.Contains($"{stage.StateFolder}/netd.db", error.Message, StringComparison.Ordinal);
            Assert.Contains("The disk is full: free space", error.Message, StringComparison.Ordinal);
            Assert.NotNull(error.Hint);
            Assert.Equal(before, await StateAsync(stage, a, b));
        }

        await a.ReachesAsync(bt.Address4);
        await stage.AssertNothingDiffersAsync();
        disk.Free();
        foreach (var (ask, check) in changes)
        {
            check(await ask());
        }

        await stage.AssertNothingDiffersAsync();
        Assert.Equal(["host", "none", "wanted"], (await stage.Api.GetAsync("/v1/networks")).As(ApiJson.Default.NetworkDocumentArray).Select(static n => n.Name));
    }

    [Fact]
    public async Task A_daemon_that_starts_on_a_full_disk_keeps_what_stands_and_takes_changes_once_there_is_space()
    {
        var (stage, disk) = await OpenAsync();
        await using var ending = stage;
        _ = await stage.NetworkAsync("kept", "10.186.0.0/24");
        var (a, _) = await stage.ContainerAsync("kept", "a");
        var (b, bt) = await stage.ContainerAsync("kept", "b");
        foreach (var isKilled in new[] { true, false })
        {
            disk.Fill();
            var before = await StateAsync(stage, a, b);
            await stage.RestartAsync(isKilled);
            disk.Fill();
            Assert.Equal("store.failed", (await stage.Api.CreateAsync(s_wanted)).Refused(503).Code);
            Assert.Equal(before, await StateAsync(stage, a, b));
            await a.ReachesAsync(bt.Address4);
        }

        disk.Free();
        _ = (await stage.Api.CreateAsync(s_wanted)).Change();
        await stage.AssertNothingDiffersAsync();
    }

    [Fact]
    public async Task An_owner_that_goes_meanwhile_ends_no_daemon_and_its_endpoint_goes_once_there_is_space()
    {
        var (stage, disk) = await OpenAsync();
        await using var ending = stage;
        _ = await stage.NetworkAsync("kept", "10.186.0.0/24");
        var (first, second) = (await stage.NamespaceAsync("first"), await stage.NamespaceAsync("second"));
        var endpoints = new[] { await stage.ConnectAsync("kept", first.Path), await stage.ConnectAsync("kept", second.Path) };
        disk.Fill();
        _ = (await Tool.RunAsync("ip", "netns", "del", Path.GetFileName(first.Path))).Succeeded();
        _ = await Eventually.TrueAsync(
            s_within,
            () =>
            {
                disk.Fill();
                return Task.FromResult(stage.Daemon.LastWords().Contains("is tried again", StringComparison.Ordinal));
            },
            () => Task.FromResult(stage.Daemon.LastWords()));
        Assert.False(stage.Daemon.HasEnded, stage.Daemon.LastWords());
        Assert.Equal(2, (await stage.Api.NetworkAsync("kept")).EndpointCount);

        await stage.Daemon.KillAsync();
        _ = (await Tool.RunAsync("ip", "netns", "del", Path.GetFileName(second.Path))).Succeeded();
        disk.Fill();
        await stage.StartAsync();
        Assert.Equal(0, (await stage.Api.NetworkAsync("kept")).EndpointCount);

        disk.Free();
        _ = (await stage.Api.RemoveAsync("kept")).Change();
        foreach (var endpoint in endpoints)
        {
            _ = await Eventually.TrueAsync(s_within, async () => await stage.Host.LinkAsync(endpoint.HostInterface) is null, stage.Host.SightAsync);
        }

        Assert.DoesNotContain("INSERT INTO endpoints", await StateAsync(stage), StringComparison.Ordinal);
        await stage.AssertNothingDiffersAsync();
    }

    [Fact]
    public async Task An_owner_that_went_while_the_disk_was_full_is_taken_away_by_the_same_daemon()
    {
        var (stage, disk) = await OpenAsync();
        await using var ending = stage;
        _ = await stage.NetworkAsync("kept", "10.186.0.0/24");
        var place = await stage.NamespaceAsync("first");
        var endpoint = await stage.ConnectAsync("kept", place.Path);
        disk.Fill();
        _ = (await Tool.RunAsync("ip", "netns", "del", Path.GetFileName(place.Path))).Succeeded();
        _ = await Eventually.TrueAsync(
            s_within, () => Task.FromResult(stage.Daemon.LastWords().Contains("is tried again", StringComparison.Ordinal)), () => Task.FromResult(stage.Daemon.LastWords()));
        disk.Free();
        _ = await Eventually.TrueAsync(
            s_within,
            async () => (await stage.Api.SandboxesAsync()).Length == 0 && await stage.Host.LinkAsync(endpoint.HostInterface) is null,
            () => Task.FromResult(stage.Daemon.LastWords()));
        await stage.AssertNothingDiffersAsync();
    }

    [Fact]
    public async Task A_first_start_on_a_full_disk_is_refused_with_the_file_and_leaves_the_next_one_free_to_begin()
    {
        var (stage, disk) = await OpenAsync(isStarted: false);
        await using var ending = stage;
        disk.Fill();
        var daemon = stage.Launch();
        Assert.Equal(1, await daemon.EndedAsync());
        Assert.Contains($"{stage.StateFolder}/netd.db", daemon.LastWords(), StringComparison.Ordinal);
        Assert.Contains("The disk is full: free space", daemon.LastWords(), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", daemon.LastWords(), StringComparison.Ordinal);

        disk.Free();
        await stage.StartAsync();
        _ = (await stage.Api.CreateAsync(s_wanted)).Change();
    }

    private static async Task<(Stage Stage, SmallDisk Disk)> OpenAsync(bool isStarted = true)
    {
        SmallDisk? disk = null;
        var stage = await Stage.OpenAsync(hasWorld: false, before: async s =>
        {
            disk = s.Keep(await SmallDisk.MountAsync(s.StateFolder));
            return isStarted;
        });
        return (stage, disk!); // mounted before the stage was handed out
    }

    // The kernel as its tools see it, and the store as sqlite3 reads a copy of it: a refused change may leave bytes behind
    // the last commit of the log, and no more.
    private static async Task<string> StateAsync(Stage stage, params Place[] sandboxes)
    {
        var kernel = (await stage.SnapshotAsync(sandboxes)).Split('\n').Where(static l => !l.StartsWith("netd.db", StringComparison.Ordinal));
        var copy = Directory.CreateDirectory($"{stage.Folder}/copy").FullName;
        foreach (var name in new[] { "netd.db", "netd.db-wal" })
        {
            File.Delete($"{copy}/{name}");
            if (File.Exists($"{stage.StateFolder}/{name}"))
            {
                await using var from = new FileStream($"{stage.StateFolder}/{name}", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                await using var to = File.Create($"{copy}/{name}");
                await from.CopyToAsync(to, Eventually.Cancel);
            }
        }

        return string.Join('\n', kernel) + '\n' + (await Tool.RunAsync("sqlite3", $"{copy}/netd.db", ".dump")).Succeeded();
    }
}
