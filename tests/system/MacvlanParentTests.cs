using System.Text.Json;
using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>What becomes of macvlan networks when their parent does not stay as it is, and parents that cannot be had.</summary>
/// <remarks>
/// <code>
///   outside ── veth ── parent: taken down, deleted, made anew ── macvlan ── sandbox
/// </code>
/// </remarks>
public sealed class MacvlanParentTests(SharedStage shared) : SharedStageTests(shared)
{
    private static readonly TimeSpan s_within = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_parent_that_is_down_is_a_reason_and_traffic_goes_on_when_it_is_up()
    {
        var lan = await Segment.LayAsync(Stage, "pdown", 60);
        _ = await Stage.NetworkAsync(lan.Request("pdown", isDual: true));
        var (place, endpoint) = await Stage.ContainerAsync("pdown", "pdown-a");
        await Stage.Host.IpAsync("link set pdown down");
        await StateAsync("pdown", "pending", "pdown in host is down");

        // Who comes now is told, and connected all the same.
        _ = await Stage.SandboxAsync("pdown-b");
        var change = (await Stage.Api.ConnectAsync("pdown", new ConnectRequest { Sandbox = "pdown-b" })).Change();
        Assert.Contains(change.Warnings, static w => w.Contains("is down", StringComparison.Ordinal));
        Assert.Contains("is down", (await Stage.NetctlAsync("explain", "pdown")).Succeeded(), StringComparison.Ordinal);
        Assert.Contains("parent/pdown", (await Stage.NetctlAsync("doctor")).Text, StringComparison.Ordinal);
        await Stage.Host.IpAsync("link set pdown up");
        await StateAsync("pdown", "done", null);
        await place.ReachesAsync(lan.Router4);
        await lan.Outside.ReachesAsync(endpoint.Address6);
        await Stage.AssertNothingDiffersAsync();
    }

    [Fact]
    public async Task A_network_is_created_on_a_parent_that_is_down_with_a_warning()
    {
        var lan = await Segment.LayAsync(Stage, "pcold", 61);
        await Stage.Host.IpAsync("link set pcold down");
        var change = (await Stage.Api.CreateAsync(lan.Request("pcold"))).Change();
        Assert.Contains(change.Warnings, static w => w.Contains("pcold is down", StringComparison.Ordinal));
        var (place, _) = await Stage.ContainerAsync("pcold", "pcold-a");
        await StateAsync("pcold", "pending", "is down");
        await Stage.Host.IpAsync("link set pcold up");
        await StateAsync("pcold", "done", null);
        await place.ReachesAsync(lan.Router4);
    }

    [Fact]
    public async Task A_parent_that_is_deleted_is_a_reason_and_everything_is_back_when_it_is()
    {
        var lan = await Segment.LayAsync(Stage, "pgone", 62);
        _ = await Stage.NetworkAsync(lan.Request("pgone", isDual: true, options: ("host-shim", "true")));
        var (place, endpoint) = await Stage.ContainerAsync("pgone", "pgone-a");
        await place.ReachesAsync(lan.Router4);
        await Stage.Host.IpAsync("link del pgone");
        await StateAsync("pgone", "pending", "there is no interface pgone");
        Assert.Null(await place.LinkAsync("eth0"));
        _ = await Eventually.TrueAsync(
            s_within,
            async () => (await Stage.Api.NetworkAsync("pgone")).Endpoints.Single().Status.Reason?.Contains("there is no interface pgone", StringComparison.Ordinal) == true,
            Stage.Host.SightAsync);

        await lan.PlugAsync();
        await StateAsync("pgone", "done", null);
        await place.ReachesAsync(lan.Router4);
        await lan.Outside.ReachesAsync(endpoint.Address6);
        await Stage.Host.ReachesAsync(endpoint.Address4);
        Assert.Equal(endpoint.Mac, (await place.LinkAsync("eth0"))!.Value.GetProperty("address").GetString());
        await Stage.AssertNothingDiffersAsync();
    }

    [Fact]
    public async Task A_network_whose_parent_is_gone_can_be_removed()
    {
        var lan = await Segment.LayAsync(Stage, "plost", 63);
        _ = await Stage.NetworkAsync(lan.Request("plost"));
        _ = await Stage.ContainerAsync("plost", "plost-a");
        await Stage.Host.IpAsync("link del plost");
        await StateAsync("plost", "error", "there is no interface plost");
        _ = (await Stage.Api.RemoveAsync("plost", isForced: true)).Change();
        Assert.Equal(404, (await Stage.Api.GetAsync("/v1/networks/plost")).Status);
        await Stage.AssertNothingDiffersAsync();
    }

