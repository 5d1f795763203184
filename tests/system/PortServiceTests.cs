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
