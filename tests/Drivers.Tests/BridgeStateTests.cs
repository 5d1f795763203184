using System.Net;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers.Tests;

public sealed class BridgeStateTests
{
    private readonly BridgeDriver _driver = new();

    [Fact]
    public void Dual_stack() => Matches("bridge-dual-stack", Sample.Network(Sample.Spec() with { Ipv6 = true }));

    [Fact]
    public void Ipv4_only() => Matches("bridge-ipv4-only", Sample.Network(Sample.Spec()));

    [Fact]
    public void Ipv6_only() => Matches("bridge-ipv6-only", Sample.Network(Sample.Spec() with { Ipv4 = false, Ipv6 = true }));

    [Fact]
    public void Internal() => Matches("bridge-internal", Sample.Network(Sample.Spec() with { Ipv6 = true, Internal = true }));

    [Fact]
    public void Without_communication_between_containers() =>
        Matches("bridge-icc-off", Sample.Network(Sample.Spec() with { Options = Sample.Options(("icc", "false")) }));

    [Fact]
    public void Without_masquerade() =>
        Matches("bridge-no-masquerade", Sample.Network(Sample.Spec() with { Options = Sample.Options(("masquerade", "0")) }));

    [Fact]
    public void With_mtu() => Matches(
        "bridge-mtu",
        Sample.Network(Sample.Spec() with { Options = Sample.Options(("com.docker.network.driver.mtu", "1400")) }));

    [Fact]
    public void Adopted_bridge_with_its_ipv4_address_there_before()
    {
        var view = Sample.Network(Sample.Spec() with { Ipv6 = true, Options = Sample.Options(("name", "br0"), ("mtu", "9000")) });
        var adopted = view.Network with { LinkName = "br0", AdoptsLink = true, AdoptedAddresses = [IPAddress.Parse("172.20.0.1")] };
        Matches("bridge-adopted", view with { Network = adopted });
    }

    [Fact]
    public void Endpoint_sysctls_carry_the_interface_name()
    {
        var network = Sample.Network(Sample.Spec());
        var spec = new EndpointSpec
        {
            Sysctls = Sample.Options(("net.ipv4.conf.IFNAME.rp_filter", "2")),
            Options = Sample.Options(
                ("com.docker.network.endpoint.sysctls", "net.ipv4.conf.ifname.log_martians=1,net.ipv6.neigh.IFNAME.mcast_solicit=5")),
        };
        var view = Sample.Endpoint(network, spec: spec);
        var renamed = view with { Endpoint = view.Endpoint with { Interface = "eth0.5" } };

        var paths = _driver.Desired(network, renamed).Objects.OfType<SysctlState>().Select(static s => $"{s.Path}={s.Value}@{s.Link}");

        Assert.Equal(
            [
                "net/ipv4/conf/eth0.5/log_martians=1@eth0.5",
                "net/ipv4/conf/eth0.5/rp_filter=2@eth0.5",
                "net/ipv6/neigh/eth0.5/mcast_solicit=5@eth0.5",
            ],
            paths);
    }

    [Fact]
    public void A_network_without_a_gateway_has_no_address_on_its_bridge()
    {
        var view = Sample.Network(Sample.Spec());
        var record = view.Network with { Ipv4 = new SubnetRecord(IPNetwork.Parse("172.20.0.0/24"), null) };

        Assert.Empty(_driver.Desired(view with { Network = record }).Objects.OfType<AddressState>());
    }

    [Fact]
    public void The_same_view_twice_gives_an_equal_state()
    {
        var network = Sample.Network(Sample.Spec() with { Ipv6 = true });
        var again = Sample.Network(Sample.Spec() with { Ipv6 = true });

        Assert.Equal(_driver.Desired(network), new BridgeDriver().Desired(again));
        Assert.Equal(_driver.Desired(network, Sample.Endpoint(network)), new BridgeDriver().Desired(again, Sample.Endpoint(again)));
    }

    [Fact]
    public void Endpoints_share_no_object_and_leave_each_other_alone()
    {
        var network = Sample.Network(Sample.Spec() with { Ipv6 = true });
        var first = _driver.Desired(network, Sample.Endpoint(network, 2));
        var second = _driver.Desired(network, Sample.Endpoint(network, 3));

        Assert.Empty(first.Keys.Intersect(second.Keys));
        Assert.Equal(first.Count, second.Count);
        Assert.Equal(first, _driver.Desired(network, Sample.Endpoint(network, 2)));
        Assert.DoesNotContain(second.Objects, static o => o is FirewallElementState);
    }

    [Fact]
    public void An_option_that_was_never_validated_breaks_an_invariant()
    {
        var network = Sample.Network(Sample.Spec() with { Options = Sample.Options(("icc", "perhaps")) });

        Assert.Throws<InvariantException>(() => _driver.Desired(network));
    }

    private void Matches(string golden, NetworkView network) => Golden.Matches(
        golden,
        $"# network\n{StateText.Of(_driver.Desired(network))}\n# endpoint\n{StateText.Of(_driver.Desired(network, Sample.Endpoint(network)))}");
}
