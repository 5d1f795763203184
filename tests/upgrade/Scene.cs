using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Networking.Daemon.Tests.Staging;
using Networking.Durability.Tests;

namespace Networking.Upgrade.Tests;

/// <summary>
/// A host as the previous version has left it, and what runs on it meanwhile.
/// <code>
///   a, b ── plain (chosen subnet) ──┐
///   a, b, path ── dual (4 and 6) ───┤
///   c, d ── alone (icc=false) ──────┼── host ── world
///   e ── inner (internal) ──────────┤
///   path ── adopt (ours0) ──────────┘
/// </code>
/// </summary>
internal sealed class Scene : IAsyncDisposable
{
    private readonly Stage _stage;
    private readonly List<IAsyncDisposable> _flows = [];

    private Scene(Stage stage) => _stage = stage;

    public required Place A { get; init; }

    public required Place B { get; init; }

    public required Place C { get; init; }

    public required Place D { get; init; }

    public required Place E { get; init; }

    public required Place ByPath { get; init; }

    /// <summary>New connections that must all arrive.</summary>
    public IReadOnlyList<NewConnections> Allowed { get; private set; } = [];

    /// <summary>New connections of which none may arrive.</summary>
    public IReadOnlyList<NewConnections> Forbidden { get; private set; } = [];

    /// <summary>Transfers that must go on.</summary>
    public IReadOnlyList<TcpFlow> Transfers { get; private set; } = [];

    /// <summary>Pings of which none may be lost.</summary>
    public IReadOnlyList<PingFlow> Pings { get; private set; } = [];

    private Place[] Sandboxes => [A, B, C, D, E, ByPath];

    /// <summary>Asks the daemon that runs for all of it, as a user does.</summary>
    public static async Task<Scene> SetAsync(Stage stage)
    {
        await stage.Host.IpAsync("link add ours0 type bridge");
        await stage.Host.IpAsync("addr add 10.95.0.1/24 dev ours0");
        await stage.Host.IpAsync("link set ours0 up");
        await NetctlAsync(stage, "create plain");
        await NetctlAsync(stage, "create dual --subnet 10.92.0.0/24 --subnet fd92::/64");
        await NetctlAsync(stage, "create alone --subnet 10.93.0.0/24 -o com.docker.network.bridge.enable_icc=false");
        await NetctlAsync(stage, "create inner --subnet 10.94.0.0/24 --internal");
        await NetctlAsync(stage, "create adopt -o com.docker.network.bridge.name=ours0");
        var places = new Dictionary<string, Place>(StringComparer.Ordinal);
        foreach (var name in new[] { "a", "b", "c", "d", "e" })
        {
            await NetctlAsync(stage, $"sandbox create {name}");
            using var document = JsonDocument.Parse((await stage.Api.GetAsync($"/v1/sandboxes/{name}")).Text);
            places[name] = new Place(name, document.RootElement.GetProperty("path").GetString()!);
        }

        var byPath = await stage.NamespaceAsync("path");
        foreach (var line in new[] { "plain a", "plain b", "dual a", "dual b", $"dual {byPath.Path}", "alone c", "alone d", "inner e", $"adopt {byPath.Path}" })
        {
            await NetctlAsync(stage, $"connect {line}");
        }

        return new Scene(stage) { A = places["a"], B = places["b"], C = places["c"], D = places["d"], E = places["e"], ByPath = byPath };
    }

    /// <summary>Lets everything flow, and waits until it does.</summary>
    public async Task FlowAsync()
    {
        var (plainB, c, d) = (await AddressAsync(B, "eth0"), await AddressAsync(C, "eth0"), await AddressAsync(D, "eth0"));
        await E.IpAsync($"route add {Stage.WorldAddress4} via 10.94.0.1");
        await _stage.World.IpAsync($"route add {plainB} via {Stage.HostAddress4}");
        Allowed =
        [
            Keep(new NewConnections("to a neighbour", A, B, plainB, 7101)),
            Keep(new NewConnections("to the world", A, _stage.World, Stage.WorldAddress4, 7102)),
            Keep(new NewConnections("from the icc=false network to the world", C, _stage.World, Stage.WorldAddress4, 7103)),
        ];
        Forbidden =
        [
            Keep(new NewConnections("into another network", A, C, c, 7201)),
            Keep(new NewConnections("without icc", C, D, d, 7202)),
            Keep(new NewConnections("out of an internal network", E, _stage.World, Stage.WorldAddress4, 7203)),
            Keep(new NewConnections("from the world to what is not published", _stage.World, B, plainB, 7204)),
        ];
        Transfers =
        [
            Keep(TcpFlow.Start(A.Path, B.Path, new(IPAddress.Parse(plainB), 7001))),
            Keep(TcpFlow.Start(A.Path, _stage.World.Path, new(IPAddress.Parse(Stage.WorldAddress4), 7002))),
        ];
        await A.ReachesAsync(Stage.WorldAddress4);
        await A.ReachesAsync(await AddressAsync(B, "eth1", "fd92"));
        Pings =
        [
            _stage.Keep(new PingFlow(A.Path, Stage.WorldAddress4)),
            _stage.Keep(new PingFlow(A.Path, await AddressAsync(B, "eth1", "fd92"))),
        ];
        await GoesOnAsync();
    }

