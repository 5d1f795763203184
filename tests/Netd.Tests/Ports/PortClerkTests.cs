using System.Collections.Immutable;
using System.Net;
using Networking.Ipam;
using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Control;
using Networking.Netd.Ports;

namespace Networking.Netd.Tests.Ports;

public sealed class PortClerkTests
{
    private readonly FakeHostPorts _host = new();
    private ForeignPorts _foreign = ForeignPorts.None;
    private readonly NodeState _state = new()
    {
        Node = new NodeRecord { InstanceId = "0badcafe", BootId = "boot" },
        Subnets = AddressSpace.Create([]),
    };

    [Fact]
    public void Without_an_address_a_port_is_published_on_both_families() => Assert.Equal(
        ["0.0.0.0:8080/tcp to 80 of IPv4 by Kernel for Lan", "[::]:8080/tcp to 80 of IPv6 by Kernel for Lan"],
        Granted(Network(ipv6: true), Spec(80, 8080)));

    [Fact]
    public void What_the_kernel_cannot_translate_goes_through_the_forwarder() => Assert.Equal(
        ["0.0.0.0:8080/tcp to 80 of IPv4 by Kernel for Lan", "[::]:8080/tcp to 80 of IPv4 by Forwarder for Lan"],
        Granted(Network(), Spec(80, 8080)));

    // The host has no address there, and would send translated packets to its own default gateway.
    [Fact]
    public void Where_the_ipv4_gateway_is_another_machine_ports_lead_to_the_ipv6_address() => Assert.Equal(
        ["0.0.0.0:8080/tcp to 80 of IPv6 by Forwarder for Lan", "[::]:8080/tcp to 80 of IPv6 by Kernel for Lan"],
        Granted(Network(ipv6: true, ("inhibit-ipv4", "true")), Spec(80, 8080)));

    [Fact]
    public void A_network_of_ipv4_alone_whose_gateway_is_another_machine_publishes_nothing() => Assert.Equal(
        ["port 8080:80/tcp cannot be published: the gateway of network web is another machine (inhibit-ipv4), so this host has no way to its IPv4 addresses"],
        Problems(Network(ipv6: false, ("inhibit-ipv4", "true")), Spec(80, 8080)));

    // T21: the unspecified address is not the same as no address.
    [Fact]
    public void An_unspecified_ipv4_address_is_ipv4_alone() => Assert.Equal(
        ["0.0.0.0:8080/tcp to 80 of IPv4 by Kernel for Lan"],
        Granted(Network(ipv6: true), Spec(80, 8080) with { HostAddress = IPAddress.Any }));

    [Fact]
    public void The_networks_host_binding_stands_in_for_no_address()
    {
        _ = _host.Addresses.Add(IPAddress.Parse("192.0.2.1"));

        Assert.Equal(
            ["192.0.2.1:8080/tcp to 80 of IPv4 by Kernel for Lan"],
            Granted(Network(ipv6: true, ("host-binding-ipv4", "192.0.2.1")), Spec(80, 8080)));
    }

    [Fact]
    public void A_loopback_address_reaches_this_host_alone_whatever_was_said() => Assert.Equal(
        ["127.0.0.1:8080/tcp to 80 of IPv4 by Kernel for Loopback"],
        Granted(Network(), Spec(80, 8080) with { HostAddress = IPAddress.Loopback, Exposure = PortExposure.World }));

    [Fact]
    public void A_loopback_address_that_the_network_chose_is_no_different() => Assert.Equal(
        ["127.0.0.1:8080/tcp to 80 of IPv4 by Kernel for Loopback"],
        Granted(Network(ipv6: false, ("host-binding-ipv4", "127.0.0.1")), Spec(80, 8080)));

