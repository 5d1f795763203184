using Networking.Gossip;
using Networking.Simulation.Tests.Engine;

namespace Networking.Simulation.Tests.World;

/// <summary>Carries datagrams and streams between nodes, as badly as the weather is.</summary>
internal sealed class SimulatedNetwork(EventQueue queue, Random random, Trace trace)
{
    public const int MtuBytes = 1400;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);

    private readonly Dictionary<PeerAddress, SimulatedNode> _byAddress = [];
    private readonly HashSet<(int From, int To)> _blocked = [];
    private readonly Dictionary<(SimulatedNode Node, int Run, int Stream), Wire> _wires = [];
    private int _accepted = -1;

    public Weather Weather { get; set; } = Weather.Fair;

    public long PacketCount { get; private set; }

    public long ByteCount { get; private set; }

    public void Place(PeerAddress address, SimulatedNode node) => _byAddress[address] = node;

    public void Block(int from, int to) => _blocked.Add((from, to));

    public void Unblock(int from, int to) => _blocked.Remove((from, to));

    public void Heal()
    {
        _blocked.Clear();
        Weather = Weather.Fair;
    }

    public void SendPacket(SimulatedNode from, PeerAddress to, byte[] bytes)
    {
        PacketCount++;
        ByteCount += bytes.Length;
        if (bytes.Length > MtuBytes)
        {
            throw new SimulationFailure($"node {from.Number} sent a packet of {bytes.Length} bytes, more than the path carries ({MtuBytes})");
        }

        for (var copies = random.NextDouble() < Weather.Duplication ? 2 : 1; copies > 0; copies--)
        {
            if (random.NextDouble() >= Weather.Loss)
            {
                Carry(from, to, bytes);
            }
        }
    }

    /// <summary>Delivers bytes from nowhere: a forger's, or a recording.</summary>
    public void Inject(PeerAddress from, SimulatedNode to, byte[] bytes) => queue.After(Delay(), () => to.Receive(new GossipInput.Packet(from, bytes)));

    public void OpenStream(SimulatedNode from, int stream, PeerAddress to)
    {
        var wire = new Wire(from, from.Run, stream);
        _wires.Add((from, from.Run, stream), wire);
        queue.After(Delay(), () =>
        {
            if (!_byAddress.TryGetValue(to, out var target) || IsBlocked(from, target) || IsBlocked(target, from))
            {
                queue.After(ConnectTimeout, () => Close(wire));
                return;
            }

            if (!target.IsRunning)
            {
                Close(wire);
                return;
            }

            _accepted += 2;
            wire.Far = (target, target.Run, _accepted);
            _wires.Add(wire.Far, wire);
            target.Receive(new GossipInput.StreamAccepted(_accepted, from.Address));
            wire.Waiting.ForEach(bytes => Forward(wire, isFromNear: true, bytes));
            wire.Waiting.Clear();
        });
    }

    public void SendStream(SimulatedNode from, int stream, byte[] bytes)
    {
        ByteCount += bytes.Length;
        if (!_wires.TryGetValue((from, from.Run, stream), out var wire))
        {
            return;
        }

        if (wire.Far.Node is null)
        {
            wire.Waiting.Add(bytes);
        }
        else
        {
            Forward(wire, wire.Near == (from, from.Run, stream), bytes);
        }
    }

    /// <summary>Closes a stream once what was sent before has arrived.</summary>
    public void CloseStream(SimulatedNode from, int stream)
    {
        if (_wires.TryGetValue((from, from.Run, stream), out var wire))
        {
            queue.At(Later(wire), () => Close(wire));
        }
    }

    private void Carry(SimulatedNode from, PeerAddress to, byte[] bytes)
    {
        var sent = bytes;
        if (random.NextDouble() < Weather.Corruption)
        {
            sent = [.. bytes];
            sent[random.Next(sent.Length)] ^= (byte)(1 << random.Next(8));
        }

        queue.After(Delay(), () =>
        {
            if (_byAddress.TryGetValue(to, out var target) && !IsBlocked(from, target))
            {
                trace.Add(queue.Now, sent);
                target.Receive(new GossipInput.Packet(from.Address, sent));
            }
        });
    }

    private void Forward(Wire wire, bool isFromNear, byte[] bytes)
    {
        var (from, to) = isFromNear ? (wire.Near, wire.Far) : (wire.Far, wire.Near);
        queue.At(Later(wire), () =>
        {
            // A stream through a cut is silent: neither side learns that nothing arrives.
            if (!wire.IsClosed && !IsBlocked(from.Node, to.Node) && to.Node.Run == to.Run)
            {
                to.Node.Receive(new GossipInput.StreamFrame(to.Stream, bytes));
            }
        });
    }

    private TimeSpan Later(Wire wire)
    {
        var due = queue.Now + Delay();
        wire.LastDue = due > wire.LastDue ? due : wire.LastDue;
        return wire.LastDue;
    }

    private void Close(Wire wire)
    {
        if (wire.IsClosed)
        {
            return;
        }

        wire.IsClosed = true;
        _ = _wires.Remove(wire.Near);
        foreach (var end in wire.Far.Node is null ? [wire.Near] : new[] { wire.Near, wire.Far })
        {
            _ = _wires.Remove(end);
            if (end.Node.Run == end.Run)
            {
                end.Node.Receive(new GossipInput.StreamClosed(end.Stream));
            }
        }
    }

    private bool IsBlocked(SimulatedNode from, SimulatedNode to) => _blocked.Contains((from.Number, to.Number));

    private TimeSpan Delay()
    {
        var delay = Weather.Delay + (Weather.Jitter * random.NextDouble());
        return random.NextDouble() < Weather.Straggling ? delay + TimeSpan.FromSeconds(2 * random.NextDouble()) : delay;
    }

    private sealed class Wire(SimulatedNode node, int run, int stream)
    {
        public (SimulatedNode Node, int Run, int Stream) Near { get; } = (node, run, stream);

        public (SimulatedNode Node, int Run, int Stream) Far { get; set; }

        public List<byte[]> Waiting { get; } = [];

        public TimeSpan LastDue { get; set; }

        public bool IsClosed { get; set; }
    }
}
