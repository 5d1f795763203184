using System.Collections.Immutable;
using System.Net;
using Networking.Drivers;
using Networking.Ipam;
using Networking.Kernel;
using Networking.Model;
using Networking.Model.Api;
using Networking.Netd.Control;
using Networking.Netd.Ipam;
using Networking.Netd.Ports;
using Networking.Netd.Requests;
using Networking.Netd.Tests.Control;
using Networking.Netd.Tests.Ports;
using Networking.TestSupport;

namespace Networking.Netd.Tests.Ipam;

/// <summary>Granted state, changed by requests as the daemon decides them, on a host that the test describes.</summary>
internal sealed class Node
{
    public const string Boot = "boot-1";
    private readonly SeededIdSource _ids = new(new Random(1));
    private readonly InMemoryStore _store = new();
    private readonly FakeNamespaces _namespaces = new();

    public Node(params SubnetPool[] pools)
    {
        Rules = new AddressRules([.. pools], TimeSpan.FromSeconds(60));
        var node = new NodeRecord { InstanceId = "0badcafe", BootId = Boot };
        State = new NodeState
        {
            Node = node,
            Subnets = AddressSpace.Create(DefaultPools.Of(node.InstanceId, Rules.Pools)),
            AddressRest = Rules.Rest,
        };
        _store.CommitAsync(new StoreChange { Node = node }, Durability.Disk, CancellationToken.None).AssertDone();
    }

    public AddressRules Rules { get; }

    public NodeState State { get; private set; }

    public HostFacts Facts { get; set; } = new();

    public List<IPAddress> Resolvers { get; } = [];

    public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>An interface of the host with an address, and the route of its prefix.</summary>
    public void AddLink(string name, string address, int length)
    {
        var own = new InterfaceAddress(IPAddress.Parse(address), length);
        Facts = Facts with { Links = Facts.Links.Add(new HostLink(name, string.Empty, null, 1500, null, [own])) };
        Facts = Facts with { Routes = Facts.Routes.Add(new HostRoute(own.Network, null, name, 2 /* RTPROT_KERNEL */)) };
    }

    /// <summary>A route of the host; without a gateway it leads out of the interface.</summary>
    public void AddRoute(string destination, string? gateway, string link)
    {
        if (Facts.Links.All(l => l.Name != link))
        {
            Facts = Facts with { Links = Facts.Links.Add(new HostLink(link, "tun", null, 1500, null, [])) };
        }

        Facts = Facts with
        {
            Routes = Facts.Routes.Add(new HostRoute(IPNetwork.Parse(destination), gateway is null ? null : IPAddress.Parse(gateway), link, 3 /* RTPROT_BOOT */)),
        };
    }

    /// <summary>Decides a request; a granted one is taken.</summary>
    public (CreatedNetwork? Created, ImmutableArray<Problem> Problems) Create(CreateNetworkRequest request)
    {
        var problems = new List<Problem>();
        var spec = NetworkRequestReader.Read(request, problems);
        problems.AddRange(NetworkDrivers.All[spec.Driver].Validate(spec).Problems);
        problems.AddRange(NetworkDrivers.All[spec.Driver].JudgeHost(spec, Facts).Problems);
        return problems.Count > 0 ? (null, [.. problems]) : Take(new CreateNetwork(spec, Facts, Resolvers, _ids, Now));
    }

    /// <summary>A network that must be granted.</summary>
    public NetworkRecord Network(string name, params string[] subnets)
    {
        var (created, problems) = Create(new CreateNetworkRequest { Name = name, Subnets = [.. subnets] });
        Assert.True(created is not null, string.Join('\n', problems));
        return created.Network;
    }

    /// <summary>Changes a network; a granted change is taken.</summary>
    public (UpdatedNetwork? Updated, ImmutableArray<Problem> Problems) Update(string network, UpdateNetworkRequest request)
    {
        var problems = new List<Problem>();
        var edit = NetworkEditReader.Read(request, problems);
        return problems.Count > 0
            ? (null, [.. problems])
            : Take(new UpdateNetwork(
                network, edit, Facts, Resolvers, Now));
    }

    /// <summary>A change that must be granted.</summary>
    public UpdatedNetwork Updated(string network, UpdateNetworkRequest request)
    {
        var (updated, problems) = Update(network, request);
        Assert.True(updated is not null, string.Join('\n', problems));
        return updated;
    }

