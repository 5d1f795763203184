using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>Walls between networks, and between containers of a network without inter-container communication.</summary>
/// <remarks>
/// <code>
///   left ── bridge ──┐
///                    ├── host ── world
///   right ── bridge ─┘
/// </code>
/// </remarks>
public sealed class IsolationTests(SharedStage shared) : SharedStageTests(shared)
{
    [Fact]
    public async Task Two_networks_do_not_reach_each_other_whatever_routes_their_containers_make()
    {
        var leftNetwork = await Stage.NetworkAsync("left", "10.80.0.0/24", "fd80::/64");
        var rightNetwork = await Stage.NetworkAsync("right", "10.81.0.0/24", "fd81::/64");
        var (left, leftEnd) = await Stage.ContainerAsync("left", "l");
        var (right, rightEnd) = await Stage.ContainerAsync("right", "r");
        await left.ReachesAsync(Stage.WorldAddress4);
        await BothMissAsync();

        // By name of the neighbour's subnet, and by the host's link-local address.
        await left.IpAsync($"route add 10.81.0.0/24 via {leftNetwork.Ipv4!.Gateway}");
        await right.IpAsync($"route add 10.80.0.0/24 via {rightNetwork.Ipv4!.Gateway}");
        await left.IpAsync($"route add fd81::/64 via {await LinkLocalAsync(leftNetwork.Device)} dev eth0");
        await right.IpAsync($"route add fd80::/64 via {await LinkLocalAsync(rightNetwork.Device)} dev eth0");
        await BothMissAsync();
        Assert.Null(await Talk.TcpAsync(left, right, rightEnd.Address4, isExpected: false));
        Assert.Null(await Talk.TcpAsync(left, right, rightEnd.Address6, isExpected: false));
        Assert.Null(await Talk.UdpAsync(left, right, rightEnd.Address4, isExpected: false));
        Assert.Null(await Talk.UdpAsync(right, left, leftEnd.Address6, isExpected: false));

        Task BothMissAsync() => Task.WhenAll(
            left.MissesAsync(rightEnd.Address4),
            left.MissesAsync(rightEnd.Address6),
            right.MissesAsync(leftEnd.Address4),
            right.MissesAsync(leftEnd.Address6));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public async Task Without_icc_containers_reach_the_world_and_not_each_other(string bridgeNetfilter)
    {
        const string Call = "net/bridge/bridge-nf-call-ip";
        var n = bridgeNetfilter;
        var hasCalls = File.Exists($"/proc/sys/{Call}tables");
        Assert.SkipUnless(hasCalls || n == "0", "needs the kernel module br_netfilter");
        if (hasCalls)
        {
            Stage.Host.SetSysctl($"{Call}tables", n);
            Stage.Host.SetSysctl($"{Call}6tables", n);
        }

        var network = await Stage.NetworkAsync(new CreateNetworkRequest
        {
            Name = $"apart{n}",
            Subnets = [$"10.82.{n}.0/24", $"fd82:{n}::/64"],
            Options = Options.Of(("icc", "false")),
        });
        var (a, at) = await Stage.ContainerAsync(network.Name, $"ap-a{n}");
        var (b, bt) = await Stage.ContainerAsync(network.Name, $"ap-b{n}");
        Assert.True(await IsIsolatedAsync(at));
        Assert.True(await IsIsolatedAsync(bt));

        // The direct path, also for who knows the neighbour's hardware address already.
        await NeighborsAsync();
        await MissAsync();

        // The path through the gateway.
        await a.IpAsync($"route add {bt.Address4}/32 via {network.Ipv4!.Gateway}");
        await b.IpAsync($"route add {at.Address4}/32 via {network.Ipv4.Gateway}");
        await a.IpAsync($"route add {bt.Address6}/128 via {network.Ipv6!.Gateway}");
        await b.IpAsync($"route add {at.Address6}/128 via {network.Ipv6.Gateway}");
        await MissAsync();
        Assert.Null(await Talk.TcpAsync(a, b, bt.Address4, isExpected: false));
        Assert.Null(await Talk.TcpAsync(a, b, bt.Address6, isExpected: false));

        Assert.Equal(Stage.HostAddress4, await Talk.TcpAsync(a, Stage.World, Stage.WorldAddress4));
        Assert.Equal(Stage.HostAddress6, await Talk.TcpAsync(b, Stage.World, Stage.WorldAddress6));

        Task MissAsync() => Task.WhenAll(
            a.MissesAsync(bt.Address4), a.MissesAsync(bt.Address6), b.MissesAsync(at.Address4), b.MissesAsync(at.Address6));

        async Task NeighborsAsync()
        {
            foreach (var address in new[] { bt.Address4, bt.Address6 })
            {
                await a.IpAsync($"neigh replace {address} lladdr {bt.Mac} dev eth0");
            }

            foreach (var address in new[] { at.Address4, at.Address6 })
            {
                await b.IpAsync($"neigh replace {address} lladdr {at.Mac} dev eth0");
            }
        }
    }

    [Fact]
    public async Task With_icc_no_port_is_isolated()
    {
        _ = await Stage.NetworkAsync("open", "10.83.0.0/24");
        var (_, endpoint) = await Stage.ContainerAsync("open", "op");
        Assert.False(await IsIsolatedAsync(endpoint));
    }

    private async Task<bool> IsIsolatedAsync(EndpointDocument endpoint) =>
        (await Stage.Host.BridgeJsonAsync($"link show dev {endpoint.HostInterface}"))[0].GetProperty("isolated").GetBoolean();

    private async Task<string> LinkLocalAsync(string device) =>
        (await Stage.Host.LinkAsync(device))!.Value.GetProperty("addr_info").EnumerateArray()
            .First(static a => a.GetProperty("scope").GetString() == "link").GetProperty("local").GetString()!;
}
