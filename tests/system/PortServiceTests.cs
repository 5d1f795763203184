using System.Globalization;
using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>What netd serves by itself is served as long as `ports` says so: from ::1 and from the other family, however many ports.</summary>
/// <remarks>
/// <code>
///   world ── uplink ── host, [::]:8000-8599 ── netd's sockets ── bridge ── container, IPv4
///                        └ [::1]
/// </code>
/// </remarks>
public sealed class PortServiceTests
{
    [Fact]
    public async Task Who_may_reach_ports_that_stand_changes_while_they_are_used()
    {
        await using var stage = await OpenAsync();
        _ = await stage.NetworkAsync("exp", "10.189.0.0/24");
        var (a, _) = await stage.ContainerAsync("exp", "exp-a", new ConnectRequest { Publish = ["8080:80", "127.0.0.1:8081:80"], Expose = "world" });
        await using var server = new Responder(a, 80, "a");
        await AssertWorldReachesAsync("a");
        _ = (await stage.Api.UpdatePortsAsync("exp", "exp-a", [], expose: "loopback")).Change();
        await AssertWorldReachesAsync(null);
        Assert.All(await stage.Api.PortsAsync(), static p => Assert.Equal("loopback", p.Port.Exposure));
        Assert.Equal("a", await Responder.AskTcpAsync(stage.Host, "::1", 8080));
        _ = (await stage.Api.UpdatePortsAsync("exp", "exp-a", [], expose: "world")).Change();
        await AssertWorldReachesAsync("a");
        Assert.Equal(["loopback", "world", "world"], (await stage.Api.PortsAsync()).Select(static p => p.Port.Exposure).Order(StringComparer.Ordinal));
        await stage.AssertNothingDiffersAsync();

        _ = (await stage.Api.UpdatePortsAsync("exp", "exp-a", [], ["8080", "8081"])).Change();
        Assert.Equal("expose.unused", Assert.Single((await stage.Api.UpdatePortsAsync("exp", "exp-a", [], expose: "world")).Refused(409).Details).Code);

        async Task AssertWorldReachesAsync(string? name)
        {
            Assert.Equal(name, await Responder.AskTcpAsync(stage.World, Stage.HostAddress4, 8080, isExpected: name is not null));
            Assert.Equal(name, await Responder.AskTcpAsync(stage.World, Stage.HostAddress6, 8080, isExpected: name is not null));
        }
    }

    [Fact]
    public async Task A_link_local_client_of_the_lan_is_served_beside_an_internal_network_and_one_of_that_network_is_not()
    {
        await using var stage = await OpenAsync();
        _ = await stage.NetworkAsync("pub", "10.190.0.0/24");
        _ = await stage.NetworkAsync(new CreateNetworkRequest { Name = "in", Ipv6 = true, Internal = true, Options = Options.Of(("name", "br-in")) });
        var (a, _) = await stage.ContainerAsync("pub", "pub-a", new ConnectRequest { Publish = ["8080:80"] });
        var (inside, _) = await stage.ContainerAsync("in", "in-a");
        await using var server = new Responder(a, 80, "a");
        Assert.Equal("a", await AskAsync(stage.World, "uplink", "uplink", isExpected: true));
        Assert.Null(await AskAsync(inside, "eth0", "br-in", isExpected: false));

        async Task<string?> AskAsync(Place from, string link, string hosts, bool isExpected)
        {
            var index = (await from.IpJsonAsync($"link show {link}"))[0].GetProperty("ifindex").GetInt32();
            var shown = await stage.Host.IpJsonAsync($"-6 addr show dev {hosts} scope link"); // what is of another scope is there without a word
            var address = shown.EnumerateArray().SelectMany(static l => l.GetProperty("addr_info").EnumerateArray()).First(static a => a.TryGetProperty("local", out _)).GetProperty("local").GetString();
            return await Responder.AskTcpAsync(from, string.Create(CultureInfo.InvariantCulture, $"{address}%{index}"), 8080, isExpected);
        }
    }

    private static async Task<Stage> OpenAsync()
    {
        var stage = await Stage.OpenAsync();
        await stage.Host.IpAsync("link set lo up");
        return stage;
    }
}
