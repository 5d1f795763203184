using Networking.Gossip.Wire;

namespace Networking.Gossip.Membership;

/// <summary>
/// Asks one member after the other, in a random order that is drawn anew each time round, whether it lives. One probe at a time:
/// <code>
///   ping ── timeout ──► others are asked, and a stream is tried ── interval ──► doubt
///    └────── ack ─────────────────────────┴──── ack ──► well
/// </code>
/// </summary>
internal sealed class Prober(NodeContext context, MemberBook book)
{
    private readonly List<Member> _round = [];
    private readonly List<Member> _relays = [];
    private Member? _target;
    private uint _sequence;
    private uint _lastSequence;
    private TimeSpan _othersAt;
    private TimeSpan _endAt;
    private bool _othersAsked;
    private int _nacks;

    /// <summary>Sends a message, with the words that must stand before it.</summary>
    public Action<PeerAddress, Message, MemberFact?> Send { get; set; } = static (_, _, _) => { };

    /// <summary>Tries a stream with a ping.</summary>
    public Action<Member, PingMessage> TryStream { get; set; } = static (_, _) => { };

    public TimeSpan NextProbe { get; set; }

    public TimeSpan NextDue => _target is null ? NextProbe : _othersAsked ? Earlier(_endAt, NextProbe) : _othersAt;

    public uint NextSequence() => ++_lastSequence;

    public void Step()
    {
        if (_target is not null && !_othersAsked && context.Now >= _othersAt)
        {
            AskOthers(_target);
        }

        if (_target is not null && context.Now >= _endAt)
        {
            Fail(_target);
        }

        if (_target is null && context.Now >= NextProbe)
        {
            Begin();
        }
    }

    /// <summary>Somebody new, or back, is asked within this round, at a random place: not only when the next begins.</summary>
    public void Include(Member member) => _round.Insert(context.Random.Next(_round.Count + 1), member);

    public void HearAck(uint sequence, NodeId from, bool isByStream)
    {
        if (_target is not { } target || sequence != _sequence || (from != target.Id && !_relays.Any(r => r.Id == from)))
        {
            return;
        }

        if (isByStream)
        {
            context.Report(GossipTrouble.NoDatagrams, target.Id.ToString(), $"Node {target.Id} at {target.Info.Address} answers by TCP but not by UDP: is UDP port {target.Info.Address.Port} open both ways?");
        }

        _target = null;
        book.Health.Add(-1);
    }

    public void HearNack(uint sequence, NodeId from)
    {
        if (_target is not null && sequence == _sequence && _relays.Any(r => r.Id == from))
        {
            _nacks++;
        }
    }

    private static TimeSpan Earlier(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private void Begin()
    {
        NextProbe = context.Now + (context.Options.ProbeInterval * book.Health.Factor);
        if (NextTarget() is not { } target)
        {
            return;
        }

        _target = target;
        _sequence = NextSequence();
        _relays.Clear();
        _nacks = 0;
        _othersAsked = false;
        _othersAt = context.Now + (context.Options.ProbeTimeout * book.Health.Factor);
        _endAt = NextProbe;

        // The buddy's duty: a suspect hears of the doubt from whoever asks it.
        var doubt = target.Status == MemberStatus.Suspect ? new MemberFact(target.Id, target.Incarnation, MemberStatus.Suspect, null, book.Id) : (MemberFact?)null;
        Send(target.Info.Address, new PingMessage(_sequence, target.Id), doubt);
    }

    private Member? NextTarget()
    {
        for (var isSecond = false; ; isSecond = true)
        {
            while (_round.Count > 0)
            {
                var member = _round[^1];
                _round.RemoveAt(_round.Count - 1);
                if (member.IsReachable && ReferenceEquals(book.Roster.Find(member.Id), member))
                {
                    return member;
                }
            }

            if (isSecond)
            {
                return null;
            }

            _round.AddRange(book.Roster.Others.Where(static m => m.IsReachable));
            for (var i = _round.Count - 1; i > 0; i--)
            {
                var other = context.Random.Next(i + 1);
                (_round[i], _round[other]) = (_round[other], _round[i]);
            }
        }
    }

    private void AskOthers(Member target)
    {
        _othersAsked = true;
        book.Roster.Pick(context.Random, context.Options.IndirectProbes, m => m.Status == MemberStatus.Alive && m != target, _relays);
        foreach (var relay in _relays)
        {
            Send(relay.Info.Address, new PingRequestMessage(_sequence, target.Id, target.Info.Address), null);
        }

        TryStream(target, new PingMessage(_sequence, target.Id));
    }

    private void Fail(Member target)
    {
        _target = null;

        // Relays that say "no answer here either" are heard well; those that say nothing make this node doubt itself.
        book.Health.Add(_relays.Count == 0 ? 1 : Math.Max(0, _relays.Count - _nacks));
        if (ReferenceEquals(book.Roster.Find(target.Id), target))
        {
            book.Doubt(target);
        }
    }
}
