using System.Net;
using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Ipam;

namespace Networking.Netd.Tests.Ipam;

/// <summary>What of the host stands in the way of a subnet, and how firmly.</summary>
public sealed class HostObstaclesTests
{
    private const byte Kernel = 2; // RTPROT_KERNEL
    private const byte Boot = 3; // RTPROT_BOOT
    private const byte Static = 4; // RTPROT_STATIC

    [Theory]
    [InlineData("10.1.0.0/24", null, "ens3", Kernel, "Connected")]
    [InlineData("192.0.2.0/24", null, "ens3", Static, "Connected")] // ens3 has an address in it
    [InlineData("10.1.0.0/24", null, "wg0", Boot, "OnLink")]
    [InlineData("172.16.0.0/12", null, "wg0", Boot, "OnLink")]
    [InlineData("10.0.0.0/8", "192.0.2.1", "ens3", Static, "Routed")]
    [InlineData("10.0.0.0/8", null, "", Static, "Routed")] // by several ways
    [InlineData("0.0.0.0/1", "10.8.0.1", "tun0", Boot, "Everything")]
    [InlineData("128.0.0.0/1", null, "wg0", Boot, "Everything")]
    [InlineData("2000::/3", "fe80::1", "ens3", Static, "Everything")]
    [InlineData("32.0.0.0/4", "10.8.0.1", "tun0", Boot, "Routed")]
    [InlineData("0.0.0.0/0", "192.0.2.1", "ens3", Boot, null)]
    [InlineData("10.1.0.0/24", null, "ens3", Ownership.RouteProtocol, null)]
    [InlineData("10.1.0.0/24", null, "br-leaving", Kernel, null)]
    [InlineData("10.1.0.0/24", "10.98.0.9", "br-leaving", Static, null)]
    [InlineData("10.98.1.0/24", null, "br-ours", Kernel, null)]
    [InlineData("10.1.0.0/24", null, "br-ours", Kernel, "Connected")] // somebody else has put it there
    [InlineData("10.1.0.0/24", "10.98.0.9", "br-ours", Static, "Routed")] // by a router in a container
    [InlineData("10.97.0.0/16", null, "br-adopted", Kernel, null)]
    [InlineData("10.1.0.0/24", null, "gone", Kernel, null)]
    public void A_route_is_an_obstacle_by_what_it_leads_to(string destination, string? gateway, string link, byte protocol, string? kind)
    {
        var route = new HostRoute(IPNetwork.Parse(destination), gateway is null ? null : IPAddress.Parse(gateway), link, protocol);
        var obstacles = HostObstacles.Of(Facts(route), []).Beside(SubnetsOn);

        Assert.Equal(
            kind is null ? [] : [kind],
            obstacles.All.Where(o => o.Prefix.Equals(route.Destination)).Select(static o => o.Kind.ToString()).Distinct());
    }

    [Fact]
    public void Less_is_avoided_each_time_and_networks_of_the_host_always()
    {
        var obstacles = HostObstacles.Of(
            Facts(
                new HostRoute(IPNetwork.Parse("10.0.0.0/8"), IPAddress.Parse("192.0.2.1"), "ens3", Static),
                new HostRoute(IPNetwork.Parse("172.16.0.0/12"), null, "wg0", Boot),
                new HostRoute(IPNetwork.Parse("0.0.0.0/1"), null, "wg0", Boot)),
            [IPAddress.Parse("192.168.0.53")]).Beside(SubnetsOn);

        Assert.Equal(
            [
                "192.0.2.0/24 192.168.0.53/32 172.16.0.0/12 10.0.0.0/8",
                "192.0.2.0/24 192.168.0.53/32 172.16.0.0/12",
                "192.0.2.0/24 192.168.0.53/32",
            ],
            obstacles.Avoided.Select(static a => string.Join(' ', a.Select(static o => o.Prefix))));
    }

    [Fact]
    public void What_is_in_the_way_says_where_it_leads()
    {
        var obstacles = HostObstacles.Of(
            Facts(
                new HostRoute(IPNetwork.Parse("10.0.0.0/8"), IPAddress.Parse("192.0.2.1"), "ens3", Static),
                new HostRoute(IPNetwork.Parse("10.1.0.0/16"), null, "wg0", Boot),
                new HostRoute(IPNetwork.Parse("10.1.2.0/24"), null, string.Empty, Static)),
            [IPAddress.Parse("10.1.2.53")]);

        Assert.Equal(
            [
                "10.1.2.53/32 of a name server of the host", "10.1.0.0/16 of a route out of wg0", "10.0.0.0/8 of a route by 192.0.2.1 on ens3",
                "10.1.2.0/24 of a route by several ways",
            ],
            obstacles.Overlapping(IPNetwork.Parse("10.1.2.0/24")).Select(static o => o.ToString()));
    }

    [Fact]
    public void A_bridge_to_adopt_keeps_its_routes_and_not_its_networks()
    {
        var obstacles = HostObstacles.Of(Facts(new HostRoute(IPNetwork.Parse("10.1.0.0/16"), IPAddress.Parse("10.97.0.9"), "br-adopted", Static)), []);

        Assert.Equal(["Connected", "Routed"], obstacles.All.Where(static o => o.Link == "br-adopted").Select(static o => o.Kind.ToString()));
        Assert.Equal(["Routed"], obstacles.WithoutNetworksOf("br-adopted").All.Where(static o => o.Link == "br-adopted").Select(static o => o.Kind.ToString()));
    }

    [Fact]
    public void What_an_adopted_device_is_on_beside_its_network_stays_in_the_way()
    {
        var obstacles = HostObstacles.Of(Facts(), []).Beside(static name => name == "br-adopted" ? [IPNetwork.Parse("10.1.0.0/16")] : null);
        Assert.Equal("10.97.0.0/16", Assert.Single(obstacles.All, static o => o.Link == "br-adopted").Prefix.ToString());
    }

    private static IEnumerable<IPNetwork>? SubnetsOn(string name) => name switch
    {
        "br-ours" => [IPNetwork.Parse("10.98.0.0/16")],
        "br-adopted" => [IPNetwork.Parse("10.97.0.0/16")],
        _ => null,
    };

    private static HostFacts Facts(params HostRoute[] routes) => new()
    {
        Links =
        [
            new HostLink("br-adopted", "bridge", null, 1500, null, [Address("10.97.0.1", 16)]),
            new HostLink("br-leaving", "bridge", "netd:0badcafe network", 1500, null, [Address("10.99.0.1", 16)]),
            new HostLink("br-ours", "bridge", "netd:0badcafe network", 1500, null, [Address("10.98.0.1", 16)]),
            new HostLink("ens3", string.Empty, null, 1500, null, [Address("192.0.2.2", 24)]),
            new HostLink("tun0", "tun", null, 1500, null, []),
            new HostLink("wg0", "wireguard", null, 1420, null, []),
        ],
        Routes = [.. routes],
    };

    private static InterfaceAddress Address(string address, int length) => new(IPAddress.Parse(address), length);
}