    [Fact]
    public async Task A_sudden_death_of_the_daemon_breaks_no_connection_and_the_next_one_takes_over()
    {
        var lan = await Segment.LayAsync(Stage, "pkill", 64);
        _ = await Stage.NetworkAsync(lan.Request("pkill", options: ("host-shim", "true")));
        var (a, ea) = await Stage.ContainerAsync("pkill", "pkill-a");
        var (b, _) = await Stage.ContainerAsync("pkill", "pkill-b");
        await using var outward = await Flow.OpenAsync(a, lan.Outside, lan.Router4, 5001);
        await using var across = await Flow.OpenAsync(b, a, ea.Address4, 5002);
        await using var shim = await Flow.OpenAsync(Stage.Host, a, ea.Address4, 5003);
        var index = (await a.LinkAsync("eth0"))!.Value.GetProperty("ifindex").GetInt32();
        await Stage.Daemon.KillAsync();
        await outward.AssertRunsAsync();
        await Stage.StartAsync();
        await StateAsync("pkill", "done", null);
        await Stage.AssertNothingDiffersAsync();
        foreach (var flow in new[] { outward, across, shim })
        {
            await flow.AssertRunsAsync();
        }

        Assert.Equal(index, (await a.LinkAsync("eth0"))!.Value.GetProperty("ifindex").GetInt32());
        _ = (await Stage.Api.DisconnectAsync("pkill", "pkill-b")).Change();
        Assert.Null(await b.LinkAsync("eth0"));
    }

    [Fact]
    public async Task Networks_share_a_parent_and_a_macvlan_deleted_by_hand_is_made_again()
    {
        var lan = await Segment.LayAsync(Stage, "pboth", 65);
        await lan.Outside.IpAsync("addr add 10.65.1.254/24 dev pboth");
        _ = await Stage.NetworkAsync(lan.Request("both1", part: 1));
        _ = await Stage.NetworkAsync(lan.Request("both2", part: 2, options: ("macvlan_mode", "private")));
        var (a, ea) = await Stage.ContainerAsync("both1", "both-a");
        _ = await Stage.ContainerAsync("both2", "both-b");
        _ = (await Stage.Api.RemoveAsync("both2", isForced: true)).Change();
        await lan.Outside.ReachesAsync(ea.Address4);
        await a.IpAsync("link del eth0");
        await lan.Outside.ReachesAsync(ea.Address4);
        await a.IpAsync("link set eth0 mtu 1300");
        await Stage.AssertNothingDiffersAsync(); // the MTU is the parent's to say
        await a.IpAsync("addr flush dev eth0");
        await lan.Outside.ReachesAsync(ea.Address4);
    }

    [Fact]
    public async Task A_parent_that_somebody_elses_macvlan_has_to_itself_is_a_reason_until_it_has_not()
    {
        var lan = await Segment.LayAsync(Stage, "ptheirs", 69);
        await Stage.Host.IpAsync("link add theirs0 link ptheirs type macvlan mode passthru");
        var refused = (await UnchangedAsync(() => Stage.Api.CreateAsync(lan.Request("ptheirs")))).Refused(400);
        Assert.Contains("theirs0 of this host has parent interface ptheirs to itself", Assert.Single(refused.Details, static d => d.Code == "parent.taken").Message, StringComparison.Ordinal);

        await Stage.Host.IpAsync("link del theirs0");
        _ = await Stage.NetworkAsync(lan.Request("ptheirs"));
        await Stage.Host.IpAsync("link add theirs0 link ptheirs type macvlan mode passthru"); // not to be known before
        var place = await Stage.SandboxAsync("ptheirs-a");
        var change = (await Stage.Api.ConnectAsync("ptheirs", new ConnectRequest { Sandbox = "ptheirs-a" }, "?timeout=3")).As(ApiJson.Default.ChangeDocument);
        Assert.NotEqual("done", change.Status!.State);
        Assert.Contains("interface eth0", change.Status.Reason, StringComparison.Ordinal);
        Assert.Contains("a macvlan in mode passthru has ptheirs to itself", change.Status.Reason, StringComparison.Ordinal);
        foreach (var name in new[] { "ptheirs", "ptheirs-a" })
        {
            var told = (await Stage.NetctlAsync("explain", name)).Succeeded();
            Assert.Contains("Not so endpoint", told, StringComparison.Ordinal);
            Assert.Contains("mode passthru has ptheirs to itself", told, StringComparison.Ordinal);
        }

        var sandbox = (await Stage.NetctlAsync("sandbox", "inspect", "ptheirs-a")).Succeeded();
        using var inspected = JsonDocument.Parse(sandbox);
        Assert.NotEqual("done", inspected.RootElement.GetProperty("status").GetProperty("state").GetString());
        Assert.Null(await place.LinkAsync("eth0"));
        Assert.NotNull(await Stage.Host.LinkAsync("theirs0"));

        await Stage.Host.IpAsync("link del theirs0");
        await StateAsync("ptheirs", "done", null);
        await place.ReachesAsync(lan.Router4);
    }

