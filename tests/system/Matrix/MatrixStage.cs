using System.Net;
using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests.Matrix;

/// <summary>A host with a network of each kind, and clients on every side of it.</summary>
/// <remarks>
/// <code>
///   lan    192.168.7.2   fd07::2 ─────────── lan ── host ── bridges ── a publisher and a neighbor each
///   world  198.51.100.1  2001:db8:51::1 ─ uplink ─┘
/// </code>
/// Both know a route by the host to every subnet, and to its 127.0.0.1; so do the containers. What is not reached is not
/// reached because something stopped it.
/// </remarks>
internal sealed class MatrixStage : IAsyncDisposable
{
    /// <summary>Port of what has nothing to do with containers: services of the host, of the LAN, of the world.</summary>
    public const int ServicePort = 7000;

    public const string LanHost4 = "192.168.7.1";
    public const string LanHost6 = "fd07::1";
    public const string Lan4 = "192.168.7.2";
    public const string Lan6 = "fd07::2";

    private static readonly (string Name, CreateNetworkRequest Request)[] Kinds =
    [
        ("nat", Of("nat")),
        ("nat-unprotected", Of("nat-unprotected")),
        ("routed", Of("routed")),
        ("icc off", With(Of("nat"), "icc", "false")),
        ("other", Of("nat")),
        ("IPv4 nat, IPv6 routed", With(Of("nat"), "gateway-mode-ipv6", "routed")),
        ("only IPv4", Of("nat")),
        ("only IPv6", Of("nat") with { Ipv4 = false }),
        ("internal", Of("nat") with { Internal = true }),
        ("isolated", Of("isolated") with { Internal = true }),
    ];

    private readonly Dictionary<string, MatrixNetwork> _networks = new(StringComparer.Ordinal);

    private MatrixStage(Stage stage, Place lan)
    {
        Stage = stage;
        Lan = lan;
    }

    public Stage Stage { get; }

    public Place Lan { get; }

    public MatrixNetwork this[string name] => _networks[name];

    public IEnumerable<MatrixNetwork> Networks => _networks.Values;

