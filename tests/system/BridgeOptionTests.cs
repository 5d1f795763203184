using System.Net;
using Networking.Daemon.Tests.Matrix;
using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>What the options of a bridge network do to packets, beyond the gateway modes of docs/access-matrix.md.</summary>
/// <remarks>
/// <code>
///   world 198.51.100.1 ── uplink ──┐
///   lan   192.168.8.2  ── lan ─────┴── host ── bridge ── container, ports 80 and 81
/// </code>
/// </remarks>
public sealed class BridgeOptionTests(SharedStage shared) : SharedStageTests(shared)
{
    private const int Target = 80;
    private const int Closed = 81;
    private const string Lan4 = "192.168.8.2";
    private const string Lan6 = "fd08::2";
    private readonly List<Answerer> _answerers = [];

    [Theory]
    [InlineData("host-ipv4", "host-ipv6", 1)]
    [InlineData("com.docker.network.host_ipv4", "com.docker.network.host_ipv6", 2)]
    public async Task Packets_leave_with_the_host_address_asked_for(string key4, string key6, int number)
    {
        var (source4, source6) = ($"198.51.100.2{number}", $"2001:db8:51::2{number}");
        await Stage.Host.IpAsync($"addr add {source4}/24 dev uplink");
        await Stage.Host.IpAsync($"addr add {source6}/64 dev uplink nodad");
        var (place, endpoint) = await OpenAsync($"src{number}", number, [$"80{number}0:80"], (key4, source4), (key6, source6));
        Serve(Stage.World);
        await Reach.SeenAsync(
            (place, Stage.WorldAddress4, 80, source4),
            (place, Stage.WorldAddress6, 80, source6),

            // Whoever comes in is not touched by it, nor is the host on its way to its own container.
            (Stage.World, source4, 8000 + (10 * number), Stage.WorldAddress4),
            (Stage.World, Stage.HostAddress6, 8000 + (10 * number), Stage.WorldAddress6),
            (Stage.Host, endpoint.Address4, Target, $"10.96.{number}.1"));
    }

    [Fact]
    public async Task A_host_binding_keeps_published_ports_to_one_address()
    {
        await Stage.Host.IpAsync("addr add 198.51.100.30/24 dev uplink");
        _ = await OpenAsync("bind", 3, ["8030:80"], ("com.docker.network.bridge.host_binding_ipv4", "198.51.100.30"));
        await Reach.SeenAsync(
            (Stage.World, "198.51.100.30", 8030, Stage.WorldAddress4),
            (Stage.Host, "198.51.100.30", 8030, "10.96.3.1"),
            (Stage.World, Stage.HostAddress4, 8030, Reach.Nothing),
            (Stage.World, Stage.HostAddress6, 8030, Reach.Nothing),
            (Stage.Host, "127.0.0.1", 8030, Reach.Nothing),
            (Stage.Host, "::1", 8030, Reach.Nothing));

        // Nobody holds the port elsewhere: another network may have it there.
        _ = await OpenAsync("bind2", 4, ["8030:80"], ("host-binding-ipv4", Stage.HostAddress4));
        await Reach.SeenAsync((Stage.World, Stage.HostAddress4, 8030, Stage.WorldAddress4));
    }

    [Fact]
    public async Task A_bridge_without_ipv4_address_leaves_the_gateway_to_another_machine()
    {
        var network = await Stage.NetworkAsync(Request("inh", 5, ("com.docker.network.bridge.inhibit_ipv4", "true")));
        Assert.DoesNotContain(await Stage.Host.AddressesAsync(network.Device), static a => a.Contains('.', StringComparison.Ordinal));
        var router = await Stage.NamespaceAsync("router");
        await Stage.Host.IpAsync($"link add inh-router type veth peer name eth0 netns {Path.GetFileName(router.Path)}");
        await Stage.Host.IpAsync($"link set inh-router master {network.Device} up");
        await router.IpAsync("link set eth0 up");
        await router.IpAsync($"addr add {network.Ipv4!.Gateway}/24 dev eth0");
        await router.IpAsync("addr add 192.0.2.7/32 dev lo");
        _answerers.Add(Answerer.Open(router, [IPAddress.Parse(network.Ipv4.Gateway!), IPAddress.Parse("192.0.2.7")], Target)); // apart, for each to answer as itself
        var (place, endpoint) = await Stage.ContainerAsync("inh", "inh-c", new ConnectRequest { Publish = ["8050:80", "8050:80/udp"], Expose = "world" });
        await place.ReachesAsync(network.Ipv4.Gateway!);
        await Reach.SeenAsync(
            (place, network.Ipv4.Gateway!, Target, endpoint.Address4),
            (place, "192.0.2.7", Target, endpoint.Address4));
        Assert.Equal(endpoint.Address6, await Talk.TcpAsync(place, Stage.Host, network.Ipv6!.Gateway!)); // the bridge has that one

        // The host has no way to its IPv4 address: clients of both families are led to the other one.
        Serve(place);
        await Reach.SeenAsync(
            (Stage.World, Stage.HostAddress6, 8050, Stage.WorldAddress6),
            (Stage.World, Stage.HostAddress4, 8050, "fd96:5::1"),
            (Stage.Host, "127.0.0.1", 8050, "fd96:5::1"));
    }

