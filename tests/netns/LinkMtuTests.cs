using Networking.Kernel;
using Networking.Model;

namespace Networking.Netns.Tests;

/// <summary>
/// MTUs around the smallest of IPv6. Below it the kernel has no IPv6 on a link: no address mode, no address, no value below
/// <c>net/ipv6/conf</c>; and from there on it has them anew, as if the link had just been made.
/// </summary>
public sealed class LinkMtuTests
{
    [Theory]
    [InlineData(68)]
    [InlineData(576)]
    [InlineData(1200)]
    [InlineData(1279)]
    [InlineData(1280)]
    [InlineData(1281)]
    [InlineData(9000)]
    [InlineData(65534)]
    [InlineData(65535)]
    public async Task A_bridge_and_a_pair_are_made_with_an_mtu_and_keep_it(int mtu)
    {
        await using var lab = Lab.Open();
        var (sandbox, name) = await lab.SandboxAsync();
        var bridge = lab.BridgeState() with { MtuBytes = mtu };
        var (host, peer) = lab.Pair(sandbox, 1);
        (host, peer) = (host with { MtuBytes = mtu }, peer with { MtuBytes = mtu });
        await lab.DoneAsync(NetNs.Host, Lab.Create(bridge), Lab.Create(Lab.Address(NetNs.Host, bridge.Name, "10.20.0.1/24")), Lab.Create(host));
        await lab.DoneAsync(sandbox, Lab.Create(peer), Lab.Create(Lab.Address(sandbox, "eth0", "10.20.0.2/24")));
        await lab.AssertAsDesiredAsync(bridge, host);
        await lab.AssertAsDesiredAsync(peer);
        Assert.Equal((mtu, mtu, mtu), (MtuOf(null, bridge.Name), MtuOf(null, host.Name), MtuOf(name, "eth0")));

        Lab.Run("ip", "link", "set", host.Name, "mtu", "68"); // a bridge nobody has given its own would follow
        Assert.Equal(mtu, MtuOf(null, bridge.Name));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_link_loses_its_ipv6_to_a_small_mtu_and_gets_it_back_as_it_shall_be(bool hasLinkLocal)
    {
        await using var lab = Lab.Open();
        var (sandbox, name) = await lab.SandboxAsync();
        var bridge = lab.BridgeState() with { HasLinkLocal = hasLinkLocal };
        var (host, peer) = lab.Pair(sandbox, 1);
        (host, peer) = (host with { MtuBytes = 1500 }, peer with { MtuBytes = 1500, HasLinkLocal = hasLinkLocal });
        await lab.DoneAsync(NetNs.Host, Lab.Create(bridge), Lab.Create(host));
        await lab.DoneAsync(sandbox, Lab.Create(peer));
        foreach (var mtu in new[] { 1200, 1500, 576, 1279, 1280 })
        {
            var (newBridge, newHost, newPeer) = (bridge with { MtuBytes = mtu }, host with { MtuBytes = mtu }, peer with { MtuBytes = mtu });
            await lab.DoneAsync(NetNs.Host, Lab.Change(bridge, newBridge), Lab.Change(host, newHost));
            await lab.DoneAsync(sandbox, Lab.Change(peer, newPeer));
            (bridge, host, peer) = (newBridge, newHost, newPeer);
            await lab.AssertAsDesiredAsync(bridge, host);
            await lab.AssertAsDesiredAsync(peer);
            var has = hasLinkLocal && mtu >= LinkState.Ipv6MtuMin;
            Assert.Equal((has, false, has), (HasLinkLocal(null, bridge.Name), HasLinkLocal(null, host.Name), HasLinkLocal(name, "eth0")));
        }
    }

    [Theory]
    [InlineData(1500)]
    [InlineData(null)]
    public async Task A_small_mtu_of_somebody_else_is_mended_with_all_that_it_took(int? mtu)
    {
        await using var lab = Lab.Open();
        var bridge = lab.BridgeState() with { MtuBytes = mtu, HasLinkLocal = true };
        var desired = KernelState.Of(
        [
            bridge,
            Lab.Address(NetNs.Host, bridge.Name, "10.20.0.1/24"),
            Lab.Address(NetNs.Host, bridge.Name, "fd00:20::1/64"),
            new SysctlState { Namespace = NetNs.Host, Link = bridge.Name, Path = $"net/ipv6/conf/{bridge.Name}/accept_dad", Value = "0" },
            new SysctlState { Namespace = NetNs.Host, Link = bridge.Name, Path = $"net/ipv6/conf/{bridge.Name}/accept_ra", Value = "0", MayBeMissing = true },
        ]);
        await ApplyAsync(lab, KernelPlan.Between(KernelState.Empty, desired));
        Lab.Run("ip", "link", "set", bridge.Name, "mtu", "1200");
        var plan = KernelPlan.Between(await ObserveAsync(lab, desired), desired);
        Assert.Equal(
            [ObjectKind.Link, ObjectKind.Address, ObjectKind.LinkSysctl, ObjectKind.LinkSysctl],
            plan.Operations.Select(static o => o.Key.Kind));
        await ApplyAsync(lab, plan);
        Assert.Empty(KernelPlan.Between(await ObserveAsync(lab, desired), desired).Operations);
        Assert.Equal("0", Lab.Run("cat", $"/proc/sys/net/ipv6/conf/{bridge.Name}/accept_ra").Trim());
    }

    [Fact]
    public async Task A_small_mtu_that_nobody_has_decided_is_left_where_there_is_no_ipv6()
    {
        await using var lab = Lab.Open();
        var bridge = lab.BridgeState() with { MtuBytes = null };
        await lab.DoneAsync(NetNs.Host, Lab.Create(bridge));
        Lab.Run("ip", "link", "set", bridge.Name, "mtu", "1200", "down");
        await lab.DoneAsync(NetNs.Host, Lab.Change((await ObserveAsync(lab, KernelState.Of([bridge])))[bridge.Key]!, bridge));
        await lab.AssertAsDesiredAsync(bridge);
        Assert.Equal(1200, MtuOf(null, bridge.Name));
    }

    [Fact]
    public async Task A_bridge_that_a_refusal_left_half_made_is_known_and_made_whole_or_taken_away()
    {
        await using var lab = Lab.Open();
        var bridge = lab.BridgeState() with { MtuBytes = 67 };
        Assert.Equal("EINVAL", (await lab.ApplyAsync(NetNs.Host, Lab.Create(bridge)))[0].Error!.ErrnoName);
        var found = Assert.Single((await lab.Kernel.ObserveAsync(new Observation(NetNs.Host, lab.Tag, []), Lab.Cancel)).Objects);
        Assert.Equal(bridge.Key, found.Key);
        var whole = lab.BridgeState();
        found = Assert.Single((await lab.Kernel.ObserveAsync(new Observation(NetNs.Host, lab.Tag, [whole]), Lab.Cancel)).Objects);
        await lab.DoneAsync(NetNs.Host, Lab.Change(found, whole));
        await lab.AssertAsDesiredAsync(whole);
        Assert.Equal("default", Lab.Link(null, bridge.Name)!.Value.GetProperty("group").GetString());
        await lab.DoneAsync(NetNs.Host, Lab.Delete(whole));

        _ = await lab.ApplyAsync(NetNs.Host, Lab.Create(bridge));
        await lab.DoneAsync(NetNs.Host, Lab.Delete(found));
        await lab.Kernel.WhenReapedAsync();
        Assert.Null(Lab.Link(null, bridge.Name));
    }

    private static async Task<KernelState> ObserveAsync(Lab lab, KernelState desired) =>
        await lab.Kernel.ObserveAsync(new Observation(NetNs.Host, lab.Tag, [.. desired.Objects]), Lab.Cancel);

    private static async Task ApplyAsync(Lab lab, KernelPlan plan)
    {
        foreach (var operation in plan.Operations)
        {
            await lab.DoneAsync(NetNs.Host, operation);
        }
    }

    private static int MtuOf(string? netns, string link) => Lab.Link(netns, link)!.Value.GetProperty("mtu").GetInt32();

    private static bool HasLinkLocal(string? netns, string link) =>
        Lab.Ip(netns, "-6", "addr", "show", "dev", link)?[0] is { } shown && shown.TryGetProperty("addr_info", out var addresses)
        && addresses.EnumerateArray().Any(static a => a.TryGetProperty("scope", out var scope) && scope.GetString() == "link");
}
