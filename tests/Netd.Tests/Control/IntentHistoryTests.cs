using System.Collections.Immutable;
using System.Net;
using Networking.Drivers;
using Networking.Ipam;
using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Control;
using Networking.TestSupport;

namespace Networking.Netd.Tests.Control;

/// <summary>Random histories of intent: what is granted never contradicts itself, and the store brings all of it back.</summary>
public sealed class IntentHistoryTests
{
    private const string BootId = "boot-1";
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly HostFacts s_facts = new()
    {
        Sysctls = ImmutableSortedDictionary.CreateRange(
            [KeyValuePair.Create("net/ipv4/ip_forward", "0"), KeyValuePair.Create("net/ipv6/conf/all/forwarding", "0")]),
    };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task What_is_granted_is_consistent_and_survives_a_restart(int seed)
    {
        var world = new World(seed);
        for (var step = 0; step < 400; step++)
        {
            world.Step();
            world.Check();
            if (step % 50 == 49)
            {
                await world.RestartAsync();
                world.Check();
            }
        }

        Assert.True(world.Granted > 100, $"only {world.Granted} of 400 commands were granted");
        Assert.True(world.Refused > 10, $"only {world.Refused} of 400 commands were refused");
    }

    [Fact]
    public async Task What_belongs_to_an_earlier_boot_or_a_lost_namespace_is_dropped_at_start()
    {
        var world = new World(7);
        world.Commit(world.NewNetwork("a"));
        var kept = world.NewSandbox("/run/netns/kept");
        var lost = world.NewSandbox("/run/netns/lost");
        world.Commit(world.NewEndpoint("a", kept));
        world.Commit(world.NewEndpoint("a", lost));
        world.Namespaces.Lose("/run/netns/lost");
        await world.RestartAsync();
        Assert.Equal("/run/netns/kept", Assert.Single(world.State.Sandboxes).Value.Record.Name);
        _ = Assert.Single(world.State.Endpoints);

        await world.RestartAsync("boot-2");
        Assert.Empty(world.State.Sandboxes);
        Assert.Empty(world.State.Endpoints);
        Assert.Equal("a", Assert.Single(world.State.Networks).Value.Name);
        Assert.Empty(world.State.Node.OriginalSysctls);
    }