    [Fact]
    public async Task From_a_trusted_interface_published_ports_are_reached_at_the_container_itself()
    {
        var lan = await LanAsync();
        await Stage.World.IpAsync($"route add 10.96.6.0/24 via {Stage.HostAddress4}");
        await Stage.World.IpAsync($"route add fd96:6::/64 via {Stage.HostAddress6}");
        var (_, endpoint) = await OpenAsync("trust", 6, ["8060:80"], ("com.docker.network.bridge.trusted_host_interfaces", "lan:absent0"));
        await lan.ReachesAsync(endpoint.Address4);
        await lan.ReachesAsync(endpoint.Address6);
        await Reach.SeenAsync(
            (lan, endpoint.Address4, Target, Lan4),
            (lan, endpoint.Address6, Target, Lan6),
            (lan, "192.168.8.1", 8060, Lan4),
            (Stage.World, Stage.HostAddress4, 8060, Stage.WorldAddress4),
            (lan, endpoint.Address4, Closed, Reach.Nothing),
            (lan, endpoint.Address6, Closed, Reach.Nothing),
            (Stage.World, endpoint.Address4, Target, Reach.Nothing),
            (Stage.World, endpoint.Address6, Target, Reach.Nothing));
    }

    [Fact]
    public async Task Without_masquerade_ports_are_published_all_the_same()
    {
        var (place, endpoint) = await OpenAsync("bare", 7, ["8070:80"], ("com.docker.network.bridge.enable_ip_masquerade", "false"));
        await Stage.World.IpAsync($"route add 10.96.7.0/24 via {Stage.HostAddress4}");
        await Stage.World.IpAsync($"route add fd96:7::/64 via {Stage.HostAddress6}");
        var (neighbor, _) = await Stage.ContainerAsync("bare", "bare-n");
        Serve(Stage.World);
        await Reach.SeenAsync(
            (place, Stage.WorldAddress4, Target, endpoint.Address4),
            (place, Stage.WorldAddress6, Target, endpoint.Address6),
            (Stage.World, Stage.HostAddress4, 8070, Stage.WorldAddress4),
            (Stage.World, Stage.HostAddress6, 8070, Stage.WorldAddress6),
            (Stage.Host, "127.0.0.1", 8070, "10.96.7.1"),

            // Back to the network it came from: the answer has to come back by the host, masquerade or not.
            (neighbor, Stage.HostAddress4, 8070, "10.96.7.1"),
            (place, Stage.HostAddress6, 8070, "fd96:7::1"),
            (Stage.World, endpoint.Address4, Closed, Reach.Nothing),
            (Stage.World, endpoint.Address6, Closed, Reach.Nothing));
    }

    public override ValueTask DisposeAsync()
    {
        _answerers.ForEach(static a => a.Dispose());
        return base.DisposeAsync();
    }

    private static CreateNetworkRequest Request(string name, int number, params (string Key, string Value)[] options) =>
        new() { Name = name, Subnets = [$"10.96.{number}.0/24", $"fd96:{number}::/64"], Options = Options.Of(options) };

    // TCP and UDP, for the whole world.
    private async Task<(Place Place, EndpointDocument Endpoint)> OpenAsync(
        string name, int number, string[] publish, params (string Key, string Value)[] options)
    {
        _ = await Stage.NetworkAsync(Request(name, number, options));
        var (place, endpoint) = await Stage.ContainerAsync(
            name, $"{name}-c", new ConnectRequest { Publish = [.. publish, .. publish.Select(static p => $"{p}/udp")], Expose = "world" });
        Serve(place);
        return (place, endpoint);
    }

    // Until the end of the test: the next one asks the world again.
    private void Serve(Place place) => _answerers.Add(Answerer.Open(place, [IPAddress.Any, IPAddress.IPv6Any], Target, Closed));

    private async Task<Place> LanAsync()
    {
        var lan = await Stage.NamespaceAsync("lan");
        await Stage.Host.IpAsync($"link add lan type veth peer name lan netns {Path.GetFileName(lan.Path)}");
        foreach (var (place, number) in new[] { (Stage.Host, 1), (lan, 2) })
        {
            await place.IpAsync($"addr add 192.168.8.{number}/24 dev lan");
            await place.IpAsync($"addr add fd08::{number}/64 dev lan nodad");
            await place.IpAsync("link set lan up");
        }

        await lan.IpAsync("route add default via 192.168.8.1");
        await lan.IpAsync("route add default via fd08::1");
        return lan;
    }
}