    [Fact]
    public void The_port_decides_its_exposure_then_the_network_then_the_daemon()
    {
        var network = Network(ipv6: false, ("expose", "world"));

        Assert.EndsWith("World", Granted(network, Spec(80, 8080))[0], StringComparison.Ordinal);
        Assert.EndsWith("Loopback", Granted(network, Spec(80, 8081) with { Exposure = PortExposure.Loopback })[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_routed_network_takes_no_host_port() => Assert.Equal(
        ["0.0.0.0:80/tcp to 80 of IPv4 by Direct for Lan"],
        Granted(Network(ipv6: false, ("gateway-mode-ipv4", "routed")), Spec(80, 8080)));

    [Fact]
    public void A_host_without_ipv6_leaves_out_what_nobody_named()
    {
        _host.HasIpv6 = false;

        Assert.Equal(["0.0.0.0:8080/tcp to 80 of IPv4 by Kernel for Lan"], Granted(Network(), Spec(80, 8080)));
        Assert.Equal(1, _host.Bound);
    }

    [Fact]
    public void A_kernel_without_sctp_still_translates_it_and_says_that_nothing_keeps_the_port()
    {
        _host.HasSctp = false;

        var claimed = Claim(Network(ipv6: true), Spec(80, 8080) with { Protocol = PortProtocol.Sctp }, Spec(80, 8080));

        Assert.Equal(4, claimed.Grants.Length);
        Assert.Equal(2, _host.Bound);
        Assert.Contains("no sctp sockets", Assert.Single(claimed.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_chosen_here_are_free_in_both_families_and_never_those_that_were_asked_for()
    {
        _ = _host.Foreign.Add((PortProtocol.Tcp, 32768));
        _host.Local = new(new PortRange(32768, 32771), [new PortRange(32769, 32769)]);

        Assert.Equal(
            ["0.0.0.0:32770/tcp to 90 of IPv4 by Kernel for Lan", "[::]:32770/tcp to 90 of IPv6 by Kernel for Lan",
             "0.0.0.0:32771/tcp to 80 of IPv4 by Kernel for Lan", "[::]:32771/tcp to 80 of IPv6 by Kernel for Lan"],
            Granted(Network(ipv6: true), Spec(80, null), Spec(90, 32770)));
    }

    [Fact]
    public void A_range_for_a_single_target_gives_the_first_free_one()
    {
        _ = _host.Foreign.Add((PortProtocol.Tcp, 8000));

        Assert.Equal(
            "0.0.0.0:8001/tcp to 80 of IPv4 by Kernel for Lan",
            Granted(Network(), Spec(80, 8000) with { Published = new PortRange(8000, 8010) })[0]);
    }

    [Fact]
    public void Nothing_stays_bound_when_one_port_cannot_be_had_and_every_reason_is_told()
    {
        _ = _host.Foreign.Add((PortProtocol.Tcp, 443));

        var problems = Problems(
            Network(),
            Spec(80, 8080),
            Spec(443, 443) with { HostAddress = IPAddress.Any },
            Spec(81, 8081) with { HostAddress = IPAddress.Parse("192.0.2.9") });

        Assert.Equal(0, _host.Bound);
        Assert.Equal(
            [
                "host port 0.0.0.0:443/tcp is in use by process nginx (pid 812)",
                "host port 192.0.2.9:8081/tcp: 192.0.2.9 is not an address of this host",
            ],
            problems);
    }

    [Fact]
    public void A_port_that_a_rule_of_others_translates_is_taken()
    {
        _foreign = new ForeignPorts([new ForeignPortRule("ip", "nat", "DOCKER", 6, new PortRange(8080, 8080), null)]);

        Assert.Equal(
            ["host port 0.0.0.0:8080/tcp is translated by a rule of others, chain ip nat DOCKER: tcp port 8080"],
            Problems(Network(ipv6: true), Spec(80, 8080)));
        Assert.Empty(Problems(Network(), Spec(80, 8080) with { Protocol = PortProtocol.Udp }));
    }

    // A transparent proxy, or a rule for one address of several, takes some packets at most.
    [Fact]
    public void A_rule_that_names_no_port_or_one_address_takes_no_port_away()
    {
        _foreign = new ForeignPorts(
        [
            new ForeignPortRule("inet", "proxy", "prerouting", 6, null, null),
            new ForeignPortRule("ip", "nat", "mine", 6, new PortRange(8080, 8080), IPNetwork.Parse("192.0.2.1/32")),
        ]);

        Assert.Empty(Problems(Network(), Spec(80, 8080)));
    }

    [Fact]
    public void An_exhausted_range_says_so()
    {
        _host.Local = new(new PortRange(32768, 32769), []);

        Assert.Equal(
            ["no host port is free for 80-82/tcp: all of the local port range 32768-32769 are taken or reserved"],
            Problems(Network(), Spec(80, null) with { Target = new PortRange(80, 82) }));
        Assert.Equal(0, _host.Bound);
    }

    [Fact]
    public void More_ports_than_sockets_are_looked_up_in_one_go_and_said_to_be()
    {
        var range = new PortRange(20000, 29999);

        var claimed = Claim(Network(), Spec(80, null) with { Target = range, Published = range, HostAddress = IPAddress.Any });

        Assert.Equal(range, Assert.Single(claimed.Grants).HostPorts);
        Assert.Equal((0, 1), (_host.Bound, _host.Checks));
        Assert.True(claimed.Grants[0].IsOnlyChecked);
        Assert.Contains("10000 host ports are more than the 1024", Assert.Single(claimed.Warnings), StringComparison.Ordinal);
    }

    // A number of a protocol counts once, whatever the families: as the limit is said.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Sockets_keep_both_families_of_as_many_ports_as_the_limit_says_and_above_it_what_netd_serves(bool hasIpv6)
    {
        var claimed = Claim(Network(hasIpv6), Equal(20000, 1024));
        Assert.Equal((2048, 0), (_host.Bound, _host.Checks));
        Assert.Empty(claimed.Warnings);
        Assert.All(claimed.Grants, static g => Assert.False(g.IsOnlyChecked));
        claimed.GiveBack();

        claimed = Claim(Network(hasIpv6), Equal(20000, 1025));
        Assert.Equal((1025, 1), (_host.Bound, _host.Checks));
        Assert.All(claimed.Reservations, static r => Assert.Equal(IPAddress.IPv6Any, r.Claim.Address));
        Assert.Equal(
            "1025 host ports are more than the 1024 that sockets keep in one request: those at 0.0.0.0 were checked against the sockets there are, and a process that binds one later is not refused",
            Assert.Single(claimed.Warnings));
        Assert.Equal([true, false], claimed.Grants.Select(static g => g.IsOnlyChecked));
    }

    [Fact]
    public void More_than_netd_serves_by_itself_is_left_out_by_name_the_largest_first()
    {
        var claimed = Claim(Network(), Spec(80, 8080), Equal(20000, 10000));
        Assert.Equal(1, _host.Bound); // [::]:8080
        Assert.Equal(["0.0.0.0:8080/tcp", "[::]:8080/tcp", "0.0.0.0:20000-29999/tcp"], claimed.Grants.Select(static g => g.ToString()));
        Assert.Contains(claimed.Warnings, static w => w.StartsWith(
            "host ports [::]:20000-29999/tcp are left out, so no IPv6 client reaches them: the network has IPv4 alone, and netd serves at most 4096 ports of one request by itself", StringComparison.Ordinal));
        claimed.GiveBack();

        claimed = Claim(Network(ipv6: true), Equal(20000, 10000));
        Assert.Equal(0, _host.Bound);
        Assert.Equal([true, true], claimed.Grants.Select(static g => g.IsOnlyChecked));
        Assert.Contains(claimed.Warnings, static w => w.StartsWith("host ports [::]:20000-29999/tcp are not reached from ::1", StringComparison.Ordinal));

        Assert.Equal(
            ["host ports [::]:20000-29999/tcp cannot be served: netd serves at most 4096 ports of one request by itself"],
            Problems(Network(), Equal(20000, 10000) with { HostAddress = IPAddress.IPv6Any }));
        Assert.Equal(0, _host.Bound);
    }

    [Fact]
    public void Where_netd_may_open_no_more_sockets_ports_are_looked_up_and_what_it_would_serve_is_named()
    {
        var problems = new List<Problem>();
        var claimed = new PortClerk(_host, PortExposure.Lan, static () => 1).Claim(
            _state, Network(), new EndpointSpec { Publish = [Spec(80, 8080), Spec(81, 8081)] }, _foreign, problems);

        Assert.Empty(problems);
        Assert.Equal(1, _host.Bound);
        Assert.Equal(["0.0.0.0:8080/tcp", "[::]:8080/tcp", "0.0.0.0:8081/tcp"], claimed.Grants.Select(static g => g.ToString()));
        Assert.Contains(claimed.Warnings, static w => w.Contains("host ports [::]:8081/tcp are left out", StringComparison.Ordinal) && w.Contains("LimitNOFILE", StringComparison.Ordinal));
        Assert.Contains(claimed.Warnings, static w => w.StartsWith("netd has no sockets left to keep those at 0.0.0.0", StringComparison.Ordinal));
    }

    [Fact]
    public void Above_the_limit_an_address_that_the_host_lacks_is_refused_and_a_family_that_it_lacks_is_left_out()
    {
        Assert.Equal(
            ["host port 192.0.2.9:20000/tcp: 192.0.2.9 is not an address of this host"],
            Problems(Network(), Equal(20000, 2000) with { HostAddress = IPAddress.Parse("192.0.2.9") }));

        _host.HasIpv6 = false;
        Assert.Equal(["0.0.0.0:20000-29999/tcp"], Claim(Network(ipv6: true), Equal(20000, 10000)).Grants.Select(static g => g.ToString()));
    }

    [Theory]
    [InlineData(600, 1200, 0)]
    [InlineData(1100, 1100, 1)] // those of ::1
    public void Free_numbers_are_chosen_for_a_large_range_and_bound_or_looked_up(int count, int bound, int warnings)
    {
        _host.Local = new(new PortRange(32768, 60999), []);

        var claimed = Claim(Network(ipv6: true), Spec(80, null) with { Target = new PortRange(3000, 3000 + count - 1) });

        Assert.All(claimed.Grants, g => Assert.Equal(count, g.HostPorts.Count));
        Assert.Equal((bound, warnings), (_host.Bound, claimed.Warnings.Length));
    }

    [Fact]
    public void What_cannot_be_chosen_is_told_beside_what_cannot_be_had()
    {
        _ = _host.Foreign.Add((PortProtocol.Tcp, 7071));

        Assert.Equal(
            ["host port 0.0.0.0:7071/tcp is in use by process nginx (pid 812)", "host port 203.0.113.9:32768/tcp: 203.0.113.9 is not an address of this host"],
            Problems(Network(), Spec(80, 7071) with { HostAddress = IPAddress.Any }, Spec(81, null) with { HostAddress = IPAddress.Parse("203.0.113.9") }));
    }

    [Fact]
    public void An_internal_network_publishes_nothing()
    {
        var network = Network();
        var problem = Assert.Single(Problems(network with { Spec = network.Spec with { Internal = true } }, Spec(80, 8080)));

        Assert.Equal("network web is internal: nothing comes in, so no port can be published on it", problem);
    }

    [Fact]
    public void A_look_up_that_the_kernel_does_not_answer_leaves_nothing_bound()
    {
        _host.Checking = static () => throw new KernelException("no answer");
        var clerk = new PortClerk(_host, PortExposure.Lan, static () => 2);
        Assert.Throws<KernelException>(() => clerk.Claim(
            _state, Network(), new EndpointSpec { Publish = [Spec(80, 8080), Spec(81, null)] }, _foreign, []));
        Assert.Equal(1, _host.Checks);
        Assert.Equal(0, _host.Bound);
    }

    private static PublishSpec Spec(int target, int? published) => new()
    {
        Target = new PortRange(target, target),
        Published = published is { } port ? new PortRange(port, port) : null,
    };

    private static PublishSpec Equal(int first, int count) => new()
    {
        Target = new PortRange(first, first + count - 1),
        Published = new PortRange(first, first + count - 1),
    };

    private static NetworkRecord Network(bool ipv6 = false, params (string Key, string Value)[] options) => new()
    {
        Id = new NetworkId(new string('a', 64)),
        Spec = new NetworkSpec
        {
            Name = "web",
            Ipv6 = ipv6,
            Options = options.ToImmutableSortedDictionary(static o => o.Key, static o => o.Value),
        },
        LinkName = "br-a",
        LinkMac = default,
        Ipv4 = new SubnetRecord(IPNetwork.Parse("172.20.0.0/24"), IPAddress.Parse("172.20.0.1")),
        Ipv6 = ipv6 ? new SubnetRecord(IPNetwork.Parse("fd00:1::/64"), IPAddress.Parse("fd00:1::1")) : null,
        Created = default,
    };

    private string[] Granted(NetworkRecord network, params PublishSpec[] specs) =>
    [
        .. Claim(network, specs).Grants.Select(
            static g => $"{g} to {g.TargetFirst} of {(g.Binding.IsTargetIpv6 ? "IPv6" : "IPv4")} by {g.Binding.Path} for {g.Exposure}"),
    ];

    private ClaimedPorts Claim(NetworkRecord network, params PublishSpec[] specs)
    {
        var problems = new List<Problem>();
        var claimed = new PortClerk(_host, PortExposure.Lan).Claim(_state, network, new EndpointSpec { Publish = [.. specs] }, _foreign, problems);
        Assert.Empty(problems);
        return claimed;
    }

    private List<string> Problems(NetworkRecord network, params PublishSpec[] specs)
    {
        var problems = new List<Problem>();
        _ = new PortClerk(_host, PortExposure.Lan).Claim(_state, network, new EndpointSpec { Publish = [.. specs] }, _foreign, problems);
        return [.. problems.Select(static p => p.Message)];
    }
}
