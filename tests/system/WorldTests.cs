using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>Containers and what is beyond the host.</summary>
/// <remarks>
/// <code>
///   container ── bridge ── host 198.51.100.2 ── uplink ── world 198.51.100.1
///                               2001:db8:51::2            2001:db8:51::1, with routes to the container's subnets
/// </code>
/// </remarks>
public sealed class WorldTests(SharedStage shared) : SharedStageTests(shared)
{
    [Fact]
    public async Task The_world_sees_the_host_and_not_the_container()
    {
        var (place, _) = await OpenAsync("nat", "10.70.0.0/24", "fd70::/64");
        Assert.Equal(Stage.HostAddress4, await Talk.TcpAsync(place, Stage.World, Stage.WorldAddress4));
        Assert.Equal(Stage.HostAddress6, await Talk.TcpAsync(place, Stage.World, Stage.WorldAddress6));
        Assert.Equal(Stage.HostAddress4, await Talk.UdpAsync(place, Stage.World, Stage.WorldAddress4));
        Assert.Equal(Stage.HostAddress6, await Talk.UdpAsync(place, Stage.World, Stage.WorldAddress6));
        await place.ReachesAsync(Stage.WorldAddress4);
        await place.ReachesAsync(Stage.WorldAddress6);
    }

    [Theory]
    [InlineData("masquerade")]
    [InlineData("com.docker.network.bridge.enable_ip_masquerade")]
    public async Task Without_masquerade_the_world_sees_the_container(string option)
    {
        var number = option.Length == 10 ? "1" : "2";
        var (place, endpoint) = await OpenAsync($"bare{number}", $"10.71.{number}.0/24", $"fd71:{number}::/64", (option, "false"));
        Assert.Equal(endpoint.Address4, await Talk.TcpAsync(place, Stage.World, Stage.WorldAddress4));
        Assert.Equal(endpoint.Address6, await Talk.TcpAsync(place, Stage.World, Stage.WorldAddress6));
    }

    [Fact]
    public async Task The_world_opens_no_connection_inside_although_it_has_a_route()
    {
        var (place, endpoint) = await OpenAsync("closed", "10.72.0.0/24", "fd72::/64", ("masquerade", "false"));
        await Stage.World.MissesAsync(endpoint.Address4);
        await Stage.World.MissesAsync(endpoint.Address6);
        Assert.Null(await Talk.TcpAsync(Stage.World, place, endpoint.Address4, isExpected: false));
        Assert.Null(await Talk.TcpAsync(Stage.World, place, endpoint.Address6, isExpected: false));
        Assert.Null(await Talk.UdpAsync(Stage.World, place, endpoint.Address4, isExpected: false));
        Assert.Null(await Talk.UdpAsync(Stage.World, place, endpoint.Address6, isExpected: false));
    }

    [Fact]
    public async Task A_container_of_an_internal_network_meets_its_own_only()
    {
        var network = await Stage.NetworkAsync(new CreateNetworkRequest { Name = "inner", Internal = true, Subnets = ["10.73.0.0/24", "fd73::/64"] });
        var (a, at) = await Stage.ContainerAsync("inner", "in-a");
        var (b, bt) = await Stage.ContainerAsync("inner", "in-b");
        await RouteAsync("10.73.0.0/24", "fd73::/64");
        await a.ReachesAsync(bt.Address4);
        await a.ReachesAsync(bt.Address6);
        Assert.Equal(at.Address4, await Talk.TcpAsync(a, b, bt.Address4));
        await Stage.Host.ReachesAsync(at.Address4);
        await Stage.Host.ReachesAsync(at.Address6);
        Assert.Null(await a.DefaultDeviceAsync(4));
        Assert.Null(await a.DefaultDeviceAsync(6));

        // Not even with a route that somebody makes inside.
        await a.IpAsync($"route add default via {network.Ipv4!.Gateway}");
        await a.IpAsync($"route add default via {network.Ipv6!.Gateway}");

        await Task.WhenAll(
            a.MissesAsync(Stage.WorldAddress4),
            a.MissesAsync(Stage.WorldAddress6),
            Stage.World.MissesAsync(at.Address4),
            Stage.World.MissesAsync(at.Address6));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public async Task Bridge_netfilter_on_or_off_changes_nothing(string value)
    {
        const string Call = "net/bridge/bridge-nf-call-ip";
        Assert.SkipUnless(File.Exists($"/proc/sys/{Call}tables"), "needs the kernel module br_netfilter");
        var before = Stage.Host.Sysctl($"{Call}tables");
        SetCalls(value);
        try
        {
            var (a, at) = await OpenAsync($"nf{value}", $"10.74.{value}.0/24", $"fd74:{value}::/64");
            var (b, bt) = await Stage.ContainerAsync($"nf{value}", $"nfb{value}");
            Assert.Equal(at.Address4, await Talk.TcpAsync(a, b, bt.Address4));
            Assert.Equal(at.Address6, await Talk.TcpAsync(a, b, bt.Address6));
            Assert.Equal(Stage.HostAddress4, await Talk.TcpAsync(a, Stage.World, Stage.WorldAddress4));
            Assert.Equal(Stage.HostAddress6, await Talk.TcpAsync(a, Stage.World, Stage.WorldAddress6));

            _ = await Stage.NetworkAsync(new CreateNetworkRequest { Name = $"nfi{value}", Internal = true, Subnets = [$"10.75.{value}.0/24", $"fd75:{value}::/64"] });
            var (c, _) = await Stage.ContainerAsync($"nfi{value}", $"nfc{value}");
            var (_, dt) = await Stage.ContainerAsync($"nfi{value}", $"nfd{value}");
            await c.ReachesAsync(dt.Address4);
            await c.ReachesAsync(dt.Address6);
        }
        finally
        {
            SetCalls(before);
        }

        void SetCalls(string to)
        {
            Stage.Host.SetSysctl($"{Call}tables", to);
            Stage.Host.SetSysctl($"{Call}6tables", to);
        }
    }

    private async Task<(Place Place, EndpointDocument Endpoint)> OpenAsync(
        string name, string subnet4, string subnet6, params (string Key, string Value)[] options)
    {
        _ = await Stage.NetworkAsync(new CreateNetworkRequest
        {
            Name = name,
            Subnets = [subnet4, subnet6],
            Options = Options.Of(options),
        });
        await RouteAsync(subnet4, subnet6);
        return await Stage.ContainerAsync(name, $"{name}-c");
    }

    private async Task RouteAsync(string subnet4, string subnet6)
    {
        await Stage.World.IpAsync($"route add {subnet4} via {Stage.HostAddress4}");
        await Stage.World.IpAsync($"route add {subnet6} via {Stage.HostAddress6}");
    }
}
