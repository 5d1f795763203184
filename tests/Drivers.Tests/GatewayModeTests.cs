using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers.Tests;

public sealed class GatewayModeTests
{
    private readonly BridgeDriver _driver = new();

    [Theory]
    [InlineData("nat", "masquerade4")]
    [InlineData("nat-unprotected", "masquerade4", "unprotected4")]
    [InlineData("routed", "routed4")]
    public void The_mode_decides_which_sets_the_bridge_is_in(string mode, params string[] sets) => Assert.Equal(
        sets.Append("bridges").Append("same_bridge").Order(StringComparer.Ordinal),
        SetsOf(Sample.Spec() with { Options = Sample.Options(("gateway-mode-ipv4", mode)) }));

    [Fact]
    public void An_isolated_network_has_no_address_on_its_bridge_and_does_not_reach_the_host()
    {
        var spec = Sample.Spec() with
        {
            Internal = true,
            Ipv6 = true,
            Options = Sample.Options(("gateway-mode-ipv4", "isolated"), ("gateway-mode-ipv6", "isolated")),
        };

        var state = _driver.Desired(Sample.Network(spec));

        Assert.Empty(_driver.Validate(spec).Problems);
        Assert.Equal(["bridges", "internal", "isolated4", "isolated6", "same_bridge"], SetsOf(spec));
        Assert.Empty(state.Objects.OfType<AddressState>());
        Assert.False(state.Objects.OfType<LinkState>().Single().HasLinkLocal);
    }

    [Fact]
    public void A_network_whose_gateway_is_elsewhere_has_no_ipv4_address_on_its_bridge()
    {
        var spec = Sample.Spec() with { Ipv6 = true, Options = Sample.Options(("inhibit-ipv4", "true")) };

        Assert.Equal(["fd00:1::1/64"], _driver.Desired(Sample.Network(spec)).Objects.OfType<AddressState>().Select(static a => a.Address.ToString()));
    }

    [Fact]
    public void A_source_address_takes_the_place_of_masquerading()
    {
        var spec = Sample.Spec() with { Ipv6 = true, Options = Sample.Options(("com.docker.network.host_ipv4", "192.0.2.7")) };

        Assert.Equal(["bridges", "masquerade6", "same_bridge", "snat4"], SetsOf(spec));
    }

    [Fact]
    public void Loopback_addresses_are_routed_only_where_ports_can_be_published_there()
    {
        Assert.Contains("net/ipv4/conf/br-aaaaaaaaaaaa/route_localnet", SysctlsOf(Sample.Spec()));
        Assert.DoesNotContain("net/ipv4/conf/br-aaaaaaaaaaaa/route_localnet", SysctlsOf(Sample.Spec() with { Internal = true }));
        Assert.DoesNotContain(
            "net/ipv4/conf/br-aaaaaaaaaaaa/route_localnet", SysctlsOf(Sample.Spec() with { Options = Sample.Options(("gateway-mode-ipv4", "routed")) }));
    }

    [Theory]
    [InlineData("gateway-mode-ipv4", "natt", "option gateway-mode-ipv4: 'natt' is not known", "did you mean nat? write one of nat, nat-unprotected, routed, isolated")]
    [InlineData("gateway-mode-ipv6", "isolated", "gateway mode isolated for IPv6 on a network that is not internal", "add --internal, or choose nat, nat-unprotected or routed")]
    [InlineData("host-ipv4", "fd00::1", "option host-ipv4: 'fd00::1' is not an IPv4 address", "write it as 192.0.2.1")]
    [InlineData("host-ipv4", "127.0.0.1", "source address 127.0.0.1 cannot be that of a packet that leaves the host", "give an address of one of the host's interfaces")]
    [InlineData("host-binding-ipv4", "::", "option host-binding-ipv4: '::' is not an IPv4 address", "write it as 192.0.2.1")]
    [InlineData("trusted-host-interfaces", "eth0:no way", "option trusted-host-interfaces: 'no way' has whitespace in it", "name interfaces of the host, separated by colons, such as ens3:ens4")]
    [InlineData("inhibit-ipv4", "perhaps", "option inhibit-ipv4: 'perhaps' is neither true nor false", "write true or false")]
    [InlineData("expose", "all", "option expose: 'all' is not known", "write one of loopback, lan, world")]
    public void Wrong_values_are_told(string key, string value, string message, string hint)
    {
        var problem = Assert.Single(_driver.Validate(Sample.Spec() with { Options = Sample.Options((key, value)) }).Problems);

        Assert.Equal((message, hint), (problem.Message, problem.Hint));
    }

    [Fact]
    public void Dockers_label_for_its_default_bridge_is_taken_and_means_nothing() =>
        Assert.Empty(_driver.Validate(Sample.Spec() with { Options = Sample.Options(("com.docker.network.bridge.default_bridge", "true")) }).Problems);

    private IEnumerable<string> SetsOf(NetworkSpec spec) =>
        _driver.Desired(Sample.Network(spec)).Objects.OfType<FirewallElementState>().Select(static e => e.Set).Order(StringComparer.Ordinal);

    private IEnumerable<string> SysctlsOf(NetworkSpec spec) =>
        _driver.Desired(Sample.Network(spec)).Objects.OfType<SysctlState>().Select(static s => s.Path);
}
