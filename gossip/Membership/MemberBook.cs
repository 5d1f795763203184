using Networking.Gossip.Wire;
using Networking.Model.Wire;

namespace Networking.Gossip.Membership;

/// <summary>What this node believes of the others, and what it says of itself.</summary>
internal sealed class MemberBook
{
    private static readonly TimeSpan TellAgain = TimeSpan.FromSeconds(1);

    private readonly NodeContext _context;
    private readonly WireWriter _writer = new(WireLimits.ConversationBytesMax);
    private readonly Action<Member, MemberStatus?> _changed;
    private readonly List<Member> _suspects = [];
    private ulong _rival;
    private int _rivalClaims;

    /// <param name="context">Shared with the node's other parts.</param>
    /// <param name="self">Who this node is.</param>
    /// <param name="changed">Called after a member's status, incarnation or floor changed; with null, when it is forgotten.</param>
    public MemberBook(NodeContext context, NodeIdentity self, Action<Member, MemberStatus?> changed)
    {
        _context = context;
        _changed = changed;
        Id = self.Id;
        Roster = new Roster(context.Options);
        Health = new LocalHealth(context.Options.HealthFactorMax);
        Queue = new BroadcastQueue<NodeId>(context.Options.QueueMax, context.Has(PlantedBug.QueueNeverRetires));
        Info = new MemberInfo(0, self.Address, self.Run, 0);
    }

    public NodeId Id { get; }

    public Roster Roster { get; }

    public LocalHealth Health { get; }

    public BroadcastQueue<NodeId> Queue { get; }

    /// <summary>What this node says of itself now.</summary>
    public MemberInfo Info { get; private set; }

    /// <summary>Another start of this node stated more: the least generation that is above it. Rows must be written anew.</summary>
    public Action<uint, ulong> Outrun { get; set; } = static (_, _) => { };

    /// <summary>A member can be reached that could not before.</summary>
    public Action<Member> Met { get; set; } = static _ => { };

    public bool IsLeaving { get; private set; }

    public MemberFact Self => new(Id, Info.Incarnation, IsLeaving ? MemberStatus.Left : MemberStatus.Alive, Info);

    public TimeSpan NextDeadline => _suspects.Count == 0 ? TimeSpan.MaxValue : _suspects.Min(static s => s.Suspicion!.Deadline); // a suspect has one

    /// <summary>How often a piece of news for so many is told.</summary>
    public static int Tellings(GossipOptions options, int audience) => options.RetransmitFactor * (int)Math.Ceiling(Math.Log10(audience + 1));

    /// <summary>States something new of this node.</summary>
    public void State(uint incarnation, PeerAddress? address = null, ulong? rowFloor = null)
    {
        Info = new MemberInfo(incarnation, address ?? Info.Address, Info.Run, rowFloor ?? Info.RowFloor);
        _context.Emit(new GossipEffect.StoreIncarnation(incarnation));
        Tell(Self, isUrgent: true);
    }

    public void Leave()
    {
        State(Info.Incarnation + 1);
        IsLeaving = true;
        Tell(Self with { Info = null }, isUrgent: true);
    }

    /// <summary>Takes a statement; <paramref name="isSecondHand"/> if it is a record from somebody's book, not fresh news.</summary>
    public void Apply(MemberFact fact, bool isSecondHand)
    {
        if (fact.Id == Id)
        {
            HearOfMyself(fact);
            return;
        }

        if (Roster.Find(fact.Id) is not { } member)
        {
            Meet(fact);
            return;
        }

        var isOldBelieved = _context.Has(PlantedBug.OldIncarnationBelieved) && fact.Status == MemberStatus.Alive && fact.Incarnation != member.Incarnation;
        var hasNews = isOldBelieved;
        if (isOldBelieved || MemberFact.IsNewer(fact.Info, member.Info))
        {
            member.Info = fact.Info!; // newer than another: it is there
            hasNews = true;
        }

        // A record of a failure may be long untrue: the member gets the time of a suspect to say so.
        var status = isSecondHand && fact.Status == MemberStatus.Failed && member.IsReachable ? MemberStatus.Suspect : fact.Status;
        if (isOldBelieved || MemberFact.IsNewer(fact.Incarnation, status, member.Incarnation, member.Status))
        {
            Become(member, fact.Incarnation, status, fact.From.IsNone ? fact.Id : fact.From, fact.AgeSeconds);
        }
        else if (status == MemberStatus.Suspect && fact.Incarnation == member.Incarnation && member.Suspicion is { } suspicion && suspicion.Confirm(fact.From))
        {
            Tell(new MemberFact(member.Id, member.Incarnation, MemberStatus.Suspect, null, fact.From));
        }
        else if (hasNews)
        {
            Roster.Contribute(member, _context.Now);
            _changed(member, member.Status);
            Tell(member.Fact(_context.Now));
        }
    }

    /// <summary>A probe of ours found no answer.</summary>
    public void Doubt(Member member)
    {
        if (member.Status == MemberStatus.Alive)
        {
            Become(member, member.Incarnation, MemberStatus.Suspect, Id, 0);
        }
        else if (member.Suspicion is { } suspicion && suspicion.Confirm(Id))
        {
            Tell(new MemberFact(member.Id, member.Incarnation, MemberStatus.Suspect, null, Id));
        }
    }

