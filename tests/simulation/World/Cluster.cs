using System.Collections.Immutable;
using System.Net;
using Networking.Gossip;
using Networking.Gossip.Wire;
using Networking.Simulation.Tests.Checks;
using Networking.Simulation.Tests.Engine;

namespace Networking.Simulation.Tests.World;

/// <summary>Some machines, the network between them, and what its people know: seeds and keys.</summary>
internal sealed class Cluster : IDisposable
{
    private readonly Chance _chance;
    private int _addresses;

    /// <param name="seed">Decides everything.</param>
    /// <param name="nodes">How many machines.</param>
    /// <param name="bug">Planted in all of them.</param>
    /// <param name="memo">Of what was read, for all of them; null: each has its own.</param>
    public Cluster(int seed, int nodes, PlantedBug bug, WireMemo? memo = null)
    {
        _chance = new Chance(seed);
        var shape = _chance.Fork("shape");
        Network = new SimulatedNetwork(Queue, _chance.Fork("network"), Trace);
        var keys = _chance.Fork("keys");
        Keys = [.. Enumerable.Range(0, 3).Select(_ => NewKey(keys))];
        Ring = new Keyring([Keys[0]], 0);
        Scopes = [.. Enumerable.Range(1, 3).Select(i => new ScopeId((ulong)i, 0, 0, 7))];
        Nodes =
        [
            .. Enumerable.Range(0, nodes).Select(i => new SimulatedNode(i, Queue, Network, Trace, _chance, 0.97 + (0.06 * shape.NextDouble()), bug) { Address = NewAddress(), OldDisks = OldDisks, Memo = memo }),
        ];
    }

    public EventQueue Queue { get; } = new();

    public Trace Trace { get; } = new();

    public OldDisks OldDisks { get; } = new();

    public SimulatedNetwork Network { get; }

    public ImmutableArray<SimulatedNode> Nodes { get; }

    public ImmutableArray<ScopeId> Scopes { get; }

    public ImmutableArray<GossipKey> Keys { get; }

    /// <summary>What a node that starts now is given.</summary>
    public Keyring Ring { get; private set; }

    public ImmutableArray<PeerAddress> Seeds => [.. Nodes.Take(3).Select(static n => n.Address)];

    public Random Fork(string name) => _chance.Fork(name);

    public PeerAddress NewAddress() => PeerAddress.From(new IPEndPoint(new IPAddress([10, 0, (byte)(_addresses >> 8), (byte)++_addresses]), 7946));

    public void Start(SimulatedNode node) => node.Start(Ring, Seeds);

    public void SetRing(Keyring ring)
    {
        Ring = ring;
        foreach (var node in Nodes)
        {
            node.Step(new GossipInput.SetKeys(ring));
        }
    }

    public void Dispose()
    {
        foreach (var key in Keys)
        {
            key.Dispose();
        }

        Trace.Dispose();
    }

    private static GossipKey NewKey(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new GossipKey(bytes);
    }
}
