using System.Net;
using Networking.Kernel.Tests.Histories;
using Networking.Model;

namespace Networking.Kernel.Tests.Plan;

/// <summary>The planner, case by case.</summary>
public sealed class PlanTests
{
    private static readonly NetNs s_five = new(5);
    private static readonly SampleEndpoint s_endpoint = new(1, 1, 5);
    private static readonly KernelState s_pair = SampleStates.Of(s_endpoint);

    [Fact]
    public void An_endpoint_is_made_from_the_firewall_up() =>
        Golden.Check("endpoint-attach", KernelPlan.Between(KernelState.Empty, s_pair).ToString());

    [Fact]
    public void An_endpoint_is_taken_away_from_the_top_down() =>
        Golden.Check("endpoint-detach", Sent(KernelPlan.Between(s_pair, KernelState.Empty)));

    [Fact]
    public void A_network_is_made_and_taken_away()
    {
        var network = SampleStates.Of(new SampleNetwork(1));
        Golden.Check("network-create", KernelPlan.Between(KernelState.Empty, network).ToString());
        Golden.Check("network-remove", Sent(KernelPlan.Between(network, KernelState.Empty)));
        Golden.Check("network-mtu", KernelPlan.Between(network, SampleStates.Of(new SampleNetwork(1, 1400))).ToString());
    }

    [Fact]
    public void A_node_is_made_and_taken_away()
    {
        Golden.Check("node-create", KernelPlan.Between(KernelState.Empty, SampleStates.Node).ToString());
        Golden.Check("node-remove", Sent(KernelPlan.Between(SampleStates.Node, KernelState.Empty)));
    }

    [Fact]
    public void A_renamed_interface_is_a_new_pair() =>
        Golden.Check("endpoint-rename", Sent(KernelPlan.Between(s_pair, SampleStates.Of(s_endpoint with { Interface = "net0" }))));

    [Fact]
    public void A_route_that_moves_is_changed_in_place() => Golden.Check(
        "gateway-moves",
        KernelPlan.Between(SampleStates.Of(new SampleSandbox(5, 1)), SampleStates.Of(new SampleSandbox(5, 2, "eth1"))).ToString());

    [Fact]
    public void A_set_of_another_type_takes_the_chains_that_look_into_it_along()
    {
        var desired = KernelState.Of(SampleStates.Node.Objects.Select(
            static o => o is FirewallSetState { Name: "bridges" } set ? set with { IsInterval = true } : o));
        Golden.Check("set-replaced", Sent(KernelPlan.Between(SampleStates.Node, desired)));
    }

    [Theory]
    [InlineData(1200, 1500, true)]
    [InlineData(1279, 1280, true)]
    [InlineData(1280, 1500, false)]
    [InlineData(1500, 1200, false)]
    [InlineData(1200, 1279, false)]
    public void Ipv6_values_are_set_anew_where_the_mtu_brings_ipv6_back(int before, int after, bool isSetAnew)
    {
        var plan = KernelPlan.Between(Bridge(before), Bridge(after));
        Assert.Equal(
            isSetAnew ? ["~ Link br0", "+ LinkSysctl net/ipv6/conf/br0/accept_ra"] : ["~ Link br0"],
            plan.Operations.Select(static o => $"{(o.Verb == OperationVerb.Create ? '+' : '~')} {o.Key.Kind} {o.Key.Name}"));

        static KernelState Bridge(int mtu) => KernelState.Of(
        [
            new LinkState { Namespace = NetNs.Host, Name = "br0", Details = new BridgeLink(), MtuBytes = mtu },
            new SysctlState { Namespace = NetNs.Host, Link = "br0", Path = "net/ipv4/conf/br0/route_localnet", Value = "1" },
            new SysctlState { Namespace = NetNs.Host, Link = "br0", Path = "net/ipv6/conf/br0/accept_ra", Value = "0", MayBeMissing = true },
        ]);
    }

    [Fact]
    public void A_pair_that_lost_its_sandbox_end_is_made_anew()
    {
        var plan = KernelPlan.Between(s_pair.Without(LinkState.KeyOf(s_five, "eth0")), s_pair);
        var verbs = plan.Operations.Where(static o => o.Key.Kind == ObjectKind.Link).Select(static o => (o.Verb, o.Key.Name));
        Assert.Equal([(OperationVerb.Delete, "veth1"), (OperationVerb.Create, "veth1"), (OperationVerb.Create, "eth0")], verbs);
    }

    [Fact]
    public void A_maker_comes_before_its_other_end_whatever_they_are_called()
    {
        var state = KernelState.Of(
            new LinkState { Namespace = s_five, Name = "zz", Details = new VethLink(s_five, "aa", default) },
            new LinkState { Namespace = s_five, Name = "aa", Details = new VethPeerLink(s_five, "zz"), Master = "mm" },
            new LinkState { Namespace = s_five, Name = "mm", Details = new BridgeLink() });

        Assert.Equal(["zz", "mm", "aa"], KernelPlan.Between(KernelState.Empty, state).Operations.Select(static o => o.Key.Name));
        Assert.Equal(["aa", "mm", "zz"], KernelPlan.Between(state, KernelState.Empty).Operations.Select(static o => o.Key.Name));
    }

