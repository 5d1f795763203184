using System.Net;
using Networking.Daemon.Tests.Staging;

namespace Networking.Daemon.Tests.Matrix;

/// <summary>The tables of the page, and what must be reached for any of them to mean something.</summary>
internal sealed class MatrixTables(MatrixStage stage)
{
    private const string Bridge = "bridge";

    private static readonly (string Name, int Port)[] Published =
    [
        ("loopback", MatrixNetwork.ForLoopback),
        ("lan", MatrixNetwork.ForLan),
        ("world", MatrixNetwork.ForWorld),
    ];

    /// <summary>All tables, in the page's order.</summary>
    public IReadOnlyList<AccessTable> All =>
    [
        .. new[] { "nat", "nat-unprotected", "routed", "icc off" }.Select(n => stage[n]).SelectMany(n => new[] { AtHost(n), AtLoopback(n), Direct(n) }),
        AtGateway(stage["nat"]),
        .. new[] { stage["IPv4 nat, IPv6 routed"] }.SelectMany(n => new[] { AtHost(n), Direct(n) }),
        .. new[] { "only IPv4", "only IPv6" }.Select(n => stage[n]).SelectMany(n => new[] { AtHost(n), AtLoopback(n) }),
        .. new[] { "internal", "isolated" }.Select(n => Inside(stage[n])),
        Outwards(),
    ];

    /// <summary>
    /// Probes that are answered whatever the firewall thinks of the rest: every client can send and receive, every server
    /// answers. Without them "blocked" may only mean that nobody was there.
    /// </summary>
    public IEnumerable<Probe> Controls =>
        from isIpv6 in new[] { false, true }
        from transport in new[] { Transport.Tcp, Transport.Udp }
        from pair in ClientControls(isIpv6).Concat(ServerControls(isIpv6))
        select new Probe(pair.From, transport, pair.To);

    /// <summary>Host and LAN as their tools see them, for the message of a failed test.</summary>
    public async Task<string> SightAsync() => $"host:\n{await stage.Stage.Host.SightAsync()}\nlan:\n{await stage.Lan.SightAsync()}";

    private IEnumerable<(Place From, IPEndPoint To)> ClientControls(bool isIpv6)
    {
        yield return (stage.Stage.Host, Service(isIpv6 ? MatrixStage.Lan6 : MatrixStage.Lan4));
        yield return (stage.Lan, Service(isIpv6 ? MatrixStage.LanHost6 : MatrixStage.LanHost4));
        yield return (stage.Stage.World, Service(isIpv6 ? Stage.HostAddress6 : Stage.HostAddress4));
        foreach (var network in stage.Networks.Where(n => n.Address(isIpv6) is not null && n.Name != "isolated"))
        {
            yield return (network.Neighbor, new IPEndPoint(network.Gateway(isIpv6), MatrixStage.ServicePort));
            yield return (network.Publisher, new IPEndPoint(network.Gateway(isIpv6), MatrixStage.ServicePort));
        }
    }

    private IEnumerable<(Place From, IPEndPoint To)> ServerControls(bool isIpv6) =>
        from network in stage.Networks
        let address = network.Address(isIpv6)
        where address is not null
        from port in MatrixNetwork.Ports
        select (network.Name == "isolated" ? network.Neighbor : stage.Stage.Host, new IPEndPoint(address, port));

    private static IPEndPoint Service(string address) => new(IPAddress.Parse(address), MatrixStage.ServicePort);

    private AccessTable AtHost(MatrixNetwork network) => Table(network, "at the host's address",
    [
        .. Published.Select(p => new Target(p.Name, static (client, isIpv6) => client.Host(isIpv6), network.HostPort(p.Port))),
        new Target("127.0.0.1 only", static (client, isIpv6) => client.Host(isIpv6), network.HostPort(MatrixNetwork.AtLoopback)),
        new Target("unpublished", static (client, isIpv6) => client.Host(isIpv6), network.HostPort(MatrixNetwork.Unpublished)),
    ]);

    private AccessTable AtGateway(MatrixNetwork network) => Table(network, "at the gateway's address",
    [
        .. Published.Select(p => new Target(p.Name, (_, isIpv6) => network.Gateway(isIpv6), network.HostPort(p.Port))),
        new Target("unpublished", (_, isIpv6) => network.Gateway(isIpv6), network.HostPort(MatrixNetwork.Unpublished)),
    ]);

    private AccessTable AtLoopback(MatrixNetwork network) => Table(network, "at 127.0.0.1 and ::1",
    [
        .. Published.Append(("127.0.0.1 only", MatrixNetwork.AtLoopback)).Select(p =>
            new Target(p.Item1, static (_, isIpv6) => isIpv6 ? IPAddress.IPv6Loopback : IPAddress.Loopback, network.HostPort(p.Item2))),
    ]);

