using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers.Tests;

public sealed class NodeComposerTests
{
    [Fact]
    public void A_node_without_networks_wants_nothing() =>
        Assert.Equal(KernelState.Empty, NodeComposer.Desired(new NodeView { OwnerTag = Sample.OwnerTag }));

    [Fact]
    public void A_host_that_was_no_router() => Golden.Matches("node-forwarding-ours", StateText.Of(NodeComposer.Desired(new NodeView
    {
        OwnerTag = Sample.OwnerTag,
        NeedsFirewall = true,
        NeedsForwarding4 = true,
        NeedsForwarding6 = true,
        OriginalSysctls = Sample.Options(
            ("net/ipv4/ip_forward", "0"),
            ("net/ipv6/conf/all/forwarding", "0"),
            ("net/ipv6/conf/default/forwarding", "0"),
            ("net/ipv6/conf/ens3/accept_ra", "1")),
        RouterAdvertisementInterfaces = ["ens3"],
    })));

    [Fact]
    public void A_host_that_was_a_router_already() => Golden.Matches("node-router-before", StateText.Of(NodeComposer.Desired(new NodeView
    {
        OwnerTag = Sample.OwnerTag,
        NeedsFirewall = true,
        NeedsForwarding4 = true,
        NeedsForwarding6 = true,
        OriginalSysctls = Sample.Options(
            ("net/ipv4/ip_forward", "1"), ("net/ipv6/conf/all/forwarding", "1"), ("net/ipv6/conf/default/forwarding", "1")),
        RouterAdvertisementInterfaces = ["ens3"],
    })));

    [Fact]
    public void Beside_others_who_forward_and_guard_their_own() => Golden.Matches("node-beside-others", StateText.Of(NodeComposer.Desired(BesideOthers("1"))));

    [Fact]
    public void Forwarding_is_left_on_for_others_of_that_family_alone()
    {
        var desired = NodeComposer.Desired(BesideOthers("0"));

        Assert.Equal(
            ["net/ipv4/ip_forward ", "net/ipv6/conf/all/forwarding 0", "net/ipv6/conf/default/forwarding 0"],
            desired.Objects.OfType<SysctlState>().Select(static s => $"{s.Path} {s.Original}").Order(StringComparer.Ordinal));
        var rules = desired.Objects.OfType<FirewallChainState>().Single(static c => c.Name == "forward").Rules.Select(static r => r.Comment.Split(" #")[0]).ToList();
        Assert.Equal(
            ["to docker0 ipv4", "out", "from docker0 ipv4", "from wg0 ipv4", "to wg0 ipv4", "not ours ipv4", "not ours ipv6"],
            rules.Skip(rules.IndexOf("to docker0 ipv4")));
    }

    [Fact]
    public void Only_internal_networks() => Golden.Matches("node-internal-only", StateText.Of(NodeComposer.Desired(new NodeView
    {
        OwnerTag = Sample.OwnerTag,
        NeedsFirewall = true,
        OriginalSysctls = Sample.Options(("net/ipv4/ip_forward", "0")),
    })));

    // The kernel purges default routes learnt from advertisements when forwarding turns on, except where accept_ra is 2.
    [Fact]
    public void Forwarding_comes_after_the_firewall_and_after_accept_ra()
    {
        var keys = NodeComposer.Desired(new NodeView
        {
            OwnerTag = Sample.OwnerTag,
            NeedsForwarding4 = true,
            NeedsForwarding6 = true,
            OriginalSysctls = Sample.Options(("net/ipv6/conf/all/forwarding", "0")),
            RouterAdvertisementInterfaces = ["wlan0"],
        }).Keys.Select(static k => k.Name).ToList();

        Assert.True(keys.IndexOf("net/ipv6/conf/wlan0/accept_ra") < keys.IndexOf("netd forward"));
        Assert.True(keys.IndexOf("netd forward") < keys.IndexOf("net/ipv4/ip_forward"));
        Assert.True(keys.IndexOf("netd forward") < keys.IndexOf("net/ipv6/conf/all/forwarding"));
    }

    [Fact]
    public void The_chains_do_not_change_with_the_number_of_networks()
    {
        var view = new NodeView { OwnerTag = Sample.OwnerTag, NeedsFirewall = true };

        Assert.Equal(NodeComposer.Desired(view), NodeComposer.Desired(view with { OwnerTag = "netd:ffffffff" }));
    }

    private static NodeView BesideOthers(string forwarding) => new()
    {
        OwnerTag = Sample.OwnerTag,
        NeedsFirewall = true,
        NeedsForwarding4 = true,
        NeedsForwarding6 = true,
        ForeignChains = [new ForeignChain("ip", "filter", "DOCKER-USER")],
        AdmissionMark = 0x4000_0000,
        ForeignLinks = [new ForeignLink(false, "docker0", IsGuarded: true), new ForeignLink(false, "wg0", IsGuarded: false)],
        OriginalSysctls = Sample.Options(
            ("net/ipv4/ip_forward", forwarding), ("net/ipv6/conf/all/forwarding", forwarding), ("net/ipv6/conf/default/forwarding", forwarding)),
    };
}
