using System.Net;
using System.Net.Sockets;
using Networking.Kernel;
using Networking.Model;
using Networking.Netlink;
using static Networking.NetnsFirewall.Tests.Firewall;
using static Networking.NetnsFirewall.Tests.RuleSet;

namespace Networking.NetnsFirewall.Tests;

/// <summary>
/// UDP to a published port goes where it went first for as long as its connection is remembered (FACTS P20); forgetting it is
/// what lets a moved port move.
/// </summary>
public sealed class ConntrackTests
{
    private const int ClientPort = 40_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // Few ports are deleted by the kernel's own filter, but for an address of IPv6; many after they were read.
    [Theory]
    [InlineData(false, 5300)]
    [InlineData(false, 5200)]
    [InlineData(true, 5300)]
    [InlineData(true, 5200)]
    public async Task Flow_follows_a_moved_port_once_its_connection_is_forgotten(bool isIpv6, int firstPort)
    {
        using var stage = new TranslationStage();
        await using var directory = new NamespaceDirectory();
        await using var kernel = new NetlinkKernel(directory);
        var ns = (await directory.OpenAsync($"/run/netns/{stage.Router.Name}", [], Cancel)).Namespace;
        stage.Serve(stage.First, ProtocolType.Udp, 53);
        stage.Serve(stage.Second, ProtocolType.Udp, 53);
        var router = TranslationStage.RouterOf(isIpv6);
        var targets = TranslationStage.Sockets("targets", isIpv6, isInterval: false, hasPort: true);
        var before = Element(targets, $"{router} . udp . 5300", $"{TranslationStage.ServerOf(isIpv6, 2)} . 53");
        var after = before with { Value = $"{TranslationStage.ServerOf(isIpv6, 3)} . 53" };
        stage.Router.Inside(() => Apply(Create(
            [Table, targets, .. TranslationStage.Translating(targets), before, Element(targets, $"{router} . udp . 5301", before.Value)])));
        string Ask(int port, int from) => TranslationStage.Ask(stage.Client, ProtocolType.Udp, router, port, from);
        Assert.Equal("first 53", Ask(5300, ClientPort));
        Assert.Equal("first 53", Ask(5301, ClientPort + 1));
        Assert.Equal("first 53", TranslationStage.Ask(stage.Client, ProtocolType.Udp, TranslationStage.ServerOf(isIpv6, 2), 53, ClientPort + 2));

        stage.Router.Inside(() => Apply([.. Delete(before), .. Create(after)]));
        Assert.Equal("first 53", Ask(5300, ClientPort));
        Assert.Null(await kernel.PerformAsync(Flush(ns, isIpv6, new PortRange(firstPort - 1, 5299)), Cancel));
        Assert.Null(await kernel.PerformAsync(Flush(ns, isIpv6, new PortRange(firstPort, 5300), isIpv6 ? "2001:db8::7" : "192.0.2.7"), Cancel));
        Assert.Null(await kernel.PerformAsync(Flush(ns, !isIpv6, new PortRange(firstPort, 5300)), Cancel));
        Assert.Null(await kernel.PerformAsync(Flush(ns, isIpv6, new PortRange(firstPort, 5300)) with { Protocol = PortProtocol.Tcp }, Cancel));
        Assert.Equal(["53", "5300", "5301"], DestinationPorts(stage.Router, isIpv6));
        Assert.Equal("first 53", Ask(5300, ClientPort));

        Assert.Null(await kernel.PerformAsync(Flush(ns, isIpv6, new PortRange(firstPort, 5300), router), Cancel));

        Assert.Equal(["53", "5301"], DestinationPorts(stage.Router, isIpv6));
        Assert.Equal("second 53", Ask(5300, ClientPort));
    }