    [Theory]
    [InlineData("nowhere", "parent.unknown", "nowhere was not found")]
    [InlineData("lo", "parent.loopback", "loopback")]
    [InlineData("uplink.0", "parent.vlan", "VLAN id 0")]
    [InlineData("uplink.4095", "parent.vlan", "VLAN id 4095")]
    [InlineData("uplink.x", "parent.vlan", "uplink.x")]
    [InlineData("uplink.1.2", "parent.vlan", "uplink.1.2")]
    [InlineData("nowhere.50", "parent.unknown", "nowhere was not found")]
    public async Task A_parent_that_cannot_be_had_is_refused_and_nothing_is_changed(string parent, string code, string text)
    {
        var request = new CreateNetworkRequest { Name = "wrong", Driver = "macvlan", Options = Options.Of(("parent", parent)) };
        var error = (await UnchangedAsync(() => Stage.Api.CreateAsync(request))).Refused(400);
        var problem = Assert.Single(error.Details, d => d.Code == code); // beside what this kernel lacks
        Assert.Contains(text, problem.Message, StringComparison.Ordinal);
        Assert.NotEmpty(problem.Hint!);
    }

    [Fact]
    public async Task Every_mistake_is_named_at_once()
    {
        var request = new CreateNetworkRequest
        {
            Name = "-",
            Driver = "macvlan",
            Subnets = ["10.66.0.1/24"],
            Options = Options.Of(("parent", "nowhere"), ("macvlan_mode", "brige"), ("mtu", "x"), ("icc", "true")),
        };
        var error = (await UnchangedAsync(() => Stage.Api.CreateAsync(request))).Refused(400);
        Assert.Equal(
            ["name.invalid", "option.unknown", "option.value", "option.value", "parent.unknown", "subnet.invalid"],
            error.Details.Select(static d => d.Code).Order(StringComparer.Ordinal));
        Assert.Contains(error.Details, static d => d.Hint?.Contains("did you mean bridge", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task Devices_that_netd_or_a_bridge_has_are_no_parents_and_a_parent_is_no_bridge_to_adopt()
    {
        var bridge = await Stage.NetworkAsync("own", "10.67.0.0/24");
        await Stage.Host.IpAsync("link add hand0 type bridge");
        await Stage.Host.IpAsync("link add port0 master hand0 type veth peer name port1");
        await Stage.Host.IpAsync("link add mv0 link port1 type macvlan mode bridge");
        await Stage.Host.IpAsync("link set hand0 up");
        foreach (var (parent, status, code) in new[] { (bridge.Device, 409, "parent.ours"), ("port0", 400, "parent.port"), ("mv0", 400, "parent.kind") })
        {
            var request = new CreateNetworkRequest { Name = "wrong", Driver = "macvlan", Options = Options.Of(("parent", parent)) };
            Assert.Equal(code, (await UnchangedAsync(() => Stage.Api.CreateAsync(request))).Refused(status).Code);
        }

        _ = await Stage.NetworkAsync(new CreateNetworkRequest { Name = "onbridge", Driver = "macvlan", Options = Options.Of(("parent", "hand0")) });
        var adopt = new CreateNetworkRequest { Name = "wrong", Options = Options.Of(("name", "hand0")) };
        var error = (await UnchangedAsync(() => Stage.Api.CreateAsync(adopt))).Refused(409);
        Assert.Equal("link.taken", error.Code);
        Assert.Contains("parent of network onbridge", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_macvlan_network_alone_needs_neither_firewall_nor_forwarding()
    {
        await using var stage = await Stage.OpenAsync();
        _ = await stage.NetworkAsync(new CreateNetworkRequest
        {
            Name = "only",
            Driver = "macvlan",
            Subnets = ["198.51.100.0/24"], // the host's own, and the router is the world
            Gateways = [Stage.WorldAddress4],
            IpRanges = ["198.51.100.128/25"],
            Options = Options.Of(("parent", "uplink")),
        });
        var (place, endpoint) = await stage.ContainerAsync("only", "only-a");
        Assert.Equal("198.51.100.128/24", endpoint.Ipv4);
        Assert.Equal("198.51.100.128", await Talk.TcpAsync(place, stage.World, Stage.WorldAddress4));
        Assert.DoesNotContain("netd", (await stage.Host.RunAsync("nft", "list", "tables")).Succeeded(), StringComparison.Ordinal);
        Assert.Empty(await stage.IptablesRulesAsync());
        Assert.Equal("0", stage.Host.Sysctl("net/ipv4/ip_forward"));
        Assert.Contains("no network overlaps", (await stage.NetctlAsync("doctor")).Text, StringComparison.Ordinal);
        Assert.Equal("address.reserved", (await stage.Api.ConnectAsync("only", new ConnectRequest { Sandbox = "only-a", Name = "second", Ip = Stage.HostAddress4 })).Refused(409).Code);
    }

    private async Task StateAsync(string network, string state, string? reason) => _ = await Eventually.TrueAsync(
        s_within,
        async () => await Stage.Api.NetworkAsync(network) is { Status: { } status, Endpoints: var endpoints } && status.State == state
            && (reason is null ? endpoints.All(static e => e.Status.State == "done") : status.Reason?.Contains(reason, StringComparison.Ordinal) == true),
        async () => $"{(await Stage.Api.GetAsync($"/v1/networks/{network}")).Text}\n{await Stage.Host.SightAsync()}");
}