    [Fact]
    public void The_port_after_the_last_of_a_bridge_is_refused_with_the_limit_named()
    {
        var world = new World(8);
        world.Commit(world.NewNetwork("full", "10.0.0.0/16"));
        var sandbox = world.NewSandbox("/run/netns/x");
        for (var i = 0; i < Connect.BridgePortsMax; i++)
        {
            world.Commit(world.NewEndpoint("full", sandbox));
        }

        var refusal = world.NewEndpoint("full", sandbox).Decide(world.State).Refusal;
        Assert.Equal("network.full", Assert.Single(refusal!.Problems).Code);
        Assert.Contains("1023", refusal.Problems[0].Message, StringComparison.Ordinal);
        Assert.Contains("BR_MAX_PORTS", refusal.Problems[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_released_address_rests_until_the_turn_comes_round()
    {
        var world = new World(9);
        world.Commit(world.NewNetwork("a", "10.0.0.0/28"));
        var sandbox = world.NewSandbox("/run/netns/x");
        var first = world.Commit(world.NewEndpoint("a", sandbox));
        _ = world.Commit(new Disconnect("a", first.Name, null));
        var second = world.Commit(world.NewEndpoint("a", sandbox));
        Assert.NotEqual(first.Ipv4, second.Ipv4);
    }

    /// <summary>Granted state with a store behind it, changed by commands as the actor does.</summary>
    private sealed class World
    {
        private readonly Random _random;
        private readonly SeededIdSource _ids;
        private readonly InMemoryStore _store = new();
        private readonly ScopeComposer _composer = new(
            ImmutableDictionary.CreateRange(StringComparer.Ordinal, [KeyValuePair.Create<string, INetworkDriver>("bridge", new BridgeDriver())]));

        private int _moment;

        public World(int seed)
        {
            _random = new Random(seed);
            _ids = new SeededIdSource(new Random(seed + 1000));
            var node = new NodeRecord { InstanceId = "0badcafe", BootId = BootId };
            State = new NodeState { Node = node, Subnets = AddressSpace.Create(DefaultPools.Of(node.InstanceId)) };
            _store.CommitAsync(new StoreChange { Node = node }, Durability.Disk, CancellationToken.None).AssertDone();
        }

        public NodeState State { get; private set; }

        public FakeNamespaces Namespaces { get; } = new();

        public int Granted { get; private set; }

        public int Refused { get; private set; }

        public void Step()
        {
            var network = $"n{_random.Next(6)}";
            switch (_random.Next(10))
            {
                case 0 or 1:
                    Try(NewNetwork(network, _random.Next(3) == 0 ? $"10.{_random.Next(3)}.0.0/24" : null));
                    break;
                case 2:
                    Try(new RemoveNetwork(network, IsForced: _random.Next(2) == 0));
                    break;
                case 3:
                    Try(new RemoveSandbox($"/run/netns/s{_random.Next(5)}", IsForced: _random.Next(2) == 0));
                    break;
                case 4:
                    foreach (var leaving in State.Sandboxes.Values.Where(static s => s.Record.IsRemoving).ToArray())
                    {
                        Try(new ForgetSandbox(leaving.Record.Id));
                    }

                    Try(new ForgetOriginals());
                    break;
                case 5 or 6:
                    Try(new Disconnect(network, $"/run/netns/s{_random.Next(5)}", null));
                    break;
                default:
                    var asked = _random.Next(4) == 0 && State.NetworkNames.TryGetValue(network, out var id) && State.Networks[id].Record.Ipv4 is { } subnet
                        ? Prefix.FromNumber(Prefix.ToNumber(subnet.Prefix.BaseAddress) + (UInt128)_random.Next(8), ipv6: false)
                        : null;
                    Try(NewEndpoint(network, NewSandbox($"/run/netns/s{_random.Next(5)}"), asked));
                    break;
            }
        }

        public CreateNetwork NewNetwork(string name, string? subnet = null) => new(
            new NetworkSpec
            {
                Name = name,
                Ipv6 = _random.Next(2) == 0,
                Internal = _random.Next(4) == 0,
                Subnets = subnet is null ? [] : [new SubnetSpec(IPNetwork.Parse(subnet))],
            },
            s_facts,
            [],
            _ids,
            s_start.AddSeconds(_moment++));

        public SandboxCandidate NewSandbox(string path)
        {
            if (State.SandboxNames.TryGetValue(path, out var id))
            {
                return new SandboxCandidate(State.Sandboxes[id].Record, []);
            }

            return new SandboxCandidate(
                new SandboxRecord
                {
                    Id = new SandboxId(_ids.NewId()),
                    Name = path,
                    Owner = SandboxOwner.Path,
                    Path = path,
                    Namespace = Namespaces.Add(path),
                    BootId = BootId,
                    Created = s_start,
                },
                []);
        }

        public Connect NewEndpoint(string network, SandboxCandidate sandbox, IPAddress? address = null) =>
            new(network, sandbox, new EndpointSpec { Ipv4 = address }, BootId, _ids, s_start.AddSeconds(_moment++));

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
            var keys = _composer.Changes(State, ScopeComposer.Everything(State))
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

            var subnets = State.Networks.Values.SelectMany(static n => new[] { n.Record.Ipv4, n.Record.Ipv6 }).OfType<SubnetRecord>().ToArray();
            Assert.Equal(subnets.Length, State.Subnets.Held.Count());
            Assert.Equal(State.Networks.Values.Count(static n => HostSysctls.NeedsForwarding4(n.Record)), State.Forwarding4);
            Assert.Equal(State.Networks.Values.Count(static n => HostSysctls.NeedsForwarding6(n.Record)), State.Forwarding6);
        }

        public async Task RestartAsync(string bootId = BootId)
        {
            var before = State;
            State = await new StateLoader(_store, Namespaces, _ids, bootId).LoadAsync(CancellationToken.None);
            if (bootId == BootId && before.Sandboxes.Values.All(s => Namespaces.IsAlive(s.Record.Namespace)))
            {
                Assert.Equal(before.Networks.Keys.Order(ById), State.Networks.Keys.Order(ById));
                Assert.Equal(before.Endpoints.Keys.ToHashSet(), State.Endpoints.Keys.ToHashSet());
                Assert.Equal(before.Sandboxes.Keys.ToHashSet(), State.Sandboxes.Keys.ToHashSet());
                Assert.Equal(before.Node.OriginalSysctls, State.Node.OriginalSysctls);
            }
        }

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
            State = decision.Next!;
            _store.CommitAsync(decision.Change, Durability.Disk, CancellationToken.None).AssertDone();
        }
    }
}
