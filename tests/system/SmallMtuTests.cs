using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>MTUs around the smallest of IPv6, below which the kernel takes IPv6 off a link, and all that it had of it.</summary>
/// <remarks>
/// <code>
///   a, b ── bridge ── host ── world        the MTU is the bridge's, and that of both ends of each pair
/// </code>
/// </remarks>
public sealed class SmallMtuTests(SharedStage shared) : SharedStageTests(shared)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(68, false, 0)]
    [InlineData(576, false, 1)]
    [InlineData(1200, false, 2)]
    [InlineData(1280, false, 3)]
    [InlineData(1280, true, 4)]
    [InlineData(1281, true, 5)]
    [InlineData(65535, true, 6)]
    public async Task A_network_with_an_mtu_carries_packets_of_that_size(int mtu, bool isIpv6, int number)
    {
        _ = await Stage.NetworkAsync(new CreateNetworkRequest
        {
            Name = $"m{number}",
            Subnets = isIpv6 ? [$"10.170.{number}.0/24", $"fd17:{number}::/64"] : [$"10.170.{number}.0/24"],
            Options = Options.Of(("mtu", $"{mtu}")),
        });
        var (a, _) = await Stage.ContainerAsync($"m{number}", $"m{number}-a");
        var (_, b) = await Stage.ContainerAsync($"m{number}", $"m{number}-b");
        await a.ReachesAsync(b.Address4);
        Assert.True((await PingAsync(a, b.Address4, Math.Min(mtu, 65000) - 28)).IsDone);
        if (mtu < 65000)
        {
            Assert.False((await PingAsync(a, b.Address4, mtu - 27)).IsDone);
        }

        if (isIpv6)
        {
            await a.ReachesAsync(b.Address6);
            await a.ReachesAsync(Stage.WorldAddress6);
        }

        await Stage.AssertNothingDiffersAsync();
    }

    [Fact]
    public async Task A_network_goes_below_the_mtu_of_ipv6_and_back_and_gets_ipv6_then()
    {
        _ = await Stage.NetworkAsync("down", "10.171.0.0/24");
        var device = (await Stage.Api.NetworkAsync("down")).Device;
        var (a, _) = await Stage.ContainerAsync("down", "down-a");
        _ = await Stage.Api.SetAsync("down", "mtu", "1200");
        var (b, bt) = await Stage.ContainerAsync("down", "down-b");
        await a.ReachesAsync(bt.Address4);
        await a.ReachesAsync(Stage.WorldAddress4);
        await Stage.AssertNothingDiffersAsync();

        _ = await Stage.Api.SetAsync("down", "mtu", "1500");
        Assert.Equal("0", Stage.Host.Sysctl($"net/ipv6/conf/{device}/accept_ra"));
        foreach (var (place, link) in new[] { (Stage.Host, device), (a, "eth0"), (b, "eth0") })
        {
            Assert.DoesNotContain("inet6", (await place.LinkAsync(link))!.Value.GetProperty("addr_info").ToString(), StringComparison.Ordinal);
        }

        await Stage.AssertNothingDiffersAsync();

        _ = await Stage.Api.SetAsync("down", "mtu", "1200");
        _ = (await Stage.Api.UpdateAsync("down", new UpdateNetworkRequest { Ipv6 = true, Options = Options.Of(("mtu", "1300")) })).Change();
        Assert.Equal("0", Stage.Host.Sysctl($"net/ipv6/conf/{device}/accept_ra"));
        var (_, ct) = await Stage.ContainerAsync("down", "down-c");
        await b.ReachesAsync(ct.Address4);
        await Stage.AssertNothingDiffersAsync();
        _ = await Stage.Api.UndoAsync("down");
        await b.ReachesAsync(ct.Address4);
        await Stage.AssertNothingDiffersAsync();
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public async Task A_small_mtu_of_somebody_else_is_mended_with_all_that_it_took(bool isDecided, int number)
    {
        var network = await Stage.NetworkAsync(new CreateNetworkRequest
        {
            Name = $"drift{number}",
            Subnets = [$"10.172.{number}.0/24", $"fd17:2{number}::/64"],
            Options = isDecided ? Options.Of(("mtu", "1500")) : Options.Of(),
        });
        var (a, at) = await Stage.ContainerAsync(network.Name, $"{network.Name}-a");
        var (b, bt) = await Stage.ContainerAsync(network.Name, $"{network.Name}-b");
        (Place, string)[] all = [(Stage.Host, network.Device), (a, "eth0"), (Stage.Host, at.HostInterface)];
        foreach (var (place, link) in all[..(isDecided ? 3 : 2)]) // the host's end has no IPv6 that a small one would take
        {
            await place.IpAsync($"link set {link} mtu 1200");
            _ = await Eventually.TrueAsync(
                s_patience,
                async () => (await place.LinkAsync(link))!.Value.GetProperty("mtu").GetInt32() == 1500 && (await Stage.Api.DiffAsync()).Steps.IsEmpty,
                async () => $"{link}: {string.Join('\n', (await Stage.Api.DiffAsync()).Steps.Select(static s => s.Text))}");
            await a.ReachesAsync(bt.Address4);
            await a.ReachesAsync(bt.Address6);
            await a.ReachesAsync(Stage.WorldAddress6);
            await b.ReachesAsync(at.Address6);
        }
    }

    // Unfragmented.
    private static Task<Output> PingAsync(Place from, string to, int bytes) => from.RunAsync(
        "ping", "-n", "-c", "1", "-W", "2", "-M", "do", "-s", bytes.ToString(System.Globalization.CultureInfo.InvariantCulture), to);
}
