using System.Net;
using System.Net.Sockets;
using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>Names in real sandboxes, asked by real clients: dig, the C library, busybox.</summary>
/// <remarks>
/// <code>
///   dig ──► 127.0.0.11:53 in the sandbox ──► netd ──► names of the sandbox's networks
///                                                 └──► the host's server, out in the world
/// </code>
/// </remarks>
public sealed class ResolverTests : IAsyncLifetime
{
    private static readonly TimeSpan s_restart = TimeSpan.FromSeconds(30);
    private Stage? _stage;
    private WorldServer? _server;

    private Stage Stage => _stage ?? throw new InvalidOperationException("the stage was not opened");

    private WorldServer Server => _server ?? throw new InvalidOperationException("the server was not started");

    public async ValueTask InitializeAsync()
    {
        _stage = await Stage.OpenAsync(before: async stage =>
        {
            await File.WriteAllTextAsync($"{stage.Folder}/resolv.conf", $"# the host's\nnameserver {Stage.WorldAddress4}\nsearch example.test\noptions timeout:9\n", Eventually.Cancel);
            stage.ConfigFile = $"{stage.Folder}/netd.json";
            await File.WriteAllTextAsync(stage.ConfigFile, $$"""{"dns": "on", "resolvConf": "{{stage.Folder}}/resolv.conf"}""", Eventually.Cancel);
            return true;
        });
        _server = Stage.Keep(new WorldServer(Stage.World, Stage.WorldAddress4));
        _ = await Stage.NetworkAsync("app", "10.20.0.0/24", "fd00:20::/64");
    }

