namespace Networking.Gossip.Membership;

/// <summary>A member as this node knows it.</summary>
internal sealed class Member(NodeId id, MemberInfo info)
{
    public NodeId Id { get; } = id;

    public MemberInfo Info { get; set; } = info;

    public uint Incarnation { get; set; } = info.Incarnation;

    public MemberStatus Status { get; set; }

    public TimeSpan Since { get; set; }

    public Suspicion? Suspicion { get; set; }

    /// <summary>When its own failure was last told to it directly.</summary>
    public TimeSpan ToldAt { get; set; } = TimeSpan.MinValue;

    /// <summary>What it adds to the digest of its bucket.</summary>
    public ulong DigestPart { get; set; }

    /// <summary>Its place among the others.</summary>
    public int Index { get; set; }

    public bool IsReachable => Status is MemberStatus.Alive or MemberStatus.Suspect;

    public MemberFact Fact(TimeSpan now) =>
        new(Id, Incarnation, Status, Info, default, IsReachable ? 0 : (uint)Math.Max(0, (now - Since).TotalSeconds));
}
