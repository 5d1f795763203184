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
    public async Task A_large_range_is_served_to_clients_of_the_other_family_and_from_loopback_also_after_a_sudden_death()
    {
        await using var stage = await OpenAsync();
        _ = await stage.NetworkAsync("one", "10.186.0.0/24");
        _ = await stage.NetworkAsync("two", "10.187.0.0/24", "fd87::/64");
        var (one, _) = await stage.ContainerAsync("one", "one-a", new ConnectRequest { Publish = ["8000-8599:8000-8599"], Expose = "world" });
        var (two, _) = await stage.ContainerAsync("two", "two-a", new ConnectRequest { Publish = ["9000-9599:9000-9599"], Expose = "world" });
        await using var first = new Responder(one, 8000, "one");
        await using var last = new Responder(one, 8599, "one");
        await using var low = new Responder(two, 9000, "two", isIpv6: true);
        await using var low4 = new Responder(two, 9001, "two");
        await using var high = new Responder(two, 9599, "two", isIpv6: true);
        await AssertServedAsync();
        await stage.RestartAsync(isKilled: true);
        await AssertServedAsync();

        async Task AssertServedAsync()
        {
            Assert.All(await stage.Api.PortsAsync(), static p => Assert.True(p.Reserved, $"{p.Port.HostAddress} {p.Port.HostPorts}"));
            foreach (var port in new[] { 8000, 8599 })
            {
                Assert.Equal("one", await Responder.AskTcpAsync(stage.Host, "::1", port));
                Assert.Equal("one", await Responder.AskTcpAsync(stage.World, Stage.HostAddress6, port));
                Assert.Equal("one", await Responder.AskTcpAsync(stage.World, Stage.HostAddress4, port));
            }

            Assert.Equal("two", await Responder.AskTcpAsync(stage.Host, "::1", 9000));
            Assert.Equal("two", await Responder.AskTcpAsync(stage.Host, "::1", 9599));
            Assert.Equal("two", await Responder.AskTcpAsync(stage.World, Stage.HostAddress6, 9000));
            Assert.Equal("two", await Responder.AskTcpAsync(stage.Host, "127.0.0.1", 9001));
        }
    }

    [Fact]
    public async Task Ports_of_several_requests_are_all_served_after_a_sudden_death_and_what_was_stolen_is_told_with_its_reach()
    {
        await using var stage = await OpenAsync();
        _ = await stage.NetworkAsync("sev", "10.188.0.0/24");
        var (a, _) = await stage.ContainerAsync("sev", "sev-a", new ConnectRequest { Name = "web" });
        await using var first = new Responder(a, 8000, "a");
        await using var last = new Responder(a, 9299, "a");
        foreach (var start in new[] { 8000, 8300, 8600, 9000 })
        {
            _ = (await stage.Api.UpdatePortsAsync("sev", "sev-a", [Equal(start, 300)], expose: "world")).Change();
        }

        await stage.RestartAsync(isKilled: true);
        Assert.All(await stage.Api.PortsAsync(), static p => Assert.True(p.Reserved, p.Port.HostPorts));
        foreach (var port in new[] { 8000, 9299 })
        {
            Assert.Equal("a", await Responder.AskTcpAsync(stage.Host, "::1", port));
            Assert.Equal("a", await Responder.AskTcpAsync(stage.World, Stage.HostAddress6, port));
        }

        await stage.Daemon.KillAsync();
        using var thief = stage.Host.Listen("::", 9001);
        await stage.StartAsync();
        var told = Assert.Single(await stage.Api.EventsAsync(), static e => e.Type == "port.taken");
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"[::]:9001/tcp of endpoint web was taken by process"), told.Message, StringComparison.Ordinal);
        Assert.Contains("nobody reaches the endpoint there", told.Message, StringComparison.Ordinal);
        var reach = Assert.Single(await stage.Api.PortsAsync(), static p => !p.Reserved).Reach;
        Assert.Equal("everybody with a route to this host; nobody at 9001, which no socket of netd's serves", reach);
        Assert.Equal("a", await Responder.AskTcpAsync(stage.World, Stage.HostAddress6, 9299));
    }

    [Fact]
    public async Task More_ports_than_netd_serves_are_published_by_the_kernel_and_what_is_missing_is_said()
    {
        await using var stage = await OpenAsync();
        _ = await stage.NetworkAsync("one", "10.186.0.0/24");
        _ = await stage.NetworkAsync("two", "10.187.0.0/24", "fd87::/64");
        var (one, _) = await stage.ContainerAsync("one", "one-a");
        var change = (await stage.Api.UpdatePortsAsync("one", "one-a", [Equal(20000, 10000)], expose: "world")).Change();
        Assert.Contains(change.Warnings, static w => w.StartsWith("host ports [::]:20000-29999/tcp are left out, so no IPv6 client reaches them", StringComparison.Ordinal));
        var (two, _) = await stage.ContainerAsync("two", "two-a", new ConnectRequest { Publish = [Equal(30000, 10000)], Expose = "world" });
        var ports = await stage.Api.PortsAsync();
        Assert.Equal(["0.0.0.0:20000-29999", "0.0.0.0:30000-39999", ":::30000-39999"], ports.Select(static p => $"{p.Port.HostAddress}:{p.Port.HostPorts}"));
        Assert.All(ports, static p => Assert.False(p.Reserved));
        Assert.Equal("everybody with a route to this host, but not from ::1", ports[2].Reach);

        await using var last = new Responder(one, 29999, "one");
        await using var last6 = new Responder(two, 39999, "two", isIpv6: true);
        Assert.Equal("one", await Responder.AskTcpAsync(stage.World, Stage.HostAddress4, 29999));
        Assert.Equal("two", await Responder.AskTcpAsync(stage.World, Stage.HostAddress6, 39999));
        Assert.Null(await Responder.AskTcpAsync(stage.Host, "::1", 39999, isExpected: false));
    }

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

    private static string Equal(int first, int count) => string.Create(CultureInfo.InvariantCulture, $"{first}-{first + count - 1}:{first}-{first + count - 1}");

    private static async Task<Stage> OpenAsync()
    {
        var stage = await Stage.OpenAsync();
        await stage.Host.IpAsync("link set lo up");
        return stage;
    }
}
