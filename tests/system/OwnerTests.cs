using System.Globalization;
using System.Text.Json;
using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>What becomes of endpoints whose namespace or process goes, and who is named when something cannot be removed.</summary>
/// <remarks>
/// <code>
///   foreign namespace (path or process) ── eth0 ── bridge ── host
/// </code>
/// </remarks>
public sealed class OwnerTests(SharedStage shared) : SharedStageTests(shared)
{
    private static readonly TimeSpan s_within = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Deleting_the_namespace_takes_the_endpoint_away_and_frees_its_address()
    {
        _ = await Stage.NetworkAsync("gone", "10.130.0.0/24", "fdd0::/64");
        var place = await Stage.NamespaceAsync("gone");
        var endpoint = await Stage.ConnectAsync("gone", place.Path, new ConnectRequest { Ip = "10.130.0.9", Ip6 = "fdd0::9" });
        _ = (await Tool.RunAsync("ip", "netns", "del", Path.GetFileName(place.Path))).Succeeded();
        await AssertTakenAwayAsync("gone", endpoint);
        var (again, _) = await Stage.ContainerAsync("gone", "gone-2", new ConnectRequest { Ip = "10.130.0.9", Ip6 = "fdd0::9" });
        await Stage.Host.ReachesAsync("10.130.0.9");
        await again.ReachesAsync(Stage.WorldAddress6);
    }

    [Fact]
    public async Task Killing_the_process_takes_the_endpoint_away()
    {
        _ = await Stage.NetworkAsync("killed", "10.131.0.0/24");
        using var guest = await Guest.InNewNamespaceAsync();
        var endpoint = await Stage.ConnectAsync("killed", guest.Reference);
        guest.Dispose();
        await AssertTakenAwayAsync("killed", endpoint);
    }

    [Fact]
    public async Task A_namespace_deleted_while_no_daemon_runs_is_noticed_at_the_start()
    {
        await using var stage = await Stage.OpenAsync(hasWorld: false);
        _ = await stage.NetworkAsync("away", "10.132.0.0/24");
        var place = await stage.NamespaceAsync("away");
        var endpoint = await stage.ConnectAsync("away", place.Path);
        await stage.Daemon.KillAsync();
        _ = (await Tool.RunAsync("ip", "netns", "del", Path.GetFileName(place.Path))).Succeeded();
        await stage.StartAsync();
        Assert.Equal(0, (await stage.Api.NetworkAsync("away")).EndpointCount);
        _ = await Eventually.TrueAsync(s_within, async () => await stage.Host.LinkAsync(endpoint.HostInterface) is null, stage.Host.SightAsync);
        await stage.AssertNothingDiffersAsync();
    }

    [Fact]
    public async Task Removal_names_owner_and_command_and_force_obeys()
    {
        _ = await Stage.NetworkAsync("used", "10.133.0.0/24");
        var (_, endpoint) = await Stage.ContainerAsync("used", "used-box", new ConnectRequest { Name = "web" });
        var error = (await Stage.Api.RemoveAsync("used")).Refused(409);
        Assert.Contains("web in sandbox used-box", error.Message, StringComparison.Ordinal);
        Assert.Contains("netctl disconnect used used-box", error.Hint, StringComparison.Ordinal);
        Assert.Contains("netctl rm --force used", error.Hint, StringComparison.Ordinal);
        error = (await Stage.Api.RemoveSandboxAsync("used-box")).Refused(409);
        Assert.Contains("used", error.Message, StringComparison.Ordinal);
        Assert.Contains("netctl sandbox rm --force used-box", error.Hint, StringComparison.Ordinal);

        _ = (await Stage.Api.RemoveAsync("used", isForced: true)).Change();
        _ = await Eventually.TrueAsync(s_within, async () => await Stage.Host.LinkAsync(endpoint.HostInterface) is null, Stage.Host.SightAsync);
        _ = (await Stage.Api.RemoveSandboxAsync("used-box")).Change();
    }

    [Fact]
    public async Task Force_succeeds_although_the_namespace_is_gone_already()
    {
        var network = await Stage.NetworkAsync("vanished", "10.134.0.0/24");
        var place = await Stage.NamespaceAsync("vanished");
        _ = await Stage.ConnectAsync("vanished", place.Path);
        _ = (await Tool.RunAsync("ip", "netns", "del", Path.GetFileName(place.Path))).Succeeded();
        var answer = await Stage.Api.RemoveAsync("vanished", isForced: true);
        Assert.Null(answer.Change().Status);
        _ = await Eventually.TrueAsync(s_within, async () => await Stage.Host.LinkAsync(network.Device) is null, Stage.Host.SightAsync);
    }

    [Fact]
    public async Task Force_succeeds_although_the_process_hangs()
    {
        _ = await Stage.NetworkAsync("hanging", "10.135.0.0/24");
        using var guest = await Guest.InNewNamespaceAsync();
        _ = await Stage.ConnectAsync("hanging", guest.Reference);
        guest.Stop();
        Assert.Null((await Stage.Api.RemoveAsync("hanging", isForced: true)).Change().Status);
        var place = new Place("guest", guest.NamespacePath);
        _ = await Eventually.TrueAsync(s_within, async () => (await place.LinksAsync()).Length == 0, place.SightAsync);
    }

    [Fact]
    public async Task Disconnecting_by_a_path_that_is_gone_works_by_its_name()
    {
        _ = await Stage.NetworkAsync("bygone", "10.136.0.0/24");
        var place = await Stage.NamespaceAsync("bygone");
        _ = await Stage.ConnectAsync("bygone", place.Path);
        _ = (await Tool.RunAsync("ip", "netns", "del", Path.GetFileName(place.Path))).Succeeded();
        var answer = await Stage.Api.DisconnectAsync("bygone", place.Path);
        Assert.True(answer.IsDone || answer.Status == 404, answer.ToString()); // 404: the watcher was faster
        Assert.Equal(0, (await Stage.Api.NetworkAsync("bygone")).EndpointCount);
    }

    private async Task AssertTakenAwayAsync(string network, EndpointDocument endpoint)
    {
        _ = await Eventually.TrueAsync(
            s_within,
            async () => (await Stage.Api.NetworkAsync(network)).EndpointCount == 0 && await Stage.Host.LinkAsync(endpoint.HostInterface) is null,
            async () => JsonSerializer.Serialize(await Stage.Api.NetworkAsync(network), ApiJson.Default.NetworkDocument) + await Stage.Host.SightAsync());
        var events = await Stage.Api.EventsAsync();
        Assert.Contains(events, e => e.Type == "sandbox.gone" && e.Object == endpoint.SandboxId);
        Assert.Contains(events, e => e.Type == "endpoint.removed" && e.Object == endpoint.Id);
        _ = await Eventually.TrueAsync(
            s_within,
            async () => (await Stage.Api.SandboxesAsync()).All(s => s.Id != endpoint.SandboxId),
            () => Task.FromResult(string.Create(CultureInfo.InvariantCulture, $"sandbox {endpoint.SandboxId} is still known")));
    }
}