    private AccessTable Direct(MatrixNetwork network) => Table(network, "at the container's own address",
    [
        .. Published.Append(("unpublished", MatrixNetwork.Unpublished)).Append(("ping", 0)).Select(p =>
            new Target(p.Item1, (_, isIpv6) => network.Address(isIpv6), p.Item2)),
    ]);

    private AccessTable Inside(MatrixNetwork network) => Table(network, "at the container's own address",
    [
        new Target("any port", (_, isIpv6) => network.Address(isIpv6), MatrixNetwork.Unpublished),
        new Target("ping", (_, isIpv6) => network.Address(isIpv6), 0),
    ]);

    private AccessTable Outwards()
    {
        var other = stage["other"];
        var networks = new[] { "nat", "nat-unprotected", "routed", "icc off", "internal", "isolated" }.Select(n => stage[n]).ToArray();
        var byPlace = networks.ToDictionary(static n => n.Neighbor);
        return new AccessTable(
            "from a container",
            [.. networks.Select(static n => Container(n.Name, n.Neighbor, n.NeighborEnd.Ipv4, n.NeighborEnd.Ipv6))],
            [
                new Target("container, same network", (client, isIpv6) => byPlace[client.Place].Address(isIpv6), MatrixNetwork.Unpublished),
                new Target("host, gateway's address", (client, isIpv6) => byPlace[client.Place].Gateway(isIpv6), MatrixStage.ServicePort),
                new Target("host, other address", static (client, isIpv6) => client.Host(isIpv6), MatrixStage.ServicePort),
                new Target("host, 127.0.0.1", static (_, isIpv6) => isIpv6 ? IPAddress.IPv6Loopback : IPAddress.Loopback, MatrixStage.ServicePort),
                new Target("LAN", static (_, isIpv6) => IPAddress.Parse(isIpv6 ? MatrixStage.Lan6 : MatrixStage.Lan4), MatrixStage.ServicePort),
                new Target("world", static (_, isIpv6) => IPAddress.Parse(isIpv6 ? Stage.WorldAddress6 : Stage.WorldAddress4), MatrixStage.ServicePort),
                new Target("published by another network", static (client, isIpv6) => client.Host(isIpv6), other.HostPort(MatrixNetwork.ForLan)),
                new Target("container, another network", (_, isIpv6) => other.Address(isIpv6), MatrixNetwork.Unpublished),
            ],
            NamesFor([.. networks, other]));
    }

    private AccessTable Table(MatrixNetwork network, string where, IReadOnlyList<Target> columns) =>
        new($"{network.Name}, {where}", ClientsOf(network), columns, NamesFor([network]));

    private IReadOnlyList<Client> ClientsOf(MatrixNetwork network)
    {
        var (other, inner) = (stage["other"], stage["internal"]);
        Client?[] all =
        [
            new("host", stage.Stage.Host, [MatrixStage.LanHost4, MatrixStage.LanHost6], MatrixStage.LanHost4, MatrixStage.LanHost6),
            Container("the container itself", network.Publisher, network.PublisherEnd.Ipv4, network.PublisherEnd.Ipv6),
            Container("container, same network", network.Neighbor, network.NeighborEnd.Ipv4, network.NeighborEnd.Ipv6),
            Container("container, another network", other.Neighbor, other.NeighborEnd.Ipv4, other.NeighborEnd.Ipv6),
            network == inner ? null : Container("container, an internal network", inner.Neighbor, inner.NeighborEnd.Ipv4, inner.NeighborEnd.Ipv6),
            new("LAN, private address", stage.Lan, [MatrixStage.Lan4, MatrixStage.Lan6], MatrixStage.LanHost4, MatrixStage.LanHost6),
            new("world, public address", stage.Stage.World, [Stage.WorldAddress4, Stage.WorldAddress6], Stage.HostAddress4, Stage.HostAddress6),
        ];
        return [.. all.OfType<Client>()];
    }

    private static Client Container(string name, Place place, string? ipv4, string? ipv6) => new(
        name,
        place,
        [.. new[] { ipv4, ipv6 }.OfType<string>().Select(Addresses.Bare)],
        MatrixStage.LanHost4,
        MatrixStage.LanHost6);

    private static Dictionary<string, string> NamesFor(IReadOnlyList<MatrixNetwork> networks)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var address in new[] { MatrixStage.LanHost4, MatrixStage.LanHost6, Stage.HostAddress4, Stage.HostAddress6 })
        {
            names.Add(address, "host");
        }

        foreach (var network in networks)
        {
            names.Add(network.Gateway(isIpv6: false).ToString(), Bridge);
            names.Add(network.Gateway(isIpv6: true).ToString(), Bridge);
        }

        return names;
    }
}
