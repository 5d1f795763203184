using System.Net;
using System.Net.Sockets;
using System.Text;
using Networking.Daemon.Tests.Matrix;
using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>The host's own loopback, which bridges must route and nobody may use.</summary>
/// <remarks>
/// <code>
///   world ── uplink ── host 127.0.0.1 ── bridge ── container
///     └ a route to 127.0.0.1 by the host        └ speaks as 127.0.0.1
/// </code>
/// </remarks>
public sealed class LoopbackTests
{
    private const int Service = 7000;

    [Fact]
    public async Task A_port_for_this_host_alone_stays_so_where_every_interface_routes_loopback_addresses()
    {
        // As kube-proxy used to leave hosts: their loopback services are reached from outside (CVE-2020-8558).
        await using var stage = await Stage.OpenAsync(before: static stage =>
        {
            stage.Host.SetSysctl("net/ipv4/conf/all/route_localnet", "1");
            return Task.FromResult(true);
        });
        stage.World.SetSysctl("net/ipv4/conf/uplink/route_localnet", "1"); // it takes the answer, too
        await stage.World.IpAsync("addr del 127.0.0.1/8 dev lo");
        await stage.World.IpAsync($"route add 127.0.0.1 via {Stage.HostAddress4}");
        var (_, endpoint) = await OpenAsync(stage, ["127.0.0.1:8080:80", "127.0.0.1:8080:80/udp", "published=8081,target=80,expose=loopback"]);
        await Reach.SeenAsync(
            (stage.World, "127.0.0.1", Service, Stage.WorldAddress4), // it does come through
            (stage.Host, "127.0.0.1", 8080, "10.97.0.1"),
            (stage.Host, endpoint.Address4, 80, "10.97.0.1"),
            (stage.World, "127.0.0.1", 8080, Reach.Nothing),
            (stage.World, "127.0.0.1", 8081, Reach.Nothing),
            (stage.World, Stage.HostAddress4, 8080, Reach.Nothing),
            (stage.World, Stage.HostAddress4, 8081, Reach.Nothing));
    }

    [Fact]
    public async Task No_container_speaks_in_the_name_of_the_hosts_loopback()
    {
        HostKind.SkipUnlessClean("strict reverse paths keep such packets from the firewall that is to drop them");
        // Where accept_local is on, the kernel lets an address of the host come in from elsewhere; the firewall has to see to it.
        await using var stage = await Stage.OpenAsync(before: static stage =>
        {
            stage.Host.SetSysctl("net/ipv4/conf/all/accept_local", "1");
            return Task.FromResult(true);
        });
        var (container, _) = await OpenAsync(stage, []);
        var listener = new IPEndPoint(IPAddress.Parse("10.97.0.1"), 7001);
        using var server = stage.Host.Socket(AddressFamily.InterNetwork, SocketType.Dgram);
        server.Bind(listener);
        container.SetSysctl("net/ipv4/conf/eth0/route_localnet", "1"); // or its own kernel does not let it
        await SendAsync("0.0.0.0", "first");
        Assert.Equal("first", await ReceiveAsync());

        // If the forged one passed, it would come before the last.
        await SendAsync("127.0.0.1", "forged");
        await SendAsync("0.0.0.0", "last");
        Assert.Equal("last", await ReceiveAsync());
        var rules = HostBackend.IsIptables
            ? (await stage.IptablesAsync("iptables-save", "-c", "-t", "filter")).Succeeded().Split('\n')
            : (await stage.Host.RunAsync("nft", "list", "chain", "inet", "netd", "input")).Succeeded().Split('\n');
        var rule = rules.Single(static r => r.Contains(HostBackend.IsIptables ? "-s 127.0.0.0/8" : "ip saddr 127.0.0.0/8", StringComparison.Ordinal) && r.Contains("as loopback", StringComparison.Ordinal));
        Assert.Contains(HostBackend.IsIptables ? "[1:" : "packets 1 ", rule, StringComparison.Ordinal); // it was sent, and met this rule

        async Task SendAsync(string source, string text)
        {
            using var socket = container.Socket(AddressFamily.InterNetwork, SocketType.Dgram);
            socket.Bind(new IPEndPoint(IPAddress.Parse(source), 0));
            _ = await socket.SendToAsync(Encoding.ASCII.GetBytes(text), listener);
        }

        async Task<string> ReceiveAsync()
        {
            var buffer = new byte[64];
            using var timer = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            return Encoding.ASCII.GetString(buffer, 0, await server.ReceiveAsync(buffer, timer.Token));
        }
    }

    private static async Task<(Place Place, EndpointDocument Endpoint)> OpenAsync(Stage stage, string[] publish)
    {
        _ = await stage.NetworkAsync("loop", "10.97.0.0/24", "fd97::/64");
        var (place, endpoint) = await stage.ContainerAsync("loop", "l", new ConnectRequest { Publish = [.. publish] });
        _ = stage.Keep(Answerer.Open(place, [IPAddress.Any, IPAddress.IPv6Any], 80));
        _ = stage.Keep(Answerer.Open(stage.Host, [IPAddress.Loopback], Service));
        return (place, endpoint);
    }
}
