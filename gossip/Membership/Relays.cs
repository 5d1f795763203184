using Networking.Gossip.Wire;

namespace Networking.Gossip.Membership;

/// <summary>Probes made for others: who asked, and what to answer. Bounded; more are not relayed.</summary>
internal sealed class Relays(NodeContext context, Prober prober)
{
    private const int RelaysMax = 256;

    private readonly Dictionary<uint, Relay> _open = [];
    private readonly List<uint> _over = [];

    public TimeSpan NextDue { get; private set; } = TimeSpan.MaxValue;

    public int Count => _open.Count;

    public void Begin(PingRequestMessage request, PeerAddress asker)
    {
        if (_open.Count >= RelaysMax)
        {
            return;
        }

        var sequence = prober.NextSequence();
        var due = context.Now + context.Options.ProbeTimeout;
        _open.Add(sequence, new Relay(asker, request.Sequence, request.Target, due));
        NextDue = due < NextDue ? due : NextDue;
        prober.Send(request.Address, new PingMessage(sequence, request.Target), null);
    }

    public void HearAck(uint sequence, NodeId from)
    {
        if (_open.TryGetValue(sequence, out var relay) && relay.Target == from)
        {
            _ = _open.Remove(sequence);
            prober.Send(relay.Asker, new AckMessage(relay.Sequence), null);
        }
    }

    public void Step()
    {
        if (context.Now < NextDue)
        {
            return;
        }

        _over.Clear();
        NextDue = TimeSpan.MaxValue;
        foreach (var (sequence, relay) in _open)
        {
            if (relay.Due > context.Now)
            {
                NextDue = relay.Due < NextDue ? relay.Due : NextDue;
                continue;
            }

            _over.Add(sequence);
            prober.Send(relay.Asker, new NackMessage(relay.Sequence), null);
        }

        foreach (var sequence in _over)
        {
            _ = _open.Remove(sequence);
        }
    }

    private readonly record struct Relay(PeerAddress Asker, uint Sequence, NodeId Target, TimeSpan Due);
}
