using System.Net;
using Networking.Ipam.Ring;
using Networking.Ipam.Ring.Authority;

namespace Networking.Ipam.Tests.Ring;

/// <summary>Some nodes whose messages, rows and questions arrive at once, unless a test says otherwise; time passes when told.</summary>
internal sealed class Neighbourhood
{
    private readonly List<RingEffect> _effects = [];
    private readonly Queue<(RingNode To, RingInput Input)> _inbox = new();
    private TimeSpan _now = TimeSpan.FromHours(1);

    public TermRegister Register { get; } = new();

    public List<RingNode> Nodes { get; } = [];

    public RingOptions Options { get; init; } = new();

    /// <summary>Everything that was to be done, by node.</summary>
    public List<(RingNode Node, RingEffect Effect)> Done { get; } = [];

    /// <summary>The authority does not answer.</summary>
    public bool IsAuthorityAway { get; set; }

    public RingMemory DiskOf(RingNode node) => Done.Where(d => d.Node == node).Select(static d => d.Effect).OfType<RingEffect.Store>().Last().Memory;

    public RingNode Add(ulong id, RingMemory memory = default)
    {
        var node = new RingNode(Options, new OwnerId(id), memory, new Random((int)id));
        foreach (var other in Nodes)
        {
            Tell(node, new RingInput.MemberChanged(other.Id, true));
            Tell(other, new RingInput.MemberChanged(node.Id, true));
        }

        Nodes.Add(node);
        return node;
    }

    public void Remove(RingNode node)
    {
        _ = Nodes.Remove(node);
        Nodes.ForEach(n => Tell(n, new RingInput.MemberChanged(node.Id, false)));
    }

    public void Tell(RingNode node, RingInput input)
    {
        _inbox.Enqueue((node, input));
        while (_inbox.TryDequeue(out var next))
        {
            _effects.Clear();
            next.To.Step(_now, next.Input, _effects);
            foreach (var effect in _effects.ToArray())
            {
                Do(next.To, effect);
            }
        }
    }

    /// <summary>Lets time pass, a tick at a time.</summary>
    public void Pass(TimeSpan time)
    {
        for (var end = _now + time; _now < end;)
        {
            _now += Options.TickInterval;
            Nodes.ToList().ForEach(n => Tell(n, new RingInput.Tick()));
        }
    }

    /// <summary>Sets every clock.</summary>
    public void Leap(TimeSpan by) => _now += by;

    public RingEffect Lease(RingNode node, string pool, string? address = null)
    {
        var from = Done.Count;
        Tell(node, new RingInput.Lease(from, pool, address is null ? null : IPAddress.Parse(address)));
        for (var waited = TimeSpan.Zero; waited <= Options.LeaseDeadline + TimeSpan.FromSeconds(2); waited += Options.TickInterval)
        {
            if (Done.Skip(from).FirstOrDefault(d => d.Node == node && d.Effect is RingEffect.Leased or RingEffect.Refused).Effect is { } effect)
            {
                return effect;
            }

            Pass(Options.TickInterval);
        }

        throw new InvalidOperationException("neither leased nor refused within the deadline");
    }

    public IEnumerable<T> Of<T>(RingNode node)
        where T : RingEffect => Done.Where(d => d.Node == node).Select(static d => d.Effect).OfType<T>();

    private void Do(RingNode node, RingEffect effect)
    {
        Done.Add((node, effect));
        switch (effect)
        {
            case RingEffect.Ask ask when !IsAuthorityAway:
                _inbox.Enqueue((node, new RingInput.Answered(Register.Answer(ask.Request))));
                break;
            case RingEffect.Send send when Nodes.Find(n => n.Id == send.To) is { } target:
                _inbox.Enqueue((target, new RingInput.Message(node.Id, send.Message)));
                break;
            case RingEffect.Publish publish:
                Nodes.Where(n => n != node).ToList().ForEach(n => _inbox.Enqueue((n, new RingInput.RowSeen(node.Id, publish.Row))));
                break;
            default:
                break;
        }
    }
}
