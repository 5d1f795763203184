using System.Collections.Immutable;

namespace Networking.Gossip.Tables;

/// <summary>A row as readers see it: its owner lives, and is attached.</summary>
/// <param name="Key">Its table and key.</param>
/// <param name="Owner">Who wrote it.</param>
/// <param name="Value">Its value.</param>
public sealed record VisibleRow(RowKey Key, NodeId Owner, ImmutableArray<byte> Value)
{
    /// <inheritdoc/>
    public bool Equals(VisibleRow? other) => other is not null && Key == other.Key && Owner == other.Owner && Value.AsSpan().SequenceEqual(other.Value.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Key, Owner, Value.Length);
}

/// <summary>The rows of a scope that readers see, by key, then owner.</summary>
/// <param name="Revision">The last <see cref="GossipEffect.RowChanged"/> that is in it.</param>
/// <param name="Rows">The rows.</param>
public sealed record TableSnapshot(long Revision, ImmutableArray<VisibleRow> Rows)
{
    /// <inheritdoc/>
    public bool Equals(TableSnapshot? other) => other is not null && Revision == other.Revision && Rows.SequenceEqual(other.Rows);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Revision, Rows.Length);
}
