namespace Networking.Gossip;

/// <summary>
/// Identifies a node for good: drawn once, kept on its disk, the same after a restart or with another address.
/// <c>default</c> means "none".
/// </summary>
/// <param name="Value">64 random bits: among 10,000 nodes two are equal once in 10^11 clusters; two that are get named.</param>
public readonly record struct NodeId(ulong Value) : IComparable<NodeId>
{
    /// <summary>True for no node.</summary>
    public bool IsNone => Value == 0;

    /// <inheritdoc/>
    public int CompareTo(NodeId other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => $"{Value:x16}";
}
