using System.Net;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers.Tests;

public sealed class PublishedPortTests
{
    private readonly BridgeDriver _driver = new();

    [Fact]
    public void A_port_of_any_address_is_one_element_a_family() => Assert.Equal(
        [
            "element netd lan_any4 { tcp . 8080 : 172.20.0.2 . 80 }",
            "element netd lan_any6 { tcp . 8080 : fd00:1::2 . 80 }",
        ],
        Elements(Sample.Spec() with { Ipv6 = true }, Port("0.0.0.0", 8080, "172.20.0.2", 80), Port("::", 8080, "fd00:1::2", 80)));

    [Fact]
    public void A_port_of_one_address_names_it() => Assert.Equal(
        ["element netd world_ports4 { 192.0.2.1 . udp . 53 : 172.20.0.2 . 5353 }"],
        Elements(Sample.Spec(), Port("192.0.2.1", 53, "172.20.0.2", 5353) with { Protocol = PortProtocol.Udp, Exposure = PortExposure.World }));

    [Fact]
    public void Ten_thousand_equal_ports_are_one_element() => Assert.Equal(
        ["element netd lan_ranges4 { 0.0.0.0-255.255.255.255 . tcp . 20000-29999 : 172.20.0.2 }"],
        Elements(Sample.Spec(), Port("0.0.0.0", 20000, "172.20.0.2", 20000, 10_000)));

    [Fact]
    public void A_shifted_range_is_one_element_a_port() => Assert.Equal(
        [
            "element netd host_ports4 { 127.0.0.1 . sctp . 7000 : 172.20.0.2 . 80 }",
            "element netd host_ports4 { 127.0.0.1 . sctp . 7001 : 172.20.0.2 . 81 }",
        ],
        Elements(Sample.Spec(), Port("127.0.0.1", 7000, "172.20.0.2", 80, 2) with { Protocol = PortProtocol.Sctp, Exposure = PortExposure.Loopback }));

    [Fact]
    public void What_the_forwarder_serves_is_no_element() =>
        Assert.Empty(Elements(Sample.Spec(), Port("::", 8080, "172.20.0.2", 80) with { Path = PortPath.Forwarder }));

    [Fact]
    public void A_routed_network_opens_the_targets_own_port() => Assert.Equal(
        [
            "element netd lan_open4 { 172.20.0.2 . tcp . 80 }",
            "element netd world_open_ranges4 { 172.20.0.2 . tcp . 90-99 }",
        ],
        Elements(
            Sample.Spec() with { Options = Sample.Options(("gateway-mode-ipv4", "routed")) },
            Port("0.0.0.0", 80, "172.20.0.2", 80) with { Path = PortPath.Direct },
            Port("0.0.0.0", 90, "172.20.0.2", 90, 10) with { Path = PortPath.Direct, Exposure = PortExposure.World }));

    [Fact]
    public void A_trusted_interface_reaches_published_ports_directly() => Assert.Equal(
        [
            "element netd lan_any4 { tcp . 8080 : 172.20.0.2 . 80 }",
            "element netd lan_open4 { 172.20.0.2 . tcp . 80 }",
        ],
        Elements(Sample.Spec() with { Options = Sample.Options(("trusted-host-interfaces", "ens4:ens3")) }, Port("0.0.0.0", 8080, "172.20.0.2", 80)));

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    public void Only_ports_of_publishing_endpoints_that_may_talk_are_in_hairpin_mode(string icc, bool isHairpin)
    {
        var network = Sample.Network(Sample.Spec() with { Options = Sample.Options(("icc", icc)) });
        var silent = Sample.Endpoint(network);
        var publishing = silent with { Endpoint = silent.Endpoint with { Ports = [Port("0.0.0.0", 8080, "172.20.0.2", 80)] } };

        Assert.False(HostEnd(network, silent).Port!.HasHairpin);
        Assert.Equal(isHairpin, HostEnd(network, publishing).Port!.HasHairpin);
    }

    // UDP alone: the kernel would send packets of a known connection where they went before.
    [Fact]
    public void Publishing_and_unpublishing_udp_forgets_connections_to_the_host_port()
    {
        var network = Sample.Network(Sample.Spec());
        var silent = Sample.Endpoint(network);
        var publishing = silent with
        {
            Endpoint = silent.Endpoint with
            {
                Ports =
                [
                    Port("0.0.0.0", 5000, "172.20.0.2", 53) with { Protocol = PortProtocol.Udp },
                    Port("0.0.0.0", 5001, "172.20.0.2", 53) with { Protocol = PortProtocol.Udp },
                    Port("192.0.2.1", 7000, "172.20.0.2", 7000, 50) with { Protocol = PortProtocol.Udp },
                    Port("0.0.0.0", 80, "172.20.0.2", 80),
                ],
            },
        };
        var (without, with) = (_driver.Desired(network, silent), _driver.Desired(network, publishing));
        string[] expected =
        [
            "! forget connections to any IPv4 address port 5000-5001/udp [host]",
            "! forget connections to 192.0.2.1 port 7000-7049/udp [host]",
        ];

        // Of TCP, what began before there was anything to translate it. When the port goes, what was translated ends by itself.
        Assert.Equal(["! forget connections to any IPv4 address port 80/tcp [host]", .. expected], Flushes(KernelPlan.Between(without, with)));
        Assert.Equal(expected, Flushes(KernelPlan.Between(with, without)));
        Assert.Empty(Flushes(KernelPlan.Between(with, with)));
    }

    private static IEnumerable<string> Flushes(KernelPlan plan) =>
        plan.Transitions.OfType<ConntrackFlushTransition>().Select(static t => t.ToString());

    private static PublishedPort Port(string host, int first, string target, int targetFirst, int count = 1) => new()
    {
        Protocol = PortProtocol.Tcp,
        HostAddress = IPAddress.Parse(host),
        HostPorts = new PortRange(first, first + count - 1),
        TargetAddress = IPAddress.Parse(target),
        TargetFirst = targetFirst,
        Exposure = PortExposure.Lan,
    };

    private LinkState HostEnd(NetworkView network, EndpointView endpoint) =>
        _driver.Desired(network, endpoint).Objects.OfType<LinkState>().Single(static l => l.Namespace.IsHost);

    private IEnumerable<string> Elements(NetworkSpec spec, params PublishedPort[] ports)
    {
        var network = Sample.Network(spec);
        var view = Sample.Endpoint(network);
        var publishing = view with { Endpoint = view.Endpoint with { Ports = [.. ports] } };
        return _driver.Desired(network, publishing).Objects.OfType<FirewallElementState>().Select(static e => e.Describe());
    }
}
