namespace Networking.Gossip.Membership;

/// <summary>What a member says of itself; each change comes with its next incarnation.</summary>
/// <param name="Incarnation">The member's count of its statements.</param>
/// <param name="Address">Where it listens.</param>
/// <param name="Run">Drawn at each start: tells a restart, and a second node with the same id.</param>
/// <param name="RowFloor">Rows of lower versions are from before, and void.</param>
public sealed record MemberInfo(uint Incarnation, PeerAddress Address, ulong Run, ulong RowFloor);

/// <summary>One statement about a member, as it travels.</summary>
/// <param name="Id">About whom.</param>
/// <param name="Incarnation">Of which of its incarnations.</param>
/// <param name="Status">What.</param>
/// <param name="Info">What it said of itself last; null where the statement is not its own.</param>
/// <param name="From">Who suspects, or found it failed; none where it does not matter.</param>
/// <param name="AgeSeconds">How long it has been failed or gone.</param>
internal readonly record struct MemberFact(
    NodeId Id, uint Incarnation, MemberStatus Status, MemberInfo? Info = null, NodeId From = default, uint AgeSeconds = 0)
{
    public static MemberFact Alive(NodeId id, MemberInfo info) => new(id, info.Incarnation, MemberStatus.Alive, info);

    /// <summary>
    /// The join of two statements about one member: commutative, associative, idempotent. Who says so, and how long ago, do not matter.
    /// </summary>
    public static MemberFact Join(MemberFact one, MemberFact other)
    {
        var (incarnation, status) = IsNewer(other.Incarnation, other.Status, one.Incarnation, one.Status)
            ? (other.Incarnation, other.Status)
            : (one.Incarnation, one.Status);
        return new MemberFact(one.Id, incarnation, status, IsNewer(other.Info, one.Info) ? other.Info : one.Info);
    }

    /// <summary>True if the first beats the second.</summary>
    public static bool IsNewer(uint incarnation, MemberStatus status, uint thanIncarnation, MemberStatus thanStatus) =>
        incarnation != thanIncarnation ? incarnation > thanIncarnation : status > thanStatus;

    /// <summary>True if the first beats the second. Two of one incarnation come from two nodes with one id; all keep the same.</summary>
    public static bool IsNewer(MemberInfo? info, MemberInfo? than)
    {
        if (info is null || than is null || ReferenceEquals(info, than))
        {
            return info is not null && than is null;
        }

        if (info.Incarnation != than.Incarnation)
        {
            return info.Incarnation > than.Incarnation;
        }

        return (info.Run, info.RowFloor, info.Address.High, info.Address.Low, info.Address.Port)
            .CompareTo((than.Run, than.RowFloor, than.Address.High, than.Address.Low, than.Address.Port)) > 0;
    }
}
