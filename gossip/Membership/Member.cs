namespace Networking.Gossip.Membership;

/// <summary>A member as this node knows it. There are as many in a cluster as its nodes squared, so it holds little.</summary>
internal sealed class Member(NodeId id, MemberInfo info) : INumbered
{
    private Doubt? _doubt;

    public NodeId Id { get; } = id;

    ulong INumbered.Number => Id.Value;

    public MemberInfo Info { get; set; } = info;

    public uint Incarnation { get; set; } = info.Incarnation;

    public MemberStatus Status { get; set; }

    public TimeSpan Since { get; set; }

    public Suspicion? Suspicion
    {
        get => _doubt?.Suspicion;
        set
        {
            if (value is not null || _doubt is not null)
            {
                (_doubt ??= new Doubt()).Suspicion = value;
            }
        }
    }

    /// <summary>When its own failure was last told to it directly.</summary>
    public TimeSpan ToldAt
    {
        get => _doubt?.ToldAt ?? TimeSpan.MinValue;
        set => (_doubt ??= new Doubt()).ToldAt = value;
    }

    /// <summary>What it adds to the digest of its bucket.</summary>
    public ulong DigestPart { get; set; }

    /// <summary>Its place among the others.</summary>
    public int Index { get; set; }

    public bool IsReachable => Status is MemberStatus.Alive or MemberStatus.Suspect;

    public MemberFact Fact(TimeSpan now) =>
        new(Id, Incarnation, Status, Info, default, IsReachable ? 0 : (uint)Math.Max(0, (now - Since).TotalSeconds));

    /// <summary>What few members have.</summary>
    private sealed class Doubt
    {
        public Suspicion? Suspicion { get; set; }

        public TimeSpan ToldAt { get; set; } = TimeSpan.MinValue;
    }
}
