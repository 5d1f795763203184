using System.Collections.Immutable;

namespace Networking.Ipam.Ring.Authority;

/// <summary>What the authority says.</summary>
/// <param name="Id">To which request.</param>
/// <param name="IsCommitted">Whether everything was written. Never true of a read.</param>
/// <param name="Records">The records asked about, as they are now; one that does not exist is not among them.</param>
/// <param name="Pool">The pool asked about, as it is now; null if there is none.</param>
public sealed record AuthorityAnswer(long Id, bool IsCommitted, ImmutableArray<NodeRecord> Records, PoolRecord? Pool)
{
    /// <summary>A node's record; null if there is none.</summary>
    public NodeRecord? Of(OwnerId node) => Records.FirstOrDefault(r => r.Owner == node);

    /// <inheritdoc/>
    public bool Equals(AuthorityAnswer? other) =>
        other is not null && Id == other.Id && IsCommitted == other.IsCommitted && Pool == other.Pool && Records.SequenceEqual(other.Records);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Id, IsCommitted, Records.Length);
}
