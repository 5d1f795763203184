using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>Forwarding: turned on only when needed, put back after, and never for others.</summary>
/// <remarks>
/// <code>
///   world ── uplink ── host ── lan ── neighbour
///                       └── bridge ── container
/// </code>
/// </remarks>
public sealed class ForwardingTests
{
    private const string All4 = "net/ipv4/ip_forward";
    private const string All6 = "net/ipv6/conf/all/forwarding";
    private const string Default6 = "net/ipv6/conf/default/forwarding";
    private static readonly TimeSpan s_within = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task It_is_turned_on_for_the_families_that_need_it_and_put_back_after_the_last_network()
    {
        await using var stage = await OpenAsync("0");
        Assert.Equal("000", State(stage));
        _ = await stage.NetworkAsync(new CreateNetworkRequest { Name = "inner", Internal = true, Subnets = ["10.140.0.0/24", "fde0::/64"] });
        Assert.Equal("000", State(stage));
        _ = await stage.NetworkAsync("four", "10.141.0.0/24");
        Assert.Equal("100", State(stage));
        _ = await stage.NetworkAsync("six", "10.142.0.0/24", "fde2::/64");
        Assert.Equal("111", State(stage));
        _ = (await stage.Api.RemoveAsync("six")).Change();
        await BecomesAsync(stage, "100");
        await stage.RestartAsync(isKilled: true); // what to put back is not forgotten
        _ = (await stage.Api.RemoveAsync("four")).Change();
        await BecomesAsync(stage, "000");
    }

    [Fact]
    public async Task Found_on_it_stays_on()
    {
        await using var stage = await OpenAsync("1");
        _ = await stage.NetworkAsync("both", "10.143.0.0/24", "fde3::/64");
        Assert.Equal("111", State(stage));
        _ = (await stage.Api.RemoveAsync("both")).Change();
        // A request does not wait for what all networks share.
        _ = await Eventually.OutputAsync(s_within, () => stage.Host.RunAsync("nft", "list", "ruleset"), static o => HostBackend.IsIptables ? !o.Text.Contains("NETD-", StringComparison.Ordinal) : o.Text.Length == 0);
        Assert.Equal("111", State(stage));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public async Task Foreign_interfaces_are_routed_between_only_if_they_were_before(string before)
    {
        await using var stage = await OpenAsync(before);
        var neighbour = await stage.NamespaceAsync("lan");
        await stage.Host.IpAsync($"link add lan type veth peer name lan netns {Path.GetFileName(neighbour.Path)}");
        await stage.Host.IpAsync("addr add 203.0.113.1/24 dev lan");
        await stage.Host.IpAsync("addr add 2001:db8:113::1/64 dev lan nodad");
        await stage.Host.IpAsync("link set lan up");
        await neighbour.IpAsync("addr add 203.0.113.9/24 dev lan");
        await neighbour.IpAsync("addr add 2001:db8:113::9/64 dev lan nodad");
        await neighbour.IpAsync("link set lan up");
        await neighbour.IpAsync("route add default via 203.0.113.1");
        await neighbour.IpAsync("route add default via 2001:db8:113::1");
        await stage.World.IpAsync($"route add 203.0.113.0/24 via {Stage.HostAddress4}");
        await stage.World.IpAsync($"route add 2001:db8:113::/64 via {Stage.HostAddress6}");

        _ = await stage.NetworkAsync("ours", "10.144.0.0/24", "fde4::/64");
        var (container, _) = await stage.ContainerAsync("ours", "c");
        Assert.Equal("111", State(stage));
        await container.ReachesAsync("203.0.113.9");
        await container.ReachesAsync("2001:db8:113::9");
        await container.ReachesAsync(Stage.WorldAddress4);
        if (before == "1")
        {
            await neighbour.ReachesAsync(Stage.WorldAddress4);
            await neighbour.ReachesAsync(Stage.WorldAddress6);
            await stage.World.ReachesAsync("203.0.113.9");
        }
        else
        {
            await Task.WhenAll(
                neighbour.MissesAsync(Stage.WorldAddress4),
                neighbour.MissesAsync(Stage.WorldAddress6),
                stage.World.MissesAsync("203.0.113.9"),
                stage.World.MissesAsync("2001:db8:113::9"));
        }
    }

    [Fact]
    public async Task A_default_route_from_router_advertisements_survives()
    {
        await using var stage = await OpenAsync("0");
        await stage.Host.IpAsync("-6 route del default");
        stage.Host.SetSysctl("net/ipv6/conf/uplink/accept_ra", "1");
        var router = stage.Keep(await RouterAdvertiser.OpenAsync(stage.World, "uplink"));
        await RoutedAsync("the first advertisement");
        var before = stage.Host.Sysctl("net/ipv6/conf/uplink/accept_ra");

        _ = await stage.NetworkAsync("both", "10.145.0.0/24", "fde5::/64");
        Assert.Equal("111", State(stage));
        Assert.Equal("2", stage.Host.Sysctl("net/ipv6/conf/uplink/accept_ra"));
        Assert.Equal("uplink", await stage.Host.DefaultDeviceAsync(6));

        // And it is renewed: a route that somebody deletes comes back with the next advertisement.
        await stage.Host.IpAsync("-6 route del default");
        await RoutedAsync("an advertisement while forwarding");
        var (container, _) = await stage.ContainerAsync("both", "c");
        await container.ReachesAsync(Stage.WorldAddress6);

        _ = (await stage.Api.RemoveAsync("both", isForced: true)).Change();
        await BecomesAsync(stage, "000");
        Assert.Equal(before, stage.Host.Sysctl("net/ipv6/conf/uplink/accept_ra"));
        await RoutedAsync("an advertisement after the last network");

        Task RoutedAsync(string after) => Eventually.TrueAsync(
            s_within,
            async () =>
            {
                await router.SendAsync();
                return await stage.Host.DefaultDeviceAsync(6) == "uplink";
            },
            async () => $"no default route by {after}\n{await stage.Host.SightAsync()}");
    }

    private static Task<Stage> OpenAsync(string forwarding) => Stage.OpenAsync(before: stage =>
    {
        foreach (var path in new[] { All4, All6, Default6 })
        {
            stage.Host.SetSysctl(path, forwarding);
        }

        return Task.FromResult(true);
    });

    private static string State(Stage stage) => stage.Host.Sysctl(All4) + stage.Host.Sysctl(All6) + stage.Host.Sysctl(Default6);

    private static Task BecomesAsync(Stage stage, string state) => Eventually.TrueAsync(s_within, () => State(stage) == state, () => State(stage));
}
