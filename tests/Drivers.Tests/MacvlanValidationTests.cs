using System.Collections.Immutable;
using System.Net;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers.Tests;

public sealed class MacvlanValidationTests
{
    private static readonly HostFacts s_host = new()
    {
        Links =
        [
            Link("br0", "bridge"),
            Link("down0") with { IsUp = false },
            Link("eth0") with { Addresses = [new InterfaceAddress(IPAddress.Parse("192.0.2.2"), 24)] },
            Link("eth0.7", "vlan"),
            Link("eth0.8", "veth"),
            Link("eth0.9", "vlan"),
            Link("eth9") with { Master = "br0" },
            Link("lo"),
            Link("mv0", "macvlan"),
            Link("mv1", "macvlan") with { Below = "down0" },
            Link("mv2", "macvlan") with { Below = "eth0.9", IsAlone = true },
            Link("odd.name.x"),
        ],
    };

    private readonly MacvlanDriver _driver = new();

    [Theory]
    [InlineData("eth7", "parent.unknown", "eth7 was not found")]
    [InlineData("lo", "parent.loopback", "loopback interface lo")]
    [InlineData("mv0", "parent.kind", "mv0 is a macvlan device")]
    [InlineData("mv0.5", "parent.kind", "mv0 is a macvlan device")]
    [InlineData("eth9", "parent.port", "eth9 is a port of br0")]
    [InlineData("eth7.50", "parent.unknown", "eth7 was not found")]
    [InlineData("lo.50", "parent.loopback", "loopback interface lo")]
    [InlineData("eth0.0", "parent.vlan", "VLAN id 0 of 'eth0.0' is out of range")]
    [InlineData("eth0.4095", "parent.vlan", "VLAN id 4095 of 'eth0.4095' is out of range")]
    [InlineData("eth0.x", "parent.vlan", "'eth0.x' is not")]
    [InlineData("eth0.-1", "parent.vlan", "'eth0.-1' is not")]
    [InlineData("eth0.", "parent.vlan", "'eth0.' is not")]
    [InlineData(".50", "parent.vlan", "'.50' is not")]
    [InlineData("eth0.1.2", "parent.vlan", "'eth0.1.2' is not")]
    public void A_parent_that_cannot_be_had_is_named(string parent, string code, string text)
    {
        var problem = Assert.Single(Judge(("parent", parent)).Problems);
        Assert.Equal((code, "-o parent"), (problem.Code, problem.Field));
        Assert.Contains(text, problem.Message, StringComparison.Ordinal);
        Assert.NotNull(problem.Hint);
    }

    [Theory]
    [InlineData("eth0", "macvlan")]
    [InlineData("br0", "macvlan")]
    [InlineData("eth0.7", "macvlan")] // there already, so nobody has to make it
    [InlineData("odd.name.x", "macvlan")]
    [InlineData("eth0.1", "macvlan 802.1Q")]
    [InlineData("eth0.4094", "macvlan 802.1Q")]
    [InlineData("eth9.5", "macvlan 802.1Q")] // a VLAN of a bridge port is taken before the bridge
    [InlineData(null, "macvlan dummy")]
    public void What_the_kernel_must_have_is_known_before(string? parent, string features)
    {
        var verdict = parent is null ? Judge() : Judge(("parent", parent));
        Assert.Empty(verdict.Problems);
        Assert.Equal(features.Split(' '), verdict.Features.Select(static f => f.Feature));
    }

