using Networking.Gossip.Wire;

namespace Networking.Gossip.Membership;

/// <summary>All members known but this node, in an order of their own for random picks, with digests that cost nothing to keep.</summary>
internal sealed class Roster(GossipOptions options)
{
    public const int Buckets = 32;

    private readonly NumberTable<Member> _byId = new();
    private readonly List<Member> _others = [];
    private readonly ulong[] _digests = new ulong[Buckets];

    /// <summary>Others that are alive or suspected.</summary>
    public int ReachableCount { get; private set; }

    public int FailedCount { get; private set; }

    public IReadOnlyList<Member> Others => _others;

    public ReadOnlySpan<ulong> Digests => _digests;

    /// <summary>The members with this one.</summary>
    public int ClusterSize => ReachableCount + 1;

    public ulong Digest
    {
        get
        {
            var sum = 0UL;
            foreach (var digest in _digests)
            {
                sum = Hashing.Mix(sum, digest);
            }

            return sum;
        }
    }

    public static int BucketOf(NodeId id) => (int)(Hashing.Mix(id.Value, 0) % Buckets);

    public Member? Find(NodeId id) => _byId.Find(id.Value);

    public bool IsFull => _others.Count >= options.MembersMax;

    public void Add(Member member)
    {
        member.Index = _others.Count;
        _byId.Add(member);
        _others.Add(member);
        Count(member.Status, 1);
    }

    public void Forget(Member member)
    {
        Contribute(member, 0);
        Count(member.Status, -1);
        _byId.Remove(member.Id.Value);
        var last = _others[^1];
        _others[member.Index] = last;
        last.Index = member.Index;
        _others.RemoveAt(_others.Count - 1);
    }

    public void SetStatus(Member member, MemberStatus status)
    {
        Count(member.Status, -1);
        member.Status = status;
        Count(status, 1);
    }

    /// <summary>Brings the digest up to date with a member. One that is long gone is left out: others may have forgotten it.</summary>
    public void Contribute(Member member, TimeSpan now) => Contribute(member, member.IsReachable || now - member.Since < options.ForgetAfter / 2
        ? Part(member.Id, member.Incarnation, member.Status, member.Info)
        : 0);

    public static ulong Part(NodeId id, uint incarnation, MemberStatus status, MemberInfo info)
    {
        // A doubt passes by itself; to compare it would make states differ that are about to agree.
        var rank = status == MemberStatus.Suspect ? MemberStatus.Alive : status;
        return Hashing.Mix(Hashing.Mix(id.Value, ((ulong)incarnation << 8) | (byte)rank), info.Incarnation ^ info.Run);
    }

    /// <summary>The digests with this node itself in them.</summary>
    public ulong[] DigestsWith(MemberFact self)
    {
        var digests = _digests.ToArray();
        digests[BucketOf(self.Id)] += Part(self.Id, self.Incarnation, self.Status, self.Info!); // a fact about oneself has its info
        return digests;
    }

    /// <summary>Up to <paramref name="count"/> different members at random of those that fit.</summary>
    public void Pick(Random random, int count, Func<Member, bool> fits, List<Member> picked)
    {
        picked.Clear();
        for (var tries = Math.Min(3 * _others.Count, 16 * count); tries > 0 && picked.Count < count; tries--)
        {
            var member = _others[random.Next(_others.Count)];
            if (fits(member) && !picked.Contains(member))
            {
                picked.Add(member);
            }
        }

        if (picked.Count == 0)
        {
            // Few fit among many: look at each, from a random place on.
            var start = _others.Count == 0 ? 0 : random.Next(_others.Count);
            for (var i = 0; i < _others.Count && picked.Count < count; i++)
            {
                if (_others[(start + i) % _others.Count] is var member && fits(member))
                {
                    picked.Add(member);
                }
            }
        }
    }

    private void Contribute(Member member, ulong part)
    {
        _digests[BucketOf(member.Id)] += part - member.DigestPart;
        member.DigestPart = part;
    }

    private void Count(MemberStatus status, int change)
    {
        ReachableCount += status is MemberStatus.Alive or MemberStatus.Suspect ? change : 0;
        FailedCount += status == MemberStatus.Failed ? change : 0;
    }
}