    /// <summary>Ends doubts that nobody answered.</summary>
    public void Expire()
    {
        for (var i = _suspects.Count - 1; i >= 0; i--)
        {
            var member = _suspects[i];
            if (member.Suspicion!.Deadline <= _context.Now) // a suspect has one
            {
                // Its address answers for another: it did not fail, it was replaced.
                var isReplaced = Roster.Others.Any(o => o.Status == MemberStatus.Alive && o.Info.Address == member.Info.Address) || Info.Address == member.Info.Address;
                Become(member, member.Incarnation, isReplaced ? MemberStatus.Left : MemberStatus.Failed, Id, 0);
            }
        }
    }

    /// <summary>Forgets who is gone for long.</summary>
    public void Sweep()
    {
        // Mostly all can be reached: nothing to look at.
        for (var i = Roster.ReachableCount == Roster.Others.Count ? -1 : Roster.Others.Count - 1; i >= 0; i--)
        {
            var member = Roster.Others[i];
            if (member.IsReachable)
            {
                continue;
            }

            Roster.Contribute(member, _context.Now);
            if (_context.Now - member.Since >= _context.Options.ForgetAfter)
            {
                Roster.Forget(member);
                Queue.Remove(member.Id);
                _changed(member, null);
            }
        }
    }

    /// <summary>What to tell somebody who is heard, but believed failed or in doubt: so that it can object. Null if it was told just now.</summary>
    public MemberFact? Objection(Member member)
    {
        if (member.Status == MemberStatus.Alive || (member.ToldAt != TimeSpan.MinValue && _context.Now - member.ToldAt < TellAgain))
        {
            return null;
        }

        member.ToldAt = _context.Now;
        return new MemberFact(member.Id, member.Incarnation, member.Status, null, Id);
    }

    private void Meet(MemberFact fact)
    {
        // Without the member's own words there is no address; and a failure long past is about to be forgotten anyway.
        if (fact.Info is null || fact.AgeSeconds > _context.Options.ForgetAfter.TotalSeconds / 2)
        {
            return;
        }

        if (Roster.IsFull)
        {
            _context.Report(GossipTrouble.BoundReached, "members", $"More than {_context.Options.MembersMax} members: {fact.Id} at {fact.Info.Address} is not taken in. Raise the bound, or remove nodes.");
            return;
        }

        var member = new Member(fact.Id, fact.Info) { Since = _context.Now, Status = MemberStatus.Left };
        Roster.Add(member);
        Become(member, fact.Incarnation, fact.Status, fact.From.IsNone ? fact.Id : fact.From, fact.AgeSeconds);
    }

    private void Become(Member member, uint incarnation, MemberStatus status, NodeId from, uint ageSeconds)
    {
        if (member.Suspicion is not null)
        {
            member.Suspicion = null;
            _ = _suspects.Remove(member);
        }

        var wasReachable = member.IsReachable;
        Roster.SetStatus(member, status);
        if (member.IsReachable && !wasReachable)
        {
            Met(member);
        }

        member.Incarnation = incarnation;
        member.Since = _context.Now - TimeSpan.FromSeconds(ageSeconds);
        if (status == MemberStatus.Suspect)
        {
            member.Suspicion = NewSuspicion(from);
            _suspects.Add(member);
        }

        Roster.Contribute(member, _context.Now);
        _changed(member, status);
        Tell(status == MemberStatus.Alive || ageSeconds > 0 ? member.Fact(_context.Now) : new MemberFact(member.Id, incarnation, status, null, from));
    }

    private Suspicion NewSuspicion(NodeId from)
    {
        var options = _context.Options;
        var least = Suspicion.Least(options, Roster.ClusterSize);
        var confirmations = Math.Min(options.Confirmations, Roster.ClusterSize - 2);
        return new Suspicion(_context.Now, least, least * options.SuspicionFactorAlone, confirmations, from);
    }

    private void HearOfMyself(MemberFact fact)
    {
        var isRival = fact.Info is { } info && info.Run != Info.Run && fact.Incarnation >= Info.Incarnation;
        if (isRival)
        {
            Name(fact);
        }

        var isWrong = isRival || (fact.Status != MemberStatus.Alive && fact.Incarnation >= Info.Incarnation);
        var isAhead = fact.Incarnation > Info.Incarnation;
        if ((!isWrong && !isAhead) || IsLeaving || _context.Has(PlantedBug.NoRefutation))
        {
            return;
        }

        if (isAhead || isRival)
        {
            Outrun(Math.Min(fact.Incarnation + 1, WireLimits.IncarnationMax), fact.Info?.RowFloor ?? 0);
        }

        Health.Add(1);
        var next = _context.Has(PlantedBug.RefutationWithoutIncarnation) ? fact.Incarnation : fact.Incarnation + 1;
        State(Math.Min(next, WireLimits.IncarnationMax));
    }

    private void Name(MemberFact fact)
    {
        var rival = fact.Info!; // only those with words of their own are rivals
        _rivalClaims = rival.Run == _rival ? _rivalClaims + 1 : 1;
        _rival = rival.Run;
        if (_rivalClaims < 3)
        {
            _context.Report(GossipTrouble.OldDisk, rival.Run.ToString("x16"), $"Node {Id} is known as incarnation {fact.Incarnation} at {rival.Address}, this one is {Info.Incarnation}: its disk was restored, or another node has its id. It goes on above.");
        }
        else
        {
            _context.Report(GossipTrouble.DuplicateNode, rival.Address.ToString(), $"Two nodes run with the id {Id}: this one at {Info.Address}, and one at {rival.Address}. Give one a state directory of its own.");
        }
    }

    private void Tell(MemberFact fact, bool isUrgent = false)
    {
        _writer.Clear();
        MessageWriter.PutFact(_writer, fact);
        Queue.Add(fact.Id, _writer.Written.ToArray(), isUrgent);
    }
}
