using System.Net;
using System.Net.Sockets;
using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>Ports of running endpoints are published, taken back and led elsewhere; the world's packets tell.</summary>
/// <remarks>
/// <code>
///   world ── 198.51.100.2:8080 ── host ── bridge ── a :80 "old", :81 "new"
///                                                └─ b
/// </code>
/// </remarks>
public sealed class UpdatePortTests(SharedStage shared) : SharedStageTests(shared)
{
    [Fact]
    public async Task A_port_is_published_led_elsewhere_and_taken_back_while_the_endpoint_runs()
    {
        var a = await OpenAsync("re", "10.180.0.0/24", "fd80::/64");
        await using var old = new Responder(a, 80, "old");
        await using var now = new Responder(a, 81, "new");
        await using var old6 = new Responder(a, 82, "old6", isIpv6: true);
        Assert.Null(await Responder.AskTcpAsync(Stage.World, Stage.HostAddress4, 8080, isExpected: false));

        _ = await PublishAsync("re", ["8080:80", "8080:80/udp", "8082:82"], []);
        Assert.Equal(("old", "old"), await AskAsync(Stage.HostAddress4, 8080));
        Assert.Equal(("old6", null), (await Responder.AskTcpAsync(Stage.World, Stage.HostAddress6, 8082), await Responder.AskTcpAsync(Stage.World, Stage.HostAddress6, 8080, isExpected: false)));
        await using var flow = await Flow.OpenAsync(a, Stage.World, Stage.WorldAddress4, 7080);

        _ = await PublishAsync("re", ["8080:81", "8080:81/udp"], ["8080/tcp", "8080/udp"]);
        Assert.Equal(("new", "new"), await AskAsync(Stage.HostAddress4, 8080));
        Assert.Equal("old6", await Responder.AskTcpAsync(Stage.World, Stage.HostAddress6, 8082));

        _ = await PublishAsync("re", [], ["8080", "8080/udp", "8082"]);
        Assert.Null(await Responder.AskTcpAsync(Stage.World, Stage.HostAddress4, 8080, isExpected: false));
        Assert.Null(await Responder.AskUdpAsync(Stage.World, Stage.HostAddress4, 8080, isExpected: false));
        Assert.DoesNotContain(await Stage.Api.PortsAsync(), static p => p.Network == "re");
        await flow.AssertRunsAsync();
        await Stage.AssertNothingDiffersAsync();
    }

    [Fact]
    public async Task A_udp_client_that_goes_on_sending_is_led_to_the_new_target()
    {
        var a = await OpenAsync("ct", "10.181.0.0/24");
        await using var old = new Responder(a, 53, "old");
        await using var now = new Responder(a, 54, "new");
        _ = await PublishAsync("ct", ["5353:53/udp"], []);
        using var client = Stage.World.Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var to = new IPEndPoint(IPAddress.Parse(Stage.HostAddress4), 5353);
        Assert.Equal("old", await Responder.AskUdpAsync(client, to));

        // The client's next datagram belongs to a connection that the kernel remembers, with its old translation.
        _ = await PublishAsync("ct", ["5353:54/udp"], ["5353/udp"]);
        await AnswersAsync("new");

        var (b, _) = await Stage.ContainerAsync("ct", "ct-b");
        await using var other = new Responder(b, 53, "b");
        _ = await PublishAsync("ct", [], ["5353/udp"]);
        _ = (await Stage.Api.UpdatePortsAsync("ct", "ct-b", ["5353:53/udp"], expose: "world")).Change();
        await AnswersAsync("b");

        // Connections are forgotten right after the answer, beside the work that others wait for.
        Task<TimeSpan> AnswersAsync(string name) => Eventually.TrueAsync(
            TimeSpan.FromSeconds(1), async () => await Responder.AskUdpAsync(client, to, isExpected: false) == name, () => Task.FromResult($"still not {name}"));
    }

    [Fact]
    public async Task A_forwarded_connection_goes_on_when_other_ports_change_and_the_port_itself_may_move()
    {
        var a = await OpenAsync("fw", "10.182.0.0/24");
        await using var old = new Responder(a, 80, "old");
        await using var now = new Responder(a, 81, "new");
        _ = await PublishAsync("fw", ["[::]:8083:9000", "[::]:8084:80"], []);
        await using var flow = await OpenForwardedAsync(a);
        Assert.Equal("old", await Responder.AskTcpAsync(Stage.World, Stage.HostAddress6, 8084));
        _ = await PublishAsync("fw", ["[::]:8084:81", "8085:80"], ["[::]:8084"]);
        Assert.Equal("new", await Responder.AskTcpAsync(Stage.World, Stage.HostAddress6, 8084));
        Assert.Equal("old", await Responder.AskTcpAsync(Stage.World, Stage.HostAddress6, 8085));
        await flow.AssertRunsAsync();

        async Task<Flow> OpenForwardedAsync(Place server)
        {
            using var listener = server.Listen("0.0.0.0", 9000);
            var client = await Stage.World.ConnectAsync(Stage.HostAddress6, 8083);
            Assert.NotNull(client);
            return new Flow(client, await Place.AcceptAsync(listener));
        }
    }

