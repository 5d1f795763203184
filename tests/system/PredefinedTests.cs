using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>The networks that are there without being made: host and none.</summary>
/// <remarks>
/// <code>
///   host: a process in the host's namespace        none: a sandbox with lo and nothing else
/// </code>
/// </remarks>
public sealed class PredefinedTests(SharedStage shared) : SharedStageTests(shared)
{
    private static readonly TimeSpan s_within = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("host")]
    [InlineData("none")]
    public async Task They_are_listed_and_cannot_be_made_changed_or_removed(string name)
    {
        var network = await Stage.Api.NetworkAsync(name);
        Assert.Equal((name, "done", string.Empty, null), (network.Driver, network.Status.State, network.Device, network.Ipv4?.Subnet));
        Assert.Contains(name, (await Stage.NetctlAsync("ls")).Succeeded(), StringComparison.Ordinal);
        Assert.Contains(name, (await Stage.NetctlAsync("explain", name)).Succeeded(), StringComparison.Ordinal);
        var error = (await UnchangedAsync(() => Stage.Api.CreateAsync(new CreateNetworkRequest { Name = "second", Driver = name }))).Refused(400);
        Assert.Equal("driver.single", error.Code);
        Assert.Equal("network.predefined", (await UnchangedAsync(() => Stage.Api.RemoveAsync(name, isForced: true))).Refused(409).Code);
        Assert.Equal("network.predefined", (await UnchangedAsync(() => Stage.Api.SendAsync(HttpMethod.Patch, $"/v1/networks/{name}", "{\"labels\":{\"a\":\"b\"}}"))).Refused(409).Code);
        Assert.DoesNotContain(name, (await Stage.NetctlAsync("prune")).Succeeded().Split(), StringComparer.Ordinal);
        Assert.Equal(name, (await Stage.Api.NetworkAsync(name)).Name);
    }

    [Fact]
    public async Task A_sandbox_on_none_has_its_loopback_and_can_be_on_nothing_else()
    {
        _ = await Stage.NetworkAsync("beside", "10.68.0.0/24");
        var place = await Stage.SandboxAsync("alone");
        var change = (await Stage.Api.ConnectAsync("none", new ConnectRequest { Sandbox = "alone", Publish = ["8088:80"] })).Change();
        Assert.Contains(change.Warnings, static w => w.Contains("published ports are discarded", StringComparison.Ordinal));
        Assert.Equal((string.Empty, null, null), (change.Endpoint!.Interface, change.Endpoint.Ipv4, change.Endpoint.Ipv6));
        Assert.Empty(await place.LinksAsync());
        await place.ReachesAsync("127.0.0.1");
        await place.ReachesAsync("::1");
        var error = (await Stage.Api.ConnectAsync("beside", new ConnectRequest { Sandbox = "alone" })).Refused(409);
        Assert.Equal("sandbox.alone", error.Code);
        Assert.Equal("sandbox.alone", (await Stage.Api.ConnectAsync("none", new ConnectRequest { Sandbox = "alone" })).Refused(409).Code);
        Assert.Equal(
            ["endpoint.bare", "endpoint.bare", "sandbox.alone"],
            (await Stage.Api.ConnectAsync("none", new ConnectRequest { Sandbox = "alone", Ip = "10.68.0.9", Ifname = "eth5" })).Refused(400).Details.Select(static d => d.Code));

        await Stage.RestartAsync(isKilled: true);
        Assert.Equal(1, (await Stage.Api.NetworkAsync("none")).EndpointCount);
        _ = (await Stage.Api.DisconnectAsync("none", "alone")).Change();
        _ = await Stage.ConnectAsync("beside", "alone");
        Assert.Equal("sandbox.alone", (await Stage.Api.ConnectAsync("none", new ConnectRequest { Sandbox = "alone" })).Refused(409).Code);
        await Stage.AssertNothingDiffersAsync();
    }

    [Fact]
    public async Task A_process_in_the_hosts_namespace_is_on_host_until_it_ends()
    {
        using var first = new Guest(Stage.Host);
        using var second = new Guest(Stage.Host);
        var before = await Stage.KernelAsync();
        var change = (await Stage.Api.ConnectAsync("host", new ConnectRequest { Sandbox = first.Reference, Publish = ["80:80"] })).Change();
        Assert.Contains(change.Warnings, static w => w.Contains("published ports are discarded", StringComparison.Ordinal));
        _ = await Stage.ConnectAsync("host", second.Reference);
        Assert.Equal(before, await Stage.KernelAsync()); // nothing is made, and nothing of the host is changed
        Assert.Equal(2, (await Stage.Api.NetworkAsync("host")).EndpointCount);

        _ = await Stage.NetworkAsync("guests", "10.69.0.0/24");
        Assert.Equal("sandbox.host", (await Stage.Api.ConnectAsync("guests", new ConnectRequest { Sandbox = first.Reference })).Refused(409).Code);
        Assert.Equal("sandbox.alone", (await Stage.Api.ConnectAsync("host", new ConnectRequest { Sandbox = first.Reference })).Refused(409).Code);
        var error = (await Stage.Api.DisconnectAsync("host", first.Reference)).Refused(409);
        Assert.Equal("sandbox.fixed", error.Code);
        _ = await Stage.SandboxAsync("own-ns");
        error = (await Stage.Api.ConnectAsync("host", new ConnectRequest { Sandbox = "own-ns" })).Refused(409);
        Assert.Equal("sandbox.own", error.Code);
        Assert.Contains("cannot be connected to network host", error.Message, StringComparison.Ordinal);

        await Stage.RestartAsync(isKilled: true);
        Assert.Equal(2, (await Stage.Api.NetworkAsync("host")).EndpointCount);
        first.Dispose();
        _ = await Eventually.TrueAsync(s_within, async () => (await Stage.Api.NetworkAsync("host")).EndpointCount == 1, Stage.Host.SightAsync);
        Assert.Equal(second.Reference, (await Stage.Api.NetworkAsync("host")).Endpoints.Single().Sandbox);
        _ = (await Stage.Api.RemoveSandboxAsync(second.Reference, isForced: true)).Change();
        Assert.Equal(0, (await Stage.Api.NetworkAsync("host")).EndpointCount);
        _ = (await Stage.Api.RemoveAsync("guests")).Change();
        await Stage.AssertNothingDiffersAsync();
    }
}
