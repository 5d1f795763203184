using System.Collections.Immutable;

namespace Networking.Ipam.Ring.Authority;

/// <summary>What the authority keeps of a node: all records together say who owns each address, and nothing else does.</summary>
/// <param name="Owner">The node.</param>
/// <param name="Generation">Its starts, and its returns after it had lost everything.</param>
/// <param name="Renewal">The number of its last commit: on its disk before the commit was sent.</param>
/// <param name="Run">The start that made that commit: 64 random bits, by which two machines with one disk are told apart.</param>
/// <param name="State">Whether it takes part.</param>
/// <param name="By">Who took its ranges; none if nobody did.</param>
/// <param name="Holdings">Its ranges, in order.</param>
/// <param name="Revision">When it was last written, in the authority's own count over all records; 0 for one that was not.</param>
public sealed record NodeRecord(
    OwnerId Owner, uint Generation, ulong Renewal, ulong Run, RecordState State, OwnerId By, ImmutableArray<Holding> Holdings, long Revision)
{
    /// <inheritdoc/>
    public bool Equals(NodeRecord? other) => other is not null && Owner == other.Owner && Generation == other.Generation && Renewal == other.Renewal && Run == other.Run
        && State == other.State && By == other.By && Revision == other.Revision && Holdings.AsSpan().SequenceEqual(other.Holdings.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Owner, Generation, Renewal, State, Revision);
}

/// <summary>Whether a node takes part.</summary>
public enum RecordState
{
    /// <summary>It does, while its term lasts.</summary>
    Active,

    /// <summary>It was dead, and its ranges are another's. It may begin anew.</summary>
    Reclaimed,

    /// <summary>It went, and handed over what it had.</summary>
    Left,

    /// <summary>Only as something to write: the record is removed.</summary>
    Forgotten,
}
