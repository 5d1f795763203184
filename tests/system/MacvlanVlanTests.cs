using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>Parents that are made by name: 802.1Q interfaces, and the dummy device of a network without one.</summary>
/// <remarks>
/// <code>
///   outside ── veth ── trunk (host) ┬── trunk.50 ── sandboxes of network v50
///                                   └── trunk.60 ── sandboxes of network v60
/// </code>
/// </remarks>
public sealed class MacvlanVlanTests(SharedStage shared) : SharedStageTests(shared)
{
    private static readonly TimeSpan s_within = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Without_802_1q_in_the_kernel_a_vlan_is_refused_by_name_and_nothing_is_changed()
    {
        Assert.SkipWhen(await HasAsync("802.1Q"), "needs a kernel without 802.1Q");
        var error = (await UnchangedAsync(() => Stage.Api.CreateAsync(Vlan("wrong", "uplink", 50)))).Refused(400);
        Assert.Equal("feature.missing", error.Code);
        Assert.Contains("802.1Q, which is needed to make uplink.50", error.Message, StringComparison.Ordinal);
        Assert.Contains("CONFIG_VLAN_8021Q", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_dummy_device_a_parent_is_asked_for_by_name_and_nothing_is_changed()
    {
        Assert.SkipWhen(await HasAsync("dummy"), "needs a kernel without the dummy device");
        var error = (await UnchangedAsync(() => Stage.Api.CreateAsync(new CreateNetworkRequest { Name = "wrong", Driver = "macvlan" }))).Refused(400);
        Assert.Equal("feature.missing", error.Code);
        Assert.Contains("CONFIG_DUMMY", error.Hint, StringComparison.Ordinal);
        Assert.Contains("-o parent=", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Vlans_of_one_trunk_carry_their_tags_and_do_not_meet()
    {
        Assert.SkipUnless(await HasAsync("802.1Q"), "needs 802.1Q");
        var trunk = await Segment.LayAsync(Stage, "trunk", 70);
        await OutsideVlanAsync(trunk, 50);
        await OutsideVlanAsync(trunk, 60);
        _ = await Stage.NetworkAsync(Vlan("v50", "trunk", 50));
        _ = await Stage.NetworkAsync(Vlan("v60", "trunk", 60));
        _ = await Stage.NetworkAsync(Vlan("v50b", "trunk", 50) with { Subnets = ["10.150.9.0/24"] }); // two networks of one VLAN
        var (a, ea) = await Stage.ContainerAsync("v50", "v50-a");
        var (b, eb) = await Stage.ContainerAsync("v60", "v60-a");
        var heard = await Listener.StartAsync(Stage, trunk.Outside, "trunk", "vlan");
        await a.ReachesAsync("10.150.0.1");
        await b.ReachesAsync("10.160.0.1");
        await heard.HearsAsync("vlan 50,.*10.150.0.1");
        await heard.HearsAsync("vlan 60,.*10.160.0.1");
        await a.IpAsync("route add 10.160.0.0/24 dev eth0");
        await b.IpAsync("route add 10.150.0.0/24 dev eth0");
        await a.MissesAsync(eb.Address4);
        await b.MissesAsync(ea.Address4);

        _ = (await Stage.Api.RemoveAsync("v50", isForced: true)).Change();
        Assert.NotNull(await Stage.Host.LinkAsync("trunk.50")); // v50b is on it
        _ = (await Stage.Api.RemoveAsync("v50b")).Change();
        _ = await Eventually.TrueAsync(s_within, async () => await Stage.Host.LinkAsync("trunk.50") is null, Stage.Host.SightAsync);
        await Stage.RestartAsync(isKilled: true);
        await b.ReachesAsync("10.160.0.1");
        _ = (await Stage.Api.RemoveAsync("v60", isForced: true)).Change();
        _ = await Eventually.TrueAsync(s_within, async () => await Stage.Host.LinkAsync("trunk.60") is null, Stage.Host.SightAsync);
        Assert.NotNull(await Stage.Host.LinkAsync("trunk"));
    }

    [Fact]
    public async Task A_vlan_interface_that_was_there_before_stays()
    {
        Assert.SkipUnless(await HasAsync("802.1Q"), "needs 802.1Q");
        var trunk = await Segment.LayAsync(Stage, "kept", 71);
        await OutsideVlanAsync(trunk, 70);
        await Stage.Host.IpAsync("link add link kept name kept.70 type vlan id 70");
        await Stage.Host.IpAsync("link set kept.70 up");
        _ = await Stage.NetworkAsync(Vlan("v70", "kept", 70));
        var (place, _) = await Stage.ContainerAsync("v70", "v70-a");
        await place.ReachesAsync("10.170.0.1");
        _ = (await Stage.Api.RemoveAsync("v70", isForced: true)).Change();
        await Stage.AssertNothingDiffersAsync();
        Assert.NotNull(await Stage.Host.LinkAsync("kept.70"));
    }

    [Fact]
    public async Task Without_a_parent_sandboxes_reach_each_other_and_nothing_else()
    {
        Assert.SkipUnless(await HasAsync("dummy"), "needs the dummy device");
        var network = await Stage.NetworkAsync(new CreateNetworkRequest { Name = "dummy", Driver = "macvlan", Subnets = ["10.72.0.0/24"] });
        Assert.True(network.Internal);
        var (a, _) = await Stage.ContainerAsync("dummy", "dummy-a");
        var (_, eb) = await Stage.ContainerAsync("dummy", "dummy-b");
        await a.ReachesAsync(eb.Address4);
        Assert.Null(await a.DefaultDeviceAsync(4));
        _ = (await Stage.Api.RemoveAsync("dummy", isForced: true)).Change();
        Assert.Null(await Stage.Host.LinkAsync(network.Device));
    }

    private static CreateNetworkRequest Vlan(string name, string trunk, int id) => new()
    {
        Name = name,
        Driver = "macvlan",
        Subnets = [$"10.{100 + id}.0.0/24"],
        Gateways = [$"10.{100 + id}.0.1"],
        Options = Options.Of(("parent", $"{trunk}.{id}")),
    };

    private static async Task OutsideVlanAsync(Segment trunk, int id)
    {
        await trunk.Outside.IpAsync($"link add link {trunk.Parent} name v{id} type vlan id {id}");
        await trunk.Outside.IpAsync($"addr add 10.{100 + id}.0.1/24 dev v{id}");
        await trunk.Outside.IpAsync($"link set v{id} up");
    }

    // What doctor says of this kernel.
    private async Task<bool> HasAsync(string feature) =>
        (await Stage.Api.GetAsync("/v1/doctor")).As(ApiJson.Default.DoctorDocument).Checks.Single(c => c.Name == $"kernel: {feature}").State == "ok";
}