    public async ValueTask DisposeAsync()
    {
        if (_stage is not null)
        {
            await _stage.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("+notcp")]
    [InlineData("+tcp")]
    public async Task Dig_is_told_names_addresses_and_ports(string transport)
    {
        var (_, web) = await Stage.ContainerAsync("app", "web", new ConnectRequest { Aliases = ["www"], Publish = ["8080:80"] });
        var (client, _) = await Stage.ContainerAsync("app", "client");

        Assert.Equal(web.Address4, await DigAsync(client, transport, "web"));
        Assert.Equal(web.Address6, await DigAsync(client, transport, "WWW.app", "AAAA"));
        Assert.Equal("web.app.", await DigAsync(client, transport, "-x", web.Address4));
        Assert.Equal("web.app.", await DigAsync(client, transport, "-x", web.Address6));
        Assert.Equal("0 0 80 web.app.", await DigAsync(client, transport, "_80._tcp.web", "SRV"));
        Assert.Equal(string.Empty, await DigAsync(client, transport, "web", "TXT"));
        Assert.Equal("NOERROR", await StatusAsync(client, transport, "web", "HTTPS"));
        Assert.Equal("NXDOMAIN", await StatusAsync(client, transport, "nothing"));
        Assert.Empty(Server.Asked);
    }

    [Fact]
    public async Task The_C_library_and_busybox_resolve_by_the_sandboxes_own_file()
    {
        var (_, web) = await Stage.ContainerAsync("app", "web");
        _ = await Stage.ContainerAsync("app", "client");

        Assert.Contains(web.Address6, (await Stage.NetctlAsync("sandbox", "exec", "client", "--", "getent", "hosts", "web")).Succeeded(), StringComparison.Ordinal);
        Assert.Contains(web.Address4, (await Stage.NetctlAsync("sandbox", "exec", "client", "--", "getent", "ahostsv4", "web.app")).Succeeded(), StringComparison.Ordinal);
        Assert.Contains("web.app", (await Stage.NetctlAsync("sandbox", "exec", "client", "--", "getent", "hosts", web.Address4)).Succeeded(), StringComparison.Ordinal);
        // The applet asks for a name without a dot only below the search list.
        Assert.Contains(web.Address4, (await Stage.NetctlAsync("sandbox", "exec", "client", "--", "busybox", "nslookup", "web.app")).Succeeded(), StringComparison.Ordinal);
        Assert.Contains(WorldServer.Answer, (await Stage.NetctlAsync("sandbox", "exec", "client", "--", "getent", "ahostsv4", "www.example.com")).Succeeded(), StringComparison.Ordinal);
        Assert.Equal(2, (await Stage.NetctlAsync("sandbox", "exec", "client", "--", "getent", "hosts", "nothing")).Code);

        var file = (await Stage.NetctlAsync("sandbox", "exec", "client", "--", "cat", "/etc/resolv.conf")).Succeeded();
        Assert.Contains("nameserver 127.0.0.11\nsearch example.test\noptions timeout:9 ndots:0\n", file, StringComparison.Ordinal);
        Assert.NotEqual(file, await File.ReadAllTextAsync("/etc/resolv.conf", Eventually.Cancel)); // the host's is as it was
    }

    /// <summary>What is built on Alpine: it asks all servers at once, and both families, and takes no answer but to its own question.</summary>
    [Fact]
    public async Task Musl_resolves_by_the_sandboxes_own_file()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/musl-gcc") && File.Exists("/usr/bin/gcc"), "needs musl-tools and gcc");
        var program = $"{Stage.Folder}/resolve";
        _ = (await Tool.RunAsync("musl-gcc", "-Wall", "-Werror", "-o", program, Path.Combine(AppContext.BaseDirectory, "Staging/resolve.c"))).Succeeded();
        var (_, web) = await Stage.ContainerAsync("app", "web");
        _ = await Stage.ContainerAsync("app", "client");

        var local = (await Stage.NetctlAsync("sandbox", "exec", "client", "--", program, "web")).Succeeded();
        Assert.Equal([$"{web.Address4} web.app", $"{web.Address6} web.app"], local.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
        Assert.StartsWith(WorldServer.Answer, (await Stage.NetctlAsync("sandbox", "exec", "client", "--", program, "www.example.com")).Succeeded(), StringComparison.Ordinal);
        var nobody = await Stage.NetctlAsync("sandbox", "exec", "client", "--", program, "nothing");
        Assert.Equal((2, "Name does not resolve"), (nobody.Code, nobody.Error.Trim()));
    }

    [Fact]
    public async Task A_file_that_was_edited_is_left_alone()
    {
        _ = await Stage.ContainerAsync("app", "mine");
        var path = (await Stage.Api.GetAsync("/v1/sandboxes/mine")).As(ApiJson.Default.SandboxDocument).ResolvConf;
        Assert.NotNull(path);
        await File.AppendAllTextAsync(path, "options ndots:5\n", Eventually.Cancel);
        await Stage.RestartAsync(isKilled: true);

        Assert.EndsWith("options ndots:5\n", await File.ReadAllTextAsync(path, Eventually.Cancel), StringComparison.Ordinal);
        _ = (await Stage.Api.DisconnectAsync("app", "mine")).Change();
        _ = (await Stage.Api.SendAsync(HttpMethod.Delete, "/v1/sandboxes/mine")).Change();
        _ = await Eventually.TrueAsync(TimeSpan.FromSeconds(5), () => !File.Exists(path), () => path);
    }

    [Fact]
    public async Task A_name_is_there_when_connect_returns_and_gone_when_disconnect_does()
    {
        var (client, _) = await Stage.ContainerAsync("app", "client");
        _ = await Stage.SandboxAsync("moth");
        for (var i = 0; i < 10; i++)
        {
            var endpoint = await Stage.ConnectAsync("app", "moth", new ConnectRequest { Aliases = ["flutter"] });
            Assert.Equal(endpoint.Address4, await DigAsync(client, "+notcp", "moth"));
            Assert.Equal(endpoint.Address6, await DigAsync(client, "+notcp", "flutter.app", "AAAA"));
            _ = (await Stage.Api.DisconnectAsync("app", "moth")).Change();
            Assert.Equal("NXDOMAIN", await StatusAsync(client, "+notcp", "moth"));
            Assert.Equal("NXDOMAIN", await StatusAsync(client, "+notcp", "flutter"));
            Assert.DoesNotContain(endpoint.Address4, await DigAsync(client, "+notcp", "moth.app"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_network_that_a_sandbox_is_not_on_is_not_resolved_nor_told_to_the_world()
    {
        _ = await Stage.NetworkAsync("secret", "10.21.0.0/24");
        _ = await Stage.ContainerAsync("secret", "vault");
        var (client, _) = await Stage.ContainerAsync("app", "client");

        Assert.Equal("NXDOMAIN", await StatusAsync(client, "+notcp", "vault"));
        Assert.Equal("NXDOMAIN", await StatusAsync(client, "+notcp", "vault.secret"));
        Assert.Equal("NXDOMAIN", await StatusAsync(client, "+notcp", "_80._tcp.vault.secret", "SRV"));
        Assert.Empty(Server.Asked);
        var endpoint = await Stage.ConnectAsync("secret", "client");
        Assert.NotNull(endpoint.Ipv4);
        Assert.Equal("NOERROR", await StatusAsync(client, "+notcp", "vault.secret"));
    }

    [Fact]
    public async Task Others_are_asked_once_for_what_is_not_ours_and_never_from_an_internal_network()
    {
        _ = await Stage.NetworkAsync(new CreateNetworkRequest { Name = "closed", Subnets = ["10.22.0.0/24"], Internal = true });
        var (inside, _) = await Stage.ContainerAsync("closed", "inside");
        var (client, _) = await Stage.ContainerAsync("app", "client");

        Assert.Equal(WorldServer.Answer, await DigAsync(client, "+notcp", "www.example.com"));
        Assert.Equal(WorldServer.Answer, await DigAsync(client, "+tcp", "www.example.com"));
        Assert.Equal("NXDOMAIN", await StatusAsync(inside, "+notcp", "www.example.com"));
        Assert.All(Server.Asked, static name => Assert.Equal("www", name));

        Assert.Equal("upstream", await StageOfAsync("client", "fresh.example.com"));
        Assert.Equal("cache", await StageOfAsync("client", "FRESH.example.com"));
        Assert.Equal("names", await StageOfAsync("client", "client"));
        Assert.Equal("internal", await StageOfAsync("inside", "fresh.example.com"));
    }

    [Fact]
    public async Task Clients_see_no_error_while_the_daemon_is_killed_and_comes_back()
    {
        var (_, web) = await Stage.ContainerAsync("app", "web");
        var (client, _) = await Stage.ContainerAsync("app", "client");
        using var stop = new CancellationTokenSource(s_restart);
        var flows = Enumerable.Range(0, 4).Select(i => AskOnAsync(client, i, stop.Token)).ToArray();
        var byTcp = DigAsync(client, "+notcp", "web");
        Assert.Equal(web.Address4, await byTcp);

        await Stage.Daemon.KillAsync();
        var connecting = client.ConnectAsync("127.0.0.11", 53, TimeSpan.FromSeconds(15)); // its SYN meets nobody, and no reset comes
        await Stage.StartAsync();
        using (var connected = await connecting)
        {
            Assert.NotNull(connected);
        }

        await Task.Delay(TimeSpan.FromSeconds(1), Eventually.Cancel);
        await stop.CancelAsync();
        var answered = await Task.WhenAll(flows);
        Assert.All(answered, static count => Assert.InRange(count, 100, int.MaxValue));
        await Stage.AssertNothingDiffersAsync();
    }

    [Fact]
    public async Task Two_thousand_questions_at_once_are_all_answered()
    {
        _ = await Stage.ContainerAsync("app", "web");
        var (client, _) = await Stage.ContainerAsync("app", "client");
        var asking = Enumerable.Range(0, 20).Select(_ => AskAtOnceAsync(client, count: 100)).ToArray(); // as many as a client's own buffer holds
        Assert.Equal(2_000, (await Task.WhenAll(asking)).Sum());
    }

    [Fact]
    public async Task Beside_somebody_who_serves_the_usual_address_ours_is_the_next()
    {
        var place = await Stage.NamespaceAsync("engine");
        using var theirs = place.Socket(AddressFamily.InterNetwork, SocketType.Dgram);
        theirs.Bind(IPEndPoint.Parse("127.0.0.11:40053"));
        _ = await Stage.ContainerAsync("app", "web");
        _ = await Stage.ConnectAsync("app", place.Path);

        Assert.Equal("10.20.0.2", (await place.RunAsync("dig", "@127.0.0.12", "+short", "+tries=1", "web")).Succeeded().Trim());
        Assert.DoesNotContain("127.0.0.11", (await place.RunAsync("nft", "list", "ruleset")).Succeeded(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sandbox_keeps_its_own_port_53_and_no_question_is_tracked()
    {
        var (_, web) = await Stage.ContainerAsync("app", "web");
        var (client, _) = await Stage.ContainerAsync("app", "client");
        using var theirs = client.Socket(AddressFamily.InterNetwork, SocketType.Dgram);
        theirs.Bind(IPEndPoint.Parse("0.0.0.0:53")); // a name server of the container's own
        using var theirs6 = client.Socket(AddressFamily.InterNetworkV6, SocketType.Stream);
        theirs6.Bind(IPEndPoint.Parse("[::]:53"));
        theirs6.Listen();

        Assert.Equal(web.Address4, await DigAsync(client, "+notcp", "web"));
        Assert.Equal(web.Address4, await DigAsync(client, "+tcp", "web"));
        using var asking = client.Socket(AddressFamily.InterNetwork, SocketType.Dgram);
        _ = await asking.SendToAsync(Question(7), IPEndPoint.Parse("127.0.0.1:53"), Eventually.Cancel);
        var heard = new byte[64];
        Assert.Equal(Question(7), heard[..await theirs.ReceiveAsync(heard, Eventually.Cancel)]);
        var tables = (await client.RunAsync("sh", "-c", "nft list ruleset; cat /proc/net/nf_conntrack 2>/dev/null; conntrack -L 2>/dev/null")).Succeeded();
        Assert.DoesNotContain("nat", tables.Replace("destination", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1 dst", tables, StringComparison.Ordinal);
        Assert.DoesNotContain("dport=53", tables, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_the_last_endpoint_nothing_of_ours_is_left_in_a_foreign_namespace()
    {
        var place = await Stage.NamespaceAsync("guest");
        _ = await Stage.ConnectAsync("app", place.Path);
        Assert.Contains("127.0.0.11:61053", (await place.RunAsync("ss", "-Hlnut")).Succeeded(), StringComparison.Ordinal);
        _ = (await Stage.Api.DisconnectAsync("app", place.Path)).Change();

        _ = await Eventually.OutputAsync(
            TimeSpan.FromSeconds(5), () => place.RunAsync("sh", "-c", "ss -Hlnut; nft list ruleset"), static o => o.IsDone && o.Text.Trim().Length == 0);
    }

    // All questions before the first answer is read.
    private static async Task<int> AskAtOnceAsync(Place client, int count)
    {
        using var socket = client.Socket(AddressFamily.InterNetwork, SocketType.Dgram);
        await socket.ConnectAsync(IPEndPoint.Parse("127.0.0.11:53"), Eventually.Cancel);
        for (var i = 0; i < count; i++)
        {
            _ = await socket.SendAsync(Question(i), Eventually.Cancel);
        }

        var answered = new HashSet<int>();
        var buffer = new byte[512];
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (answered.Count < count)
        {
            Assert.Equal(21 + 16, await socket.ReceiveAsync(buffer, deadline.Token));
            _ = answered.Add((buffer[0] << 8) | buffer[1]);
        }

        return answered.Count;
    }

    // Like the C library: the same question from the same socket, again when a second has passed. Any error is the test's.
    private static async Task<int> AskOnAsync(Place client, int flow, CancellationToken stop)
    {
        using var socket = client.Socket(AddressFamily.InterNetwork, SocketType.Dgram);
        await socket.ConnectAsync(IPEndPoint.Parse("127.0.0.11:53"), CancellationToken.None);
        var buffer = new byte[512];
        var answered = 0;
        while (!stop.IsCancellationRequested)
        {
            var question = Question((flow << 12) | (answered & 0xfff));
            for (var attempt = 0; ; attempt++)
            {
                Assert.InRange(attempt, 0, 5);
                _ = await socket.SendAsync(question, CancellationToken.None);
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
                try
                {
                    do
                    {
                        _ = await socket.ReceiveAsync(buffer, patience.Token);
                    }
                    while (buffer[0] != question[0] || buffer[1] != question[1]); // an answer to the one before
                    Assert.Equal(0x80, buffer[3] & 0x8f); // RA, and no error
                    break;
                }
                catch (OperationCanceledException)
                {
                    // Asked again.
                }
            }

            answered++;
        }

        return answered;
    }

    // web, A, IN: 21 bytes with its header.
    private static byte[] Question(int id) =>
        [(byte)(id >> 8), (byte)id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, (byte)'w', (byte)'e', (byte)'b', 0, 0, 1, 0, 1];

    private static async Task<string> DigAsync(Place place, params string[] words) =>
        (await place.RunAsync("dig", ["@127.0.0.11", "+short", "+tries=2", "+time=3", .. words])).Succeeded().Trim();

    private static async Task<string> StatusAsync(Place place, params string[] words)
    {
        var text = (await place.RunAsync("dig", ["@127.0.0.11", "+tries=2", "+time=3", .. words])).Succeeded();
        var at = text.IndexOf("status: ", StringComparison.Ordinal) + "status: ".Length;
        return text[at..text.IndexOf(',', at)];
    }

    private async Task<string> StageOfAsync(string sandbox, string name) =>
        (await Stage.Api.GetAsync($"/v1/dns/query?sandbox={sandbox}&name={name}")).As(ApiJson.Default.DnsAnswerDocument).Stage;
}
