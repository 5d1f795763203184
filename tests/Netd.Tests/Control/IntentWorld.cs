using System.Collections.Immutable;
using System.Net;
using Networking.Ipam;
using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Control;
using Networking.Netd.Ipam;
using Networking.Netd.Ports;
using Networking.Netd.Requests;
using Networking.Netd.Tests.Ports;
using Networking.TestSupport;

namespace Networking.Netd.Tests.Control;

/// <summary>Granted state with a store behind it, changed by commands as the actor does.</summary>
internal sealed class IntentWorld
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const string BootId = "boot-1";
    private static readonly AddressRules s_rules = new([], TimeSpan.FromSeconds(60));
    private static readonly string[] s_parents = ["eth0", "eth0.5", "eth0.6", "eth1"];
    private static readonly HostFacts s_facts = new()
    {
        Links = [new HostLink("eth0", string.Empty, null, 1500, null, []), new HostLink("eth1", string.Empty, null, 1500, null, [])],
        Sysctls = ImmutableSortedDictionary.CreateRange(
            [KeyValuePair.Create("net/ipv4/ip_forward", "0"), KeyValuePair.Create("net/ipv6/conf/all/forwarding", "0")]),
    };

    private readonly Random _random;
    private readonly SeededIdSource _ids;
    private readonly InMemoryStore _store = new();
    private readonly PlantedClaim _plant;
    private int _moment;

    public IntentWorld(int seed, PlantedClaim plant = PlantedClaim.None)
    {
        _plant = plant;
        _random = new Random(seed);
        _ids = new SeededIdSource(new Random(seed + 1000));
        var node = new NodeRecord { InstanceId = "0badcafe", BootId = BootId };
        State = new NodeState { Node = node, Subnets = AddressSpace.Create(DefaultPools.Of(node.InstanceId)), AddressRest = s_rules.Rest };
        State = PredefinedNetworks.AddTo(State, Start);
        _store.CommitAsync(new StoreChange { Node = node }, Durability.Disk, CancellationToken.None).AssertDone();
    }

    public NodeState State { get; private set; }

    public FakeNamespaces Namespaces { get; } = new();

    public int Granted { get; private set; }

    public int Refused { get; private set; }

    public void Step()
    {
        var network = _random.Next(10) == 0 ? "none" : $"n{_random.Next(6)}";
        switch (_random.Next(15))
        {
            case 0 or 1:
                Try(NewNetwork(network, _random.Next(3) == 0 ? $"10.{_random.Next(3)}.0.0/24" : null));
                break;
            case 2:
                Try(new RemoveNetwork(network, IsForced: _random.Next(2) == 0));
                break;
            case 3:
                Try(new RemoveSandbox($"/run/netns/s{_random.Next(5)}", IsForced: _random.Next(2) == 0, Start.AddSeconds(_moment++)));
                break;
            case 4:
                foreach (var leaving in State.Sandboxes.Values.Where(static s => s.Record.IsRemoving).ToArray())
                {
                    Try(new ForgetSandbox(leaving.Record.Id));
                }

                Try(new ForgetOriginals(new SettledScope(ScopeId.Node, State.Revision)));
                break;
            case 5 or 6:
                Try(new Disconnect(network, $"/run/netns/s{_random.Next(5)}", null, Start.AddSeconds(_moment++)));
                break;
            case 7 or 8:
                Try(new UpdateNetwork(network, NewEdit(), s_facts, [], Start.AddSeconds(_moment++)));
                break;
            case 9 or 10:
                UpdatePorts(network);
                break;
            default:
                var asked = _random.Next(4) == 0 && State.NetworkNames.TryGetValue(network, out var id) && State.Networks[id].Record.Ipv4 is { } subnet
                    ? Prefix.FromNumber(Prefix.ToNumber(subnet.Prefix.BaseAddress) + (UInt128)_random.Next(8), ipv6: false)
                    : null;
                var sandbox = NewSandbox($"/run/netns/s{_random.Next(5)}");
                if (Claim(State, network, _random.Next(3)) is { } grants)
                {
                    Try(NewEndpoint(network, sandbox, asked) with { Ports = grants });
                }

                break;
        }
    }

    private NetworkEdit NewEdit() => _random.Next(8) switch
    {
        0 or 1 => new NetworkEdit { IsUndo = true },
        2 => new NetworkEdit { Ipv6 = _random.Next(2) == 0 },
        3 => new NetworkEdit { Ipv4 = _random.Next(2) == 0, Ipv6 = true },
        4 => new NetworkEdit { Subnets = [new SubnetSpec(IPNetwork.Parse($"fd00:{_random.Next(3)}::/64"))] },
        5 => new NetworkEdit { Options = Option("gateway-mode-ipv4", _random.Next(2) == 0 ? "routed" : "nat-unprotected") },
        6 => new NetworkEdit { Options = Option(_random.Next(2) == 0 ? "icc" : "com.docker.network.bridge.enable_icc", _random.Next(2) == 0 ? "true" : "false") },
        _ => new NetworkEdit { Options = Option("mtu", _random.Next(2) == 0 ? "1400" : "1000") },
    };

    private static ImmutableSortedDictionary<string, string> Option(string name, string value) =>
        ImmutableSortedDictionary<string, string>.Empty.Add(name, value);

    private void UpdatePorts(string network)
    {
        if (!State.NetworkNames.TryGetValue(network, out var id) || State.Networks[id].EndpointNames.Values.FirstOrDefault() is not { Value: not null } first)
        {
            return;
        }

        var endpoint = State.Endpoints[first];
        ImmutableArray<UnpublishSpec> removed =
            [.. endpoint.Ports.Where(_ => _random.Next(2) == 0).Select(static p => new UnpublishSpec(p.HostAddress, p.HostPorts, p.Protocol)).Distinct()];
        var without = State with { HostPorts = State.HostPorts.Release(endpoint.Ports.Where(p => removed.Any(r => r.Matches(p)))) };
        if (Claim(without, network, _random.Next(3)) is { } grants)
        {
            Try(new UpdateEndpoint(network, endpoint.Id.Value, null, grants, removed, new DnsEdit()));
        }
    }

    // As a request would claim them; few numbers, so that they meet.
    private ImmutableArray<PortGrant>? Claim(NodeState state, string network, int count)
    {
        if (!state.NetworkNames.TryGetValue(network, out var id))
        {
            return [];
        }

        if (state.Networks[id].Traits.PortsAreDiscarded is not null)
        {
            return [];
        }

        var problems = new List<Problem>();
        ImmutableArray<string> texts = [.. Enumerable.Range(0, count).Select(_ => NewPort())];
        var spec = new EndpointSpec { Publish = PublishReader.Read(texts, null, problems) };
        var grants = problems.Count > 0 ? [] : new PortClerk(new FakeHostPorts(), PortExposure.Lan).Claim(state, state.Networks[id].Record, spec, ForeignPorts.None, problems).Grants;
        return problems.Count > 0 ? null : grants;
    }

    private string NewPort()
    {
        var first = 8000 + _random.Next(30);
        var protocol = _random.Next(3) == 0 ? "udp" : "tcp";
        return _random.Next(4) switch
        {
            0 => $"{80 + _random.Next(4)}/{protocol}",
            1 => $"127.0.0.1:{first}:80/{protocol}",
            2 => $"{first}-{first + 2}:{first}-{first + 2}/{protocol}",
            _ => $"{first}:{80 + _random.Next(4)}/{protocol}",
        };
    }

    // Passthru wants its parent alone, and VLANs share the interface below them.
    private NetworkSpec NewMacvlan(string name) => new()
    {
        Name = name,
        Driver = "macvlan",
        Ipv6 = _random.Next(2) == 0,
        Subnets = [.. Enumerable.Range(0, _random.Next(3)).Select(_ => new SubnetSpec(IPNetwork.Parse($"10.{8 + _random.Next(6)}.0.0/29"))).Distinct()],
        Options = ImmutableSortedDictionary<string, string>.Empty
            .Add("macvlan_mode", _random.Next(4) == 0 ? "passthru" : "bridge")
            .AddRange(_random.Next(5) == 0 ? [] : Option("parent", s_parents[_random.Next(s_parents.Length)])),
    };

    public CreateNetwork NewNetwork(string name, string? subnet = null) => new(
        _random.Next(3) == 0 && name != "a" ? NewMacvlan(name) : new NetworkSpec
        {
            Name = name,
            Ipv6 = _random.Next(2) == 0,
            Internal = _random.Next(4) == 0,
            Subnets = subnet is null ? [] : [new SubnetSpec(IPNetwork.Parse(subnet))],
        },
        s_facts,
        [],
        _ids,
        Start.AddSeconds(_moment++));

    public SandboxCandidate NewSandbox(string path) =>
        Candidates.At(State, path, () => (new SandboxId(_ids.NewId()), Namespaces.Add(path)), BootId, Start);

    public Connect NewEndpoint(string network, SandboxCandidate sandbox, IPAddress? address = null, string? name = null) =>
        new(network, sandbox, new EndpointSpec { Name = name, Ipv4 = address }, [], BootId, _ids, Start.AddSeconds(_moment++));

    public T Commit<T>(IIntentCommand<T> command)
    {
        var decision = command.Decide(State);
        Assert.True(decision.Refusal is null, decision.Refusal?.Problems[0].Message);
        Take(decision);
        return decision.Result!;
    }

    public void Check()
    {
        // Composing every scope checks by its own invariants that all keys are unique and every view is whole.
        var keys = ScopeComposer.Changes(State, ScopeComposer.Everything(State))
            .Where(static c => c.Desired is not null)
            .SelectMany(static c => c.Desired!.Keys)
            .ToArray();
        Assert.Equal(keys.Length, keys.Distinct().Count());
        foreach (var network in State.Networks.Values)
        {
            var endpoints = network.EndpointNames.Values.Select(id => State.Endpoints[id]).ToArray();
            var addresses = endpoints.SelectMany(static e => new[] { e.Ipv4?.Address, e.Ipv6?.Address }).OfType<IPAddress>().ToArray();
            Assert.Equal(addresses.Length, addresses.Distinct().Count());
            Assert.Equal(addresses.ToHashSet(), network.Leases.Keys.ToHashSet());
            Assert.DoesNotContain(network.Record.Ipv4?.Gateway, addresses);
            Assert.All(endpoints, e => Assert.Contains(e.Id, State.Sandboxes[e.SandboxId].Endpoints));
        }

        var subnets = State.Networks.Values.SelectMany(static n => n.Record.Subnets).ToArray();
        Assert.Equal(subnets.Length, State.Subnets.Held.Count());
        Assert.Equal(NamesOf(NameComposer.Complete(State)), NamesOf(State)); // step by step as at once
        CheckPorts();
        Assert.Equal(State.Networks.Values.Count(static n => HostSysctls.NeedsForwarding4(n.Record, n.Traits)), State.Forwarding4);
        Assert.Equal(State.Networks.Values.Count(static n => HostSysctls.NeedsForwarding6(n.Record, n.Traits)), State.Forwarding6);
        Assert.Equal(State.Networks.Values.Count(static n => n.Traits.IsRoutedByHost), State.Routed);
        CheckParents();
    }

    // Every interface in use is used by those networks that say so, and one with a network that wants it alone by no other.
    private void CheckParents()
    {
        var users = State.Networks.Values.Where(static n => n.Traits.Parent is not null).ToLookup(static n => n.Record.LinkName);
        var vlans = users.Where(static u => u.Key.Contains('.', StringComparison.Ordinal)).ToLookup(static u => u.Key.Split('.')[0], static u => u.Key);
        Assert.Equal(users.Select(static u => u.Key).Union(vlans.Select(static v => v.Key)).Order(StringComparer.Ordinal), State.Parents.All.Keys);
        Assert.All(State.Parents.All, p => Assert.Equal(users[p.Key].Select(static n => n.Record.Id).ToHashSet(), p.Value.Networks.ToHashSet()));
        Assert.All(State.Parents.All, p => Assert.Equal(vlans[p.Key].ToHashSet(), p.Value.Vlans.ToHashSet()));
        Assert.All(users, static u => Assert.True(u.Count() == 1 || u.All(static n => !n.Traits.Parent!.IsAlone), $"{u.Key} is shared with one that is alone"));
    }

    // Every port that is published is held by its endpoint, by nobody else, and nothing else is held.
    private void CheckPorts()
    {
        var published =
            (from endpoint in State.Endpoints.Values
             from port in endpoint.Ports
             where port.TakesHostPorts
             from number in Enumerable.Range(port.HostPorts.First, port.HostPorts.Count)
             select (port.Protocol, port.HostAddress, number, endpoint.Id)).ToArray();
        Assert.All(published, p => Assert.Equal(p.Id, State.HostPorts.Holder(p.Protocol, p.HostAddress, new PortRange(p.number, p.number))?.Endpoint));
        Assert.Equal(published.Length, published.Select(static p => (p.Protocol, p.HostAddress, p.number)).Distinct().Count());
        Assert.Equal(published.Length, State.HostPorts.Held.Sum(static h => h.Ports.Count));
        foreach (var endpoint in State.Endpoints.Values)
        {
            var addresses = new[] { endpoint.Ipv4?.Address, endpoint.Ipv6?.Address };
            Assert.All(endpoint.Ports, p => Assert.Contains(p.TargetAddress, addresses));
        }
    }

    public async Task RestartAsync(string bootId = BootId)
    {
        var before = State;
        State = NameComposer.Complete(await new StateLoader(_store, Namespaces, _ids, bootId, s_rules, Start.AddSeconds(_moment++)).LoadAsync(CancellationToken.None));
        if (bootId == BootId && before.Sandboxes.Values.All(s => Namespaces.IsAlive(s.Record.Namespace)))
        {
            Assert.Equal(before.Networks.Keys.Order(ById), State.Networks.Keys.Order(ById));
            Assert.Equal(before.Endpoints.Keys.ToHashSet(), State.Endpoints.Keys.ToHashSet());
            Assert.Equal(before.Sandboxes.Keys.ToHashSet(), State.Sandboxes.Keys.ToHashSet());
            Assert.Equal(before.Node.OriginalSysctls, State.Node.OriginalSysctls);
            Assert.All(before.Networks, n => Assert.Equal(n.Value.Record.Spec, State.Networks[n.Key].Record.Spec));
            Assert.All(before.Networks, n => Assert.Equal(n.Value.Record.Previous, State.Networks[n.Key].Record.Previous));
            Assert.Equal(before.Parents.All.Keys, State.Parents.All.Keys);
            Assert.All(before.Endpoints, e => Assert.Equal(e.Value.Ports.AsEnumerable(), State.Endpoints[e.Key].Ports));
        }
    }

    private static string NamesOf(NodeState state) => string.Join('\n', state.Networks.Values.Where(static n => !n.Traits.IsPredefined).OrderBy(static n => n.Name, StringComparer.Ordinal).SelectMany(n =>
        state.Names.Network(n.Record.Id)!.All.OrderBy(static e => e.Key, StringComparer.Ordinal) // every network has its names
            .Select(e => $"{e.Key}.{n.Name} {string.Join(' ', e.Value.Select(static t => $"{t.Ipv4} {t.Ipv6}"))}"))
        .Concat(state.Sandboxes.Keys.Select(id => $"{id.Short} {string.Join(' ', state.Names.Sandbox(id)?.Networks.Select(static n => n.Short) ?? [])}").Order(StringComparer.Ordinal)));

    private static Comparer<NetworkId> ById { get; } = Comparer<NetworkId>.Create(static (x, y) => string.CompareOrdinal(x.Value, y.Value));

    private void Try<T>(IIntentCommand<T> command)
    {
        var decision = command.Decide(State);
        if (decision.Refusal is null)
        {
            Granted++;
            Take(decision);
        }
        else
        {
            Refused++;
            Assert.NotEmpty(decision.Refusal.Problems);
        }
    }

    private void Take<T>(Decision<T> decision)
    {
        State = NameComposer.Next(State, _plant.Twist(State, decision.Next!), decision.Touched);
        _store.CommitAsync(_plant.Twist(decision.Change), Durability.Disk, CancellationToken.None).AssertDone();
    }
}