    [Theory]
    [InlineData("eth0.9", "bridge", "interface mv2 of this host has parent interface eth0.9 to itself")]
    [InlineData("down0", "passthru", "interface mv1 of this host is using parent interface down0 already")]
    [InlineData("down0", "bridge", null)]
    public void A_macvlan_of_somebody_elses_on_the_parent_is_company_that_mode_passthru_does_not_bear(string parent, string mode, string? text)
    {
        var problems = Judge(("parent", parent), ("macvlan_mode", mode)).Problems;
        Assert.Equal(text is null ? [] : ["parent.taken"], problems.Select(static p => p.Code));
        Assert.All(problems, p => Assert.Contains(text!, p.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_mistake_is_told_at_once()
    {
        var spec = Spec(("mode", "brige"), ("mtu", "many"), ("parent", "eth7"), ("icc", "true"));
        var problems = _driver.Validate(spec).Problems.AddRange(_driver.JudgeHost(spec, s_host).Problems);

        Assert.Equal(
            ["option.unknown -o icc", "option.value -o mode", "option.value -o mtu", "parent.unknown -o parent"],
            problems.Select(static p => $"{p.Code} {p.Field}").Order(StringComparer.Ordinal));
        Assert.Contains(problems, static p => p.Hint?.Contains("did you mean bridge?", StringComparison.Ordinal) == true);
    }

    [Theory]
    [InlineData("private")]
    [InlineData("vepa")]
    [InlineData("passthru")]
    public void A_shim_is_refused_where_it_would_reach_nobody(string mode)
    {
        var problem = Assert.Single(_driver.Validate(Spec(("parent", "eth0"), ("macvlan_mode", mode), ("host-shim", "true"))).Problems);
        Assert.Equal("option.conflict", problem.Code);
    }

    [Fact]
    public void An_mtu_above_the_parents_is_refused_and_one_too_small_for_ipv6()
    {
        Assert.Empty(Judge(("parent", "eth0"), ("mtu", "1500")).Problems);
        Assert.Equal("-o mtu", Assert.Single(Judge(("parent", "eth0"), ("mtu", "1501")).Problems).Field);
        Assert.Equal("-o mtu", Assert.Single(Judge(("parent", "eth0.50"), ("mtu", "1501")).Problems).Field);
        Assert.Equal("option.value", Assert.Single(_driver.Validate(Spec(("parent", "eth0"), ("mtu", "1279")) with { Ipv6 = true }).Problems).Code);
    }

    [Fact]
    public void What_surprises_people_is_warned_about()
    {
        Assert.Contains(Judge(("parent", "down0")).Warnings, static w => w.Contains("down0 is down", StringComparison.Ordinal));
        Assert.Contains(Judge(("parent", "eth0"), ("macvlan_mode", "passthru")).Warnings, static w => w.Contains("the host itself receives nothing", StringComparison.Ordinal));
        Assert.Contains(Judge(("parent", "eth0.8")).Warnings, static w => w.Contains("is no VLAN interface", StringComparison.Ordinal));
        Assert.DoesNotContain(Judge(("parent", "eth0.7")).Warnings, static w => w.Contains("is no VLAN interface", StringComparison.Ordinal));
        Assert.Contains(Judge().Warnings, static w => w.Contains("is internal", StringComparison.Ordinal));
        Assert.Contains(Judge(("parent", "eth0")).Warnings, static w => w.Contains("no IPv4 gateway is given", StringComparison.Ordinal));
        var routed = Spec(("parent", "eth0")) with { Subnets = [new SubnetSpec(IPNetwork.Parse("192.0.2.0/24"), IPAddress.Parse("192.0.2.1"))] };
        Assert.Empty(_driver.JudgeHost(routed, s_host).Warnings);
        Assert.Contains(_driver.JudgeHost(routed with { Internal = true }, s_host).Warnings, static w => w.Contains("no default route", StringComparison.Ordinal));
    }

    [Fact]
    public void Several_subnets_of_a_family_are_fine_and_a_hardware_address_in_passthru_is_not()
    {
        var spec = Spec(("parent", "eth0"), ("macvlan_mode", "passthru")) with
        {
            Subnets = [new SubnetSpec(IPNetwork.Parse("10.1.0.0/24")), new SubnetSpec(IPNetwork.Parse("10.2.0.0/24"))],
        };
        Assert.Empty(_driver.Validate(spec).Problems);
        Assert.Equal("mac.passthru", Assert.Single(_driver.Validate(spec, new EndpointSpec { Mac = new MacAddress(0x0242_0000_0001) }).Problems).Code);
        Assert.Equal(1, _driver.TraitsOf(spec).EndpointsMax);
    }

    [Fact]
    public void Of_a_network_that_stands_only_what_is_not_in_the_kernel_changes()
    {
        var before = Sample.Network(Spec(("parent", "eth0"), ("mtu", "1400"))).Network;
        var after = Spec(("parent", "eth1"), ("macvlan_mode", "vepa"), ("mtu", "1300"), ("host-shim", "1")) with { Ipv6 = true };
        Assert.Equal(
            ["--ipv6", "-o host-shim", "-o macvlan_mode", "-o mtu", "-o parent"],
            _driver.JudgeChange(before, [], after).Problems.Select(static p => p.Field!).Order(StringComparer.Ordinal));
        var relabelled = before.Spec with { Labels = Sample.Options(("a", "b")) };
        Assert.Empty(_driver.JudgeChange(before, [], relabelled).Problems);
    }

    [Theory]
    [InlineData("host", SandboxRule.Host)]
    [InlineData("none", SandboxRule.Alone)]
    public void A_predefined_network_is_neither_made_nor_changed_and_has_no_interfaces(string name, SandboxRule rule)
    {
        var driver = NetworkDrivers.All[name];
        var network = Sample.Network(PredefinedDriver.Host.Spec);
        Assert.Equal("driver.single", Assert.Single(driver.Validate(Sample.Spec() with { Driver = name }).Problems).Code);
        Assert.Equal("network.predefined", Assert.Single(driver.JudgeChange(network.Network, [], network.Network.Spec).Problems).Code);
        Assert.Equal((true, rule, null), (driver.TraitsOf(network.Network.Spec).IsPredefined, driver.TraitsOf(network.Network.Spec).Sandbox, driver.TraitsOf(network.Network.Spec).InterfacePrefix));
        Assert.Empty(driver.Desired(network).Objects);
        Assert.Empty(driver.Desired(network, Sample.Endpoint(network)).Objects);
        var wishes = new EndpointSpec { Ipv4 = IPAddress.Parse("10.0.0.1"), InterfaceName = "eth0", Options = Sample.Options(("x", "y")) };
        Assert.Equal(["--ip", "--ifname", "-o"], driver.Validate(network.Network.Spec, wishes).Problems.Select(static p => p.Field));
    }

    private static HostLink Link(string name, string kind = "") => new(name, kind, null, 1500, null, ImmutableArray<InterfaceAddress>.Empty);

    private static NetworkSpec Spec(params (string Key, string Value)[] options) =>
        Sample.Spec() with { Driver = "macvlan", Options = Sample.Options(options) };

    private HostVerdict Judge(params (string Key, string Value)[] options) => _driver.JudgeHost(Spec(options), s_host);
}
