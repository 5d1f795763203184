using System.Collections.Immutable;
using System.Net;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers.Tests;

public sealed class MacvlanStateTests
{
    private readonly MacvlanDriver _driver = new();

    [Fact]
    public void On_an_interface_of_the_host() => Matches("macvlan-parent", Network(true, "eth0"));

    [Fact]
    public void With_a_shim_for_the_host() => Matches("macvlan-shim", Network(true, "eth0", ("host-shim", "true")));

    [Fact]
    public void With_an_mtu() => Matches("macvlan-mtu", Network(false, "eth0", ("com.docker.network.driver.mtu", "1400")));

    [Fact]
    public void In_mode_passthru_no_hardware_address_is_set() => Matches("macvlan-passthru", Network(false, "eth0", ("macvlan_mode", "passthru")));

    [Fact]
    public void Without_a_parent_on_a_dummy_device() => Matches("macvlan-dummy", Network(false, null));

    [Theory]
    [InlineData("private", MacvlanMode.Private)]
    [InlineData("vepa", MacvlanMode.Vepa)]
    [InlineData("bridge", MacvlanMode.Bridge)]
    public void Each_mode_is_the_devices(string word, MacvlanMode mode)
    {
        var network = Network(false, "eth0", ("macvlan_mode", word));
        var link = _driver.Desired(network, Sample.Endpoint(network)).Objects.OfType<LinkState>().Single();
        Assert.Equal(new MacvlanLink(NetNs.Host, "eth0", mode), link.Details);
    }

    [Fact]
    public void A_parent_that_is_there_is_looked_at_and_a_vlan_that_is_not_is_made()
    {
        Golden.Matches(
            "parents",
            $"# there before\n{StateText.Of(ParentComposer.Desired("eth0", null, Sample.OwnerTag))}\n"
            + $"# made\n{StateText.Of(ParentComposer.Desired("eth0.50", VlanName.Of("eth0.50"), Sample.OwnerTag))}");
    }

    [Fact]
    public void Endpoints_share_no_object_and_leave_each_other_alone()
    {
        var network = Network(true, "eth0", ("host-shim", "true"));
        var first = _driver.Desired(network, Sample.Endpoint(network, 2));
        var second = _driver.Desired(network, Sample.Endpoint(network, 3));

        Assert.Empty(first.Keys.Intersect(second.Keys));
        Assert.Empty(first.Keys.Intersect(_driver.Desired(network).Keys));
        Assert.Equal(first, _driver.Desired(network, Sample.Endpoint(network, 2)));
    }

    [Fact]
    public void Nothing_of_it_passes_the_hosts_firewall()
    {
        var network = Network(true, "eth0", ("host-shim", "true"));

        Assert.DoesNotContain(_driver.Desired(network).Objects, static o => o is FirewallElementState);
        Assert.DoesNotContain(_driver.Desired(network, Sample.Endpoint(network)).Objects, static o => o is FirewallElementState);
    }

    private static NetworkView Network(bool isDual, string? parent, params (string Key, string Value)[] options)
    {
        var spec = Sample.Spec() with
        {
            Driver = "macvlan",
            Ipv6 = isDual,
            Options = Sample.Options([.. options, .. parent is null ? [] : new[] { ("parent", parent) }]),
        };
        var view = Sample.Network(spec);
        return view with
        {
            Network = view.Network with
            {
                LinkName = parent ?? "dm-aaaaaaaaaaaa",
                AdoptsLink = parent is not null,
                Ipv4 = WithShim(view.Network.Ipv4, "172.20.0.250"),
                Ipv6 = WithShim(view.Network.Ipv6, "fd00:1::250"),
            },
        };
    }

    private static SubnetRecord? WithShim(SubnetRecord? subnet, string address) => subnet is null ? null : subnet with
    {
        AuxAddresses = ImmutableSortedDictionary<string, IPAddress>.Empty.Add(AuxiliaryName.HostShim, IPAddress.Parse(address)),
    };

    private void Matches(string golden, NetworkView network) => Golden.Matches(
        golden,
        $"# network\n{StateText.Of(_driver.Desired(network))}\n# endpoint\n{StateText.Of(_driver.Desired(network, Sample.Endpoint(network)))}");
}