    [Fact]
    public async Task Ranges_that_reach_into_each_other_are_opened_live_at_the_containers_own_address()
    {
        _ = await Stage.NetworkAsync(new CreateNetworkRequest { Name = "rt", Subnets = ["10.183.0.0/24"], Options = Options.Of(("gateway-mode-ipv4", "routed")) });
        var (a, endpoint) = await Stage.ContainerAsync("rt", "rt-a");
        await Stage.World.IpAsync($"route add 10.183.0.0/24 via {Stage.HostAddress4}");
        await using var low = new Responder(a, 90, "low");
        await using var high = new Responder(a, 104, "high");
        _ = await PublishAsync("rt", ["90-99:90-99"], []);
        Assert.Equal("low", await Responder.AskTcpAsync(Stage.World, endpoint.Address4, 90));
        Assert.Null(await Responder.AskTcpAsync(Stage.World, endpoint.Address4, 104, isExpected: false));
        _ = await PublishAsync("rt", ["95-104:95-104", "8090:90"], []);
        Assert.Equal("low", await Responder.AskTcpAsync(Stage.World, endpoint.Address4, 90));
        Assert.Equal("high", await Responder.AskTcpAsync(Stage.World, endpoint.Address4, 104));
        _ = await PublishAsync("rt", [], ["90-99"]);
        Assert.Equal("high", await Responder.AskTcpAsync(Stage.World, endpoint.Address4, 104));
        await Stage.AssertNothingDiffersAsync();
    }

    [Fact]
    public async Task A_dry_run_shows_the_elements_and_changes_nothing_and_mistakes_come_together()
    {
        var a = await OpenAsync("dry", "10.184.0.0/24");
        var before = await Stage.SnapshotAsync(a);
        var planned = (await Stage.Api.UpdatePortsAsync("dry", "dry-a", ["8086:80"], query: "?dryRun=true")).Change().Plan;
        Assert.Contains(planned!.Steps, static s => s.Text.Contains("8086", StringComparison.Ordinal)); // a dry run answers with its plan
        Assert.Equal(string.Empty, (await Stage.Host.RunAsync("ss", "-lntuH", "sport = :8086")).Text);
        var error = (await Stage.Api.UpdatePortsAsync("dry", "dry-a", ["0:80", "80:"], ["x", "8080/icmp"])).Refused(400);
        Assert.True(error.Details.Length >= 4, error.ToString());
        Assert.Equal(2, (await Stage.Api.UpdatePortsAsync("dry", "dry-a", [], ["1", "2/udp"])).Refused(409).Details.Length);
        _ = (await Stage.Api.UpdatePortsAsync("dry", "dry-a", [])).Refused(400);
        _ = (await Stage.Api.UpdatePortsAsync("dry", "nobody", ["80"])).Refused(404);
        Assert.Equal(before, await Stage.SnapshotAsync(a));
    }

    [Fact]
    public async Task A_namespace_that_was_only_asked_about_is_not_kept_open()
    {
        _ = await OpenAsync("ask", "10.185.0.0/24");
        var stranger = await Stage.NamespaceAsync("stranger");
        var before = await Stage.Api.MetricAsync("netd_namespaces_open");
        _ = (await Stage.Api.DisconnectAsync("ask", stranger.Path)).Refused(404);
        _ = (await Stage.Api.UpdatePortsAsync("ask", stranger.Path, ["80"])).Refused(404);
        Assert.Equal(before, await Stage.Api.MetricAsync("netd_namespaces_open"));
    }

    private async Task<Place> OpenAsync(string name, params string[] subnets)
    {
        _ = await Stage.NetworkAsync(name, subnets);
        return (await Stage.ContainerAsync(name, $"{name}-a")).Place;
    }

    private async Task<ChangeDocument> PublishAsync(string network, string[] publish, string[] unpublish) => (await Stage.Api.UpdatePortsAsync(
        network, $"{network}-a", [.. publish], [.. unpublish], expose: publish.Length > 0 ? "world" : null)).Change();

    private async Task<(string? Tcp, string? Udp)> AskAsync(string address, int port) =>
        (await Responder.AskTcpAsync(Stage.World, address, port), await Responder.AskUdpAsync(Stage.World, address, port));
}