    [Theory]
    [InlineData(false, 8080)]
    [InlineData(false, 8000)]
    [InlineData(true, 8080)]
    [InlineData(true, 8000)]
    public async Task Syn_that_came_before_the_port_was_published_gets_there_once_it_is_forgotten(bool isIpv6, int firstPort)
    {
        using var stage = new TranslationStage();
        await using var directory = new NamespaceDirectory();
        await using var kernel = new NetlinkKernel(directory);
        var ns = (await directory.OpenAsync($"/run/netns/{stage.Router.Name}", [], Cancel)).Namespace;
        stage.Serve(stage.First, ProtocolType.Tcp, 80);
        var router = TranslationStage.RouterOf(isIpv6);
        var targets = TranslationStage.Sockets("targets", isIpv6, isInterval: false, hasPort: true);
        var early = Element(targets, $"{router} . tcp . 8081", $"{TranslationStage.ServerOf(isIpv6, 2)} . 80");
        var late = early with { KeyParts = [router, "tcp", "8080"] };
        stage.Router.Inside(() => Apply(Create([Table, targets, .. TranslationStage.Translating(targets), early])));

        // In place of a socket that answers nothing: no RST gets out, nor to the kernel's table.
        stage.Router.Run("nft", "add table inet silent; add chain inet silent out { type filter hook output priority -300; }; add rule inet silent out tcp flags & rst == rst drop");
        string Ask(int port, int from) => TranslationStage.Ask(stage.Client, ProtocolType.Tcp, router, port, from);
        Assert.Equal(("", "first 80"), (Ask(8080, ClientPort), Ask(8081, ClientPort + 1)));

        stage.Router.Inside(() => Apply(Create(late)));
        Assert.Equal("", Ask(8080, ClientPort));
        Assert.Null(await kernel.PerformAsync(Flush(ns, isIpv6, new PortRange(firstPort, 8081)) with { Protocol = PortProtocol.Tcp }, Cancel));

        Assert.Equal(["8081"], DestinationPorts(stage.Router, isIpv6, "tcp")); // translated, so it was left alone
        Assert.Equal("first 80", Ask(8080, ClientPort));
    }

    [Theory]
    [InlineData(40)]
    [InlineData(100)]
    public async Task Thousands_of_connections_to_a_range_are_forgotten_and_no_other(int ports)
    {
        using var host = new TestNamespace();
        await using var directory = new NamespaceDirectory();
        await using var kernel = new NetlinkKernel(directory);
        var ns = (await directory.OpenAsync($"/run/netns/{host.Name}", [], Cancel)).Namespace;
        host.Run("ip", "link", "set", "lo", "up");
        host.Inside(() =>
        {
            // A rule that asks for the state of connections is what makes the kernel remember them.
            Apply(Create(Table, Chain("output", new BaseChain("filter", FirewallHook.Output, 0), FirewallRule.Create("state", new MatchEstablished()))));
            for (var port = 7_000; port < 7_000 + ports; port++)
            {
                Send(port, 10_000 + ((port - 7_000) * (4_000 / ports)), 4_000 / ports);
            }
        });
        Assert.Equal(4_000, DestinationPorts(host, isIpv6: false).Count());

        Assert.Null(await kernel.PerformAsync(Flush(ns, isIpv6: false, new PortRange(7_001, 7_000 + ports - 2)), Cancel));

        Assert.Equal(["7000", $"{7_000 + ports - 1}"], DestinationPorts(host, isIpv6: false).Distinct());
    }

    [Fact]
    public async Task Nothing_to_forget_is_no_error_even_without_the_namespace()
    {
        await using var directory = new NamespaceDirectory();
        await using var kernel = new NetlinkKernel(directory);
        NetNs ns;
        using (var host = new TestNamespace())
        {
            ns = (await directory.OpenAsync($"/run/netns/{host.Name}", [], Cancel)).Namespace;
            Assert.Null(await kernel.PerformAsync(Flush(ns, isIpv6: true, new PortRange(1, 65_535)), Cancel));
        }

        await directory.ForgetAsync(ns);
        Assert.Null(await kernel.PerformAsync(Flush(ns, isIpv6: true, new PortRange(1, 65_535)), Cancel));
    }

    private static ConntrackFlushTransition Flush(NetNs ns, bool isIpv6, PortRange ports, string? address = null) =>
        new() { Namespace = ns, IsIpv6 = isIpv6, Ports = ports, Address = address is null ? null : IPAddress.Parse(address) };

    private static void Send(int port, int firstSource, int times)
    {
        for (var i = 0; i < times; i++)
        {
            using var socket = new UdpClient(firstSource + i, AddressFamily.InterNetwork);
            _ = socket.Send("hello"u8, new IPEndPoint(IPAddress.Loopback, port));
        }
    }

    // Of connections, as conntrack lists them: the first dport of a line is that of the first packet.
    private static IEnumerable<string> DestinationPorts(TestNamespace ns, bool isIpv6, string protocol = "udp") =>
        ns.Run("conntrack", "-L", "-p", protocol, "-f", isIpv6 ? "ipv6" : "ipv4")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => line.Split("dport=")[1].Split(' ')[0])
            .Order(StringComparer.Ordinal);
}
