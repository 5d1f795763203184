using System.Net;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers.Tests;

public sealed class SandboxComposerTests
{
    [Fact]
    public void A_sandbox_without_endpoints_ignores_router_advertisements_already() =>
        Assert.Equal(["sysctl net/ipv6/conf/default/accept_ra = 0"], Lines(Sample.SandboxOf()));

    [Fact]
    public void The_value_from_before_is_put_back()
    {
        var view = Sample.SandboxOf();
        var record = view.Sandbox with { OriginalSysctls = Sample.Options(("net/ipv6/conf/default/accept_ra", "1")) };

        var sysctl = SandboxComposer.Desired(view with { Sandbox = record }).Objects.OfType<SysctlState>().Single();

        Assert.Equal("1", sysctl.Original);
        Assert.Equal(Sample.Sandbox, sysctl.Namespace);
    }

    [Fact]
    public void Both_families_leave_by_a_dual_stack_endpoint() => Assert.Equal(
        ["route 0.0.0.0/0 via 10.0.0.1 dev eth0 metric 0", "route ::/0 via fd00::1 dev eth0 metric 1024"],
        Routes(Sample.Gateway("a", "eth0", "10.0.0.1", "fd00::1")));

    [Fact]
    public void The_higher_priority_wins_also_below_zero() => Assert.Equal(
        ["route 0.0.0.0/0 via 10.0.1.1 dev eth1 metric 0"],
        Routes(Sample.Gateway("a", "eth0", "10.0.0.1", priority: -2), Sample.Gateway("b", "eth1", "10.0.1.1", priority: -1)));

    [Fact]
    public void Priority_beats_the_number_of_families_and_each_family_goes_to_the_first_that_has_it() => Assert.Equal(
        ["route 0.0.0.0/0 via 10.0.1.1 dev eth1 metric 0", "route ::/0 via fd00::1 dev eth0 metric 1024"],
        Routes(Sample.Gateway("a", "eth0", "10.0.0.1", "fd00::1"), Sample.Gateway("b", "eth1", "10.0.1.1", priority: 1)));

    [Fact]
    public void Dual_stack_beats_a_single_family_whatever_the_names() => Assert.Equal(
        ["route 0.0.0.0/0 via 10.0.1.1 dev eth1 metric 0", "route ::/0 via fd00:1::1 dev eth1 metric 1024"],
        Routes(Sample.Gateway("a", "eth0", "10.0.0.1"), Sample.Gateway("b", "eth1", "10.0.1.1", "fd00:1::1")));

    [Fact]
    public void Names_decide_by_their_bytes_when_all_else_is_equal() => Assert.Equal(
        ["route 0.0.0.0/0 via 10.0.1.1 dev eth1 metric 0"],
        Routes(Sample.Gateway("a", "eth0", "10.0.0.1"), Sample.Gateway("B", "eth1", "10.0.1.1")));

    [Fact]
    public void An_internal_network_gives_no_route_whatever_its_priority()
    {
        Assert.Empty(Routes(Sample.Gateway("a", "eth0", "10.0.0.1", "fd00::1", priority: 9, isInternal: true)));
        Assert.Equal(
            ["route 0.0.0.0/0 via 10.0.1.1 dev eth1 metric 0"],
            Routes(
                Sample.Gateway("a", "eth0", "10.0.0.1", "fd00::1", priority: 9, isInternal: true),
                Sample.Gateway("b", "eth1", "10.0.1.1")));
    }

    [Fact]
    public void The_order_of_the_endpoints_does_not_matter()
    {
        var random = new Random(20);
        SandboxEndpointView[] endpoints =
        [
            Sample.Gateway("a", "eth0", "10.0.0.1"),
            Sample.Gateway("b", "eth1", null, "fd00:1::1"),
            Sample.Gateway("c", "eth2", "10.0.2.1", "fd00:2::1"),
            Sample.Gateway("c", "eth3", "10.0.2.1", "fd00:2::1"),
            Sample.Gateway("d", "eth4", null),
        ];
        var expected = SandboxComposer.Desired(Sample.SandboxOf([.. endpoints]));
        for (var i = 0; i < 50; i++)
        {
            random.Shuffle(endpoints);
            Assert.Equal(expected, SandboxComposer.Desired(Sample.SandboxOf([.. endpoints])));
        }
    }

    [Fact]
    public void What_is_sent_to_the_resolver_goes_to_its_sockets_and_nobody_hears_that_nobody_listens()
    {
        var desired = SandboxComposer.Desired(Sample.SandboxOf() with { Resolver = new IPEndPoint(IPAddress.Parse("127.0.0.11"), 61_053) });

        Assert.Equal(
            [
                "ip daddr 127.0.0.11 meta l4proto udp th dport 53 notrack udp dport set 61053 accept",
                "ip daddr 127.0.0.11 meta l4proto tcp th dport 53 notrack tcp dport set 61053 accept",
                "ip saddr 127.0.0.11 meta l4proto udp th sport 61053 notrack udp sport set 53 accept",
                "ip saddr 127.0.0.11 meta l4proto tcp th sport 61053 tcp flags & rst == rst counter drop",
                "ip saddr 127.0.0.11 meta l4proto tcp th sport 61053 notrack tcp sport set 53 accept",
                "ip saddr 127.0.0.11 meta l4proto icmp icmp type destination-unreachable counter drop",
            ],
            Assert.Single(desired.Objects.OfType<FirewallChainState>()).Rules.Select(static r => r.Text));
        Assert.All(desired.Objects, static o => Assert.Equal(Sample.Sandbox, o.Key.Namespace));
    }

    private static string[] Routes(params SandboxEndpointView[] endpoints) =>
        [.. Lines(Sample.SandboxOf([.. endpoints])).Where(static l => l.StartsWith("route", StringComparison.Ordinal))];

    private static string[] Lines(SandboxView view) => [.. SandboxComposer.Desired(view).Objects.Select(static o => o.Describe())];
}