    /// <summary>Changes the ports of an endpoint; a granted change is taken.</summary>
    public (EndpointRecord? Endpoint, ImmutableArray<Problem> Problems) UpdatePorts(
        string network, string endpoint, ImmutableArray<string> publish, ImmutableArray<string> unpublish) =>
        UpdateEndpoint(network, endpoint, new UpdateEndpointRequest { Publish = publish, Unpublish = unpublish });

    /// <summary>Changes an endpoint; a granted change is taken.</summary>
    public (EndpointRecord? Endpoint, ImmutableArray<Problem> Problems) UpdateEndpoint(string network, string endpoint, UpdateEndpointRequest request)
    {
        var problems = new List<Problem>();
        var removed = UnpublishReader.Read(request.Unpublish, problems);
        var dns = DnsReader.Read(request.Dns, request.DnsSearch, request.DnsOptions, problems);
        PortExposure? exposure = request.Publish.IsEmpty && PublishEntry.TryReadExposure(request.Expose ?? string.Empty, out var level) ? level : null;
        var found = State.Networks[State.NetworkNames[network]];
        var gone = State.Endpoints[found.EndpointNames[endpoint]].Ports.Where(p => removed.Any(r => r.Matches(p)));
        var claimed = Claim(State with { HostPorts = State.HostPorts.Release(gone) }, network, request.Publish, problems);
        return problems.Count > 0 ? (null, [.. problems]) : Take(new UpdateEndpoint(network, endpoint, null, claimed, removed, dns, exposure));
    }

    public (EndpointRecord? Endpoint, ImmutableArray<Problem> Problems) Connect(
        string network, string sandbox, string? ip = null, string? ip6 = null, ImmutableArray<string> ports = default, string? name = null)
    {
        var problems = new List<Problem>();
        var grants = Claim(State, network, ports.IsDefault ? [] : ports, problems);
        if (problems.Count > 0)
        {
            return (null, [.. problems]);
        }

        var path = $"/run/netns/{sandbox}";
        var candidate = Candidates.At(State, path, () => (new SandboxId(_ids.NewId()), _namespaces.Add(path)), Boot, Now);
        var spec = new EndpointSpec
        {
            Name = name ?? sandbox,
            Ipv4 = ip is null ? null : IPAddress.Parse(ip),
            Ipv6 = ip6 is null ? null : IPAddress.Parse(ip6),
        };
        return Take(new Connect(network, candidate, spec, grants, Boot, _ids, Now));
    }

    public string Address(string network, string sandbox, string? ip = null)
    {
        var (endpoint, problems) = Connect(network, sandbox, ip);
        Assert.True(endpoint is not null, string.Join('\n', problems));
        return endpoint.Ipv4!.Address.ToString(); // the networks of these tests have IPv4
    }

    public void Disconnect(string network, string sandbox) =>
        _ = Take(new Disconnect(network, $"/run/netns/{sandbox}", null, Now));

    public void Remove(string network) => _ = Take(new RemoveNetwork(network, IsForced: true));

    public void Lose(string sandbox) => _namespaces.Lose($"/run/netns/{sandbox}");

    public async Task RestartAsync(string bootId = Boot) =>
        State = await new StateLoader(_store, _namespaces, _ids, bootId, Rules, Now).LoadAsync(CancellationToken.None);

    public HostObstacles Obstacles => HostObstacles.Of(Facts, Resolvers).Beside(State.SubnetsOn);

    public IpamWhyDocument Why(string address) => new AddressInquiry(State, Facts, Obstacles, Now).Answer(address);

    // Nobody else is on this host, so what is not granted can be had.
    private static ImmutableArray<PortGrant> Claim(NodeState state, string network, ImmutableArray<string> ports, List<Problem> problems)
    {
        var spec = new EndpointSpec { Publish = PublishReader.Read(ports, null, problems) };
        return new PortClerk(new FakeHostPorts(), PortExposure.Lan)
            .Claim(state, state.Networks[state.NetworkNames[network]].Record, spec, ForeignPorts.None, problems).Grants;
    }

    private (T? Result, ImmutableArray<Problem> Problems) Take<T>(IIntentCommand<T> command)
        where T : class
    {
        var decision = command.Decide(State);
        if (decision.Refusal is { } refusal)
        {
            return (null, refusal.Problems);
        }

        State = decision.Next!; // granted
        _store.CommitAsync(decision.Change, Durability.Disk, CancellationToken.None).AssertDone();
        return (decision.Result, []);
    }
}