    [Fact]
    public void A_stacked_device_waits_for_the_one_below_and_dies_with_it()
    {
        var below = new LinkState { Namespace = NetNs.Host, Name = "zz", Details = new DummyLink() };
        var vlan = new LinkState { Namespace = NetNs.Host, Name = "aa", Details = new VlanLink("zz", 7) };

        Assert.Equal([below.Key], KernelPlan.Between(KernelState.Empty, KernelState.Of(vlan), static _ => false).Needs);
        Assert.Equal(["zz", "aa"], KernelPlan.Between(KernelState.Empty, KernelState.Of(vlan, below)).Operations.Select(static o => o.Key.Name));
        var removal = KernelPlan.Between(KernelState.Of(vlan, below), KernelState.Empty);
        Assert.Equal([("aa", true), ("zz", false)], removal.Operations.Select(static o => (o.Key.Name, o.IsImplied)));
    }

    [Fact]
    public void What_is_on_a_device_that_is_not_ours_is_taken_from_it()
    {
        var device = new LinkState { Namespace = NetNs.Host, Name = "lxcbr0", Details = new ExistingLink("bridge"), IsUp = true };
        var address = new AddressState { Namespace = NetNs.Host, Link = "lxcbr0", Address = new InterfaceAddress(IPAddress.Parse("10.9.0.1"), 24) };
        var sysctl = new SysctlState
        {
            Namespace = NetNs.Host,
            Path = "net/ipv4/conf/lxcbr0/route_localnet",
            Value = "1",
            Original = "0",
            Link = "lxcbr0",
        };
        var plan = KernelPlan.Between(KernelState.Of(device, address, sysctl), KernelState.Empty);
        Assert.Equal(
            [(sysctl.Key, false), (address.Key, false), (device.Key, true)],
            plan.Operations.Select(static o => (o.Key, o.IsImplied)));

        // Our interest in the device ends; the address stays asked for, so it stays.
        Assert.True(KernelPlan.Between(KernelState.Of(device, address), KernelState.Of(address)).Operations.All(static o => o.IsImplied));
    }

    [Fact]
    public void A_sysctl_without_an_original_is_left_as_it_is()
    {
        var sysctl = new SysctlState { Namespace = s_five, Path = "net/ipv4/x", Value = "1" };
        Assert.True(Assert.Single(KernelPlan.Between(KernelState.Of(sysctl), KernelState.Empty).Operations).IsImplied);
        Assert.False(Assert.Single(KernelPlan.Between(KernelState.Of(sysctl with { Original = "0" }), KernelState.Empty).Operations).IsImplied);
        Assert.True(Assert.Single(KernelPlan.Between(KernelState.Of(sysctl with { Original = "1" }), KernelState.Empty).Operations).IsImplied);
    }

    [Fact]
    public void Forwarding_is_turned_on_after_the_firewall_and_off_before_it_goes()
    {
        var up = KernelPlan.Between(KernelState.Empty, SampleStates.Node).Operations.Select(static o => o.Key.Kind).ToList();
        var down = KernelPlan.Between(SampleStates.Node, KernelState.Empty).Operations.Select(static o => o.Key.Kind).ToList();
        Assert.Equal(up.Count - 1, up.IndexOf(ObjectKind.ForwardingSysctl));
        Assert.Equal(0, down.IndexOf(ObjectKind.ForwardingSysctl));
    }

    [Fact]
    public void An_object_whose_link_is_not_there_is_needed_not_sent()
    {
        var plan = KernelPlan.Between(KernelState.Empty, SampleStates.Of(new SampleSandbox(5, 1)), static _ => false);
        Assert.Equal([LinkState.KeyOf(s_five, "eth0")], plan.Needs);
        Assert.DoesNotContain(plan.Operations, static o => o.Key.Kind == ObjectKind.Route);
    }

    [Fact]
    public void An_object_that_is_as_asked_needs_nothing()
    {
        var state = SampleStates.Of(new SampleSandbox(5, 1));
        Assert.Empty(KernelPlan.Between(state, state, static _ => false).Needs);
    }

    [Fact]
    public void Fresh_addresses_are_announced_once()
    {
        var plan = KernelPlan.Between(KernelState.Empty, s_pair);
        var announce = Assert.Single(plan.Transitions.OfType<AnnounceTransition>());
        Assert.Equal(2, announce.Addresses.Length);
        Assert.Empty(KernelPlan.Between(s_pair, s_pair).Transitions);
    }

    // Steps that others bring about are printed with a mark, so that a reader sees what travels.
    private static string Sent(KernelPlan plan) =>
        string.Join('\n', plan.Operations.Select(static o => o.IsImplied ? $"({o})" : o.ToString())
            .Concat(plan.Transitions.Select(static t => t.ToString())));
}