    public static async Task<MatrixStage> OpenAsync(HostKind kind)
    {
        Place? lan = null;
        var stage = await Stage.OpenAsync(before: async stage =>
        {
            lan = await NeighborhoodAsync(stage);
            await kind.PrepareAsync(stage);
            return true;
        });
        var matrix = new MatrixStage(stage, lan!); // set before the daemon started
        try
        {
            foreach (var (name, request) in Kinds)
            {
                await matrix.AddAsync(name, request);
            }

            await Task.WhenAll(matrix.Networks.Select(matrix.RouteAsync));
            matrix.Serve();
            return matrix;
        }
        catch
        {
            await matrix.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => Stage.DisposeAsync();

    private static CreateNetworkRequest Of(string mode) => new() { Options = Options.Of(("gateway-mode-ipv4", mode), ("gateway-mode-ipv6", mode)) };

    private static CreateNetworkRequest With(CreateNetworkRequest request, string key, string value) =>
        request with { Options = request.Options.SetItem(key, value) };

    private static async Task<Place> NeighborhoodAsync(Stage stage)
    {
        var lan = await stage.NamespaceAsync("lan");
        await stage.Host.IpAsync($"link add lan type veth peer name lan netns {Path.GetFileName(lan.Path)}");
        foreach (var (place, v4, v6) in new[] { (stage.Host, LanHost4, LanHost6), (lan, Lan4, Lan6) })
        {
            await place.IpAsync($"addr add {v4}/24 dev lan");
            await place.IpAsync($"addr add {v6}/64 dev lan nodad");
            await place.IpAsync("link set lan up");
        }

        foreach (var (place, v4, v6, device) in new[] { (lan, LanHost4, LanHost6, "lan"), (stage.World, Stage.HostAddress4, Stage.HostAddress6, "uplink") })
        {
            await place.IpAsync($"route add 10.90.0.0/16 via {v4}");
            await place.IpAsync($"route add fd90::/16 via {v6}");
            await ForgeAsync(place, v4, v6, device);
        }

        return lan;
    }

    // Whose packets to 127.0.0.1 and ::1 leave by a device, to the host.
    private static async Task ForgeAsync(Place place, string? v4, string? v6, string device)
    {
        var lines = new List<string>();
        if (v4 is not null)
        {
            lines.Add($"echo 1 >/proc/sys/net/ipv4/conf/{device}/route_localnet"); // or it would not take the answer
            lines.Add("ip addr del 127.0.0.1/8 dev lo");
            lines.Add($"ip route add 127.0.0.1 via {v4} dev {device}");
        }

        if (v6 is not null)
        {
            lines.Add("ip addr del ::1/128 dev lo");
            lines.Add($"ip -6 route add ::1 via {v6} dev {device}");
        }

        _ = (await place.RunAsync("sh", "-ec", string.Join('\n', lines))).Succeeded();
    }

    private async Task AddAsync(string name, CreateNetworkRequest request)
    {
        var number = _networks.Count + 1;
        var tag = $"m{number}";
        string[] subnets = [$"10.90.{number}.0/24", $"fd90:{number}::/64"];
        var network = await Stage.NetworkAsync(request with
        {
            Name = tag,
            Subnets = name switch { "only IPv4" => [subnets[0]], "only IPv6" => [subnets[1]], _ => [.. subnets] },
        });

        // Where nobody is the gateway its address is anybody's, and here it stands for the host's.
        ConnectRequest At(int host) => name == "isolated" ? new() { Ip = $"10.90.{number}.{host}", Ip6 = $"fd90:{number}::{host}" } : new();
        var publisher = Stage.ContainerAsync(tag, $"{tag}-publisher", request.Internal ? At(10) : MatrixNetwork.Publishing(number));
        var neighbor = Stage.ContainerAsync(tag, $"{tag}-neighbor", At(11));
        await Task.WhenAll(publisher, neighbor);
        var ((one, oneEnd), (two, twoEnd)) = (await publisher, await neighbor);
        _networks.Add(name, new MatrixNetwork(name, number, one, oneEnd, two, twoEnd, network.Device));
    }

    // Internal networks give no routes; somebody inside may make them.
    private async Task RouteAsync(MatrixNetwork network)
    {
        var (v4, v6) = (network.Gateway(isIpv6: false).ToString(), network.Gateway(isIpv6: true).ToString());
        foreach (var place in new[] { network.Publisher, network.Neighbor })
        {
            if (network.Name is "internal" or "isolated")
            {
                await place.IpAsync($"route add default via {v4} dev eth0 onlink");
                await place.IpAsync($"-6 route add default via {v6} dev eth0 onlink");
            }

            if (network.Name == "isolated")
            {
                var bridge = (await Stage.Host.LinkAsync(network.Device))!.Value.GetProperty("address").GetString();
                await place.IpAsync($"neigh replace {v4} lladdr {bridge} dev eth0");
                await place.IpAsync($"neigh replace {v6} lladdr {bridge} dev eth0");
            }

            await ForgeAsync(place, network.Name == "only IPv6" ? null : v4, network.Name == "only IPv4" ? null : v6, "eth0");
        }
    }

    private void Serve()
    {
        IPAddress[] everywhere = [IPAddress.Any, IPAddress.IPv6Any];
        foreach (var network in Networks)
        {
            _ = Stage.Keep(Answerer.Open(network.Publisher, everywhere, MatrixNetwork.Ports));
        }

        _ = Stage.Keep(Answerer.Open(Lan, everywhere, ServicePort));
        _ = Stage.Keep(Answerer.Open(Stage.World, everywhere, ServicePort));

        // Bound to an address each, so that a datagram's answer comes from where it was sent to.
        string[] ofHost = [LanHost4, LanHost6, Stage.HostAddress4, Stage.HostAddress6, "127.0.0.1", "::1"];
        var gateways =
            from network in Networks
            where network.Name != "isolated"
            from isIpv6 in new[] { false, true }
            where network.Address(isIpv6) is not null
            select network.Gateway(isIpv6);
        _ = Stage.Keep(Answerer.Open(Stage.Host, [.. ofHost.Select(IPAddress.Parse), .. gateways], ServicePort));
    }
}
