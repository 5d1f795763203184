using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>Containers of one network, by real packets.</summary>
/// <remarks>
/// <code>
///   a ── eth0 ──┐
///               ├── bridge of the network ── host
///   b ── eth0 ──┘
/// </code>
/// </remarks>
public sealed class ConnectivityTests(SharedStage shared) : SharedStageTests(shared)
{
    [Fact]
    public async Task Containers_of_one_network_reach_each_other_as_soon_as_connect_returns()
    {
        _ = await Stage.NetworkAsync("same", "10.60.0.0/24", "fd60::/64");
        var (a, at) = await Stage.ContainerAsync("same", "a");
        var (b, bt) = await Stage.ContainerAsync("same", "b");
        await a.ReachesAsync(bt.Address4);
        await a.ReachesAsync(bt.Address6);
        foreach (var (ours, theirs) in new[] { (at.Address4, bt.Address4), (at.Address6, bt.Address6) })
        {
            Assert.Equal(ours, await Talk.TcpAsync(a, b, theirs));
            Assert.Equal(ours, await Talk.UdpAsync(a, b, theirs));
            Assert.Equal(theirs, await Talk.TcpAsync(b, a, ours));
            Assert.Equal(theirs, await Talk.UdpAsync(b, a, ours));
        }
    }

    [Fact]
    public async Task The_host_and_its_containers_reach_each_other()
    {
        var network = await Stage.NetworkAsync("withhost", "10.61.0.0/24", "fd61::/64");
        var (place, endpoint) = await Stage.ContainerAsync("withhost", "wh");
        await Stage.Host.ReachesAsync(endpoint.Address4);
        await Stage.Host.ReachesAsync(endpoint.Address6);
        await place.ReachesAsync(network.Ipv4!.Gateway!);
        await place.ReachesAsync(network.Ipv6!.Gateway!);
    }

    [Fact]
    public async Task An_ipv6_only_network_has_no_ipv4_anywhere()
    {
        var network = await Stage.NetworkAsync(new CreateNetworkRequest { Name = "only6", Ipv4 = false, Subnets = ["fd62::/64"] });
        var (a, at) = await Stage.ContainerAsync("only6", "o6a");
        var (b, bt) = await Stage.ContainerAsync("only6", "o6b");
        Assert.Null(network.Ipv4);
        Assert.Null(at.Ipv4);
        Assert.All(await a.AddressesAsync("eth0"), static address => Assert.Contains(':', address));
        Assert.All(await Stage.Host.AddressesAsync(network.Device), static address => Assert.Contains(':', address));
        Assert.Null(await a.DefaultDeviceAsync(4));
        await a.ReachesAsync(bt.Address6);
        Assert.Equal(at.Address6, await Talk.TcpAsync(a, b, bt.Address6));
        await a.ReachesAsync(Stage.WorldAddress6);
    }

    [Fact]
    public async Task An_ipv4_only_network_has_no_ipv6_anywhere()
    {
        var network = await Stage.NetworkAsync("only4", "10.63.0.0/24");
        var (place, endpoint) = await Stage.ContainerAsync("only4", "o4");
        Assert.Null(network.Ipv6);
        Assert.Null(endpoint.Ipv6);
        foreach (var link in new[] { await place.LinkAsync("eth0"), await Stage.Host.LinkAsync(network.Device) })
        {
            Assert.NotNull(link);
            Assert.DoesNotContain("inet6", link.Value.GetProperty("addr_info").ToString(), StringComparison.Ordinal);
        }

        Assert.Null(await place.DefaultDeviceAsync(6));
    }

    [Fact]
    public async Task Ipv4_and_ipv6_can_both_be_off_for_nobody()
    {
        var error = (await Stage.Api.CreateAsync(new CreateNetworkRequest { Name = "none4nor6", Ipv4 = false })).Refused(400);
        Assert.Contains("IPv4, IPv6 or both", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Next_free_subnets_differ_and_avoid_the_routes_of_the_host()
    {
        var first = await Stage.NetworkAsync(new CreateNetworkRequest { Name = "free1", Ipv6 = true });
        Assert.True((await Stage.Api.RemoveAsync("free1")).IsDone);

        // The very subnet that would come next is routed elsewhere now.
        await Stage.Host.IpAsync($"route add {first.Ipv4!.Subnet} dev uplink");
        try
        {
            var second = await Stage.NetworkAsync(new CreateNetworkRequest { Name = "free2", Ipv6 = true });
            var third = await Stage.NetworkAsync(new CreateNetworkRequest { Name = "free3", Ipv6 = true });
            Assert.Distinct([first.Ipv4.Subnet, second.Ipv4!.Subnet, third.Ipv4!.Subnet]);
            Assert.NotEqual(second.Ipv6!.Subnet, third.Ipv6!.Subnet);
            var (place, endpoint) = await Stage.ContainerAsync("free3", "f3");
            Assert.Equal([endpoint.Ipv4!, endpoint.Ipv6!], await place.AddressesAsync("eth0"));
            await place.ReachesAsync(Stage.WorldAddress4);
            await place.ReachesAsync(Stage.WorldAddress6);
        }
        finally
        {
            await Stage.Host.IpAsync($"route del {first.Ipv4.Subnet} dev uplink");
        }
    }
}