    /// <summary>Waits until every flow has gone on for a while from now.</summary>
    public async Task GoesOnAsync()
    {
        var wanted = Allowed.Select(static f => f.Received + 30).ToArray();
        var numbers = Transfers.Select(static t => t.Received + 30).ToArray();
        _ = await Eventually.TrueAsync(
            TimeSpan.FromSeconds(20),
            () => Allowed.Zip(wanted).All(static p => p.First.Received >= p.Second) && Transfers.Zip(numbers).All(static p => p.First.Received >= p.Second),
            Sight);
    }

    /// <summary>What flowed, for messages.</summary>
    public string Sight() => string.Join(
        '\n',
        Allowed.Concat(Forbidden).Select(static f => f.ToString())
            .Concat(Transfers.Select(static t => $"transfer: {t.Received} numbers, longest pause {t.LongestPauseMs} ms {t.Failure}")));

    /// <summary>Who everything is: interfaces with index, addresses and mark, in every namespace, by <c>ip</c>.</summary>
    public async Task<string> IdentityAsync()
    {
        var lines = new List<string>();
        foreach (var place in Sandboxes.Prepend(_stage.Host))
        {
            foreach (var link in (await place.IpJsonAsync("address show")).EnumerateArray())
            {
                var own = new[] { "ifindex", "ifname", "address", "ifalias", "master" }.Select(f => link.TryGetProperty(f, out var value) ? value.ToString() : "-");
                var addresses = link.GetProperty("addr_info").EnumerateArray()
                    .Where(static a => a.TryGetProperty("local", out _))
                    .Select(static a => $"{a.GetProperty("local").GetString()}/{a.GetProperty("prefixlen")}");
                lines.Add($"{place.Name}: {string.Join(' ', own.Concat(addresses))}");
            }
        }

        return string.Join('\n', lines);
    }

    /// <summary>Ids of networks and endpoints with their names, by the daemon that runs.</summary>
    public async Task<string> IdsAsync()
    {
        using var networks = JsonDocument.Parse((await _stage.Api.GetAsync("/v1/networks")).Text);
        using var sandboxes = JsonDocument.Parse((await _stage.Api.GetAsync("/v1/sandboxes")).Text);
        return string.Join('\n', networks.RootElement.EnumerateArray().Where(static n => n.GetProperty("driver").GetString() is not ("host" or "none")).Concat(sandboxes.RootElement.EnumerateArray().SelectMany(static s => s.GetProperty("endpoints").EnumerateArray()))
            .Select(static o => $"{o.GetProperty("id").GetString()} {o.GetProperty("name").GetString()}")
            .Order(StringComparer.Ordinal));
    }

    /// <summary>Names of the sets and maps of netd's table, by <c>nft</c>.</summary>
    public async Task<string[]> SetsAsync() => await NamesAsync("set", "map");

    /// <summary>Names of its chains.</summary>
    public async Task<string[]> ChainsAsync() => await NamesAsync("chain");

    /// <summary>
    /// Whether a sandbox reaches a service that listens on the host's 127.0.0.1 alone, as one with full rights over its own
    /// namespace may try: it sends to that address over its interface, or a stranger's packet with it would do the same.
    /// </summary>
    public async Task<bool> ReachesLoopbackAsync()
    {
        _ = await C.RunAsync("ip", "route", "del", "table", "local", "local", "127.0.0.0/8", "dev", "lo");
        _ = await C.RunAsync("ip", "route", "del", "table", "local", "local", "127.0.0.1", "dev", "lo");
        await C.IpAsync("route replace 127.0.0.1 via 10.93.0.1");
        using var service = _stage.Host.Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        service.Bind(new IPEndPoint(IPAddress.Loopback, 7300));
        using var client = C.Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(0.8));
        try
        {
            _ = await client.SendToAsync("knock"u8.ToArray(), new IPEndPoint(IPAddress.Loopback, 7300), patience.Token);
            return await service.ReceiveAsync(new byte[16], patience.Token) > 0;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var flow in _flows)
        {
            await flow.DisposeAsync();
        }
    }

    /// <summary>The first address of an interface that begins so, without its length.</summary>
    public static async Task<string> AddressAsync(Place place, string link, string prefix = "1") =>
        (await place.AddressesAsync(link)).First(a => a.StartsWith(prefix, StringComparison.Ordinal)).Split('/')[0];

    /// <summary>A line of netctl that must succeed.</summary>
    public static async Task NetctlAsync(Stage stage, string line) => _ = (await stage.NetctlAsync(line.Split(' '))).Succeeded();

    private async Task<string[]> NamesAsync(params string[] kinds)
    {
        using var table = JsonDocument.Parse((await _stage.Host.RunAsync("nft", "-j", "list", "table", "inet", "netd")).Succeeded());
        return
        [
            .. table.RootElement.GetProperty("nftables").EnumerateArray()
                .SelectMany(o => kinds.Where(k => o.TryGetProperty(k, out _)).Select(k => o.GetProperty(k).GetProperty("name").GetString()!))
                .Order(StringComparer.Ordinal),
        ];
    }

    private T Keep<T>(T flow)
        where T : IAsyncDisposable
    {
        _flows.Add(flow);
        return flow;
    }
}
