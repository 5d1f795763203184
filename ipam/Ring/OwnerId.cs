namespace Networking.Ipam.Ring;

/// <summary>A node as the ring knows it: the number of its gossip identity, kept on its disk. <c>default</c> means "none".</summary>
/// <param name="Value">64 random bits, drawn once.</param>
public readonly record struct OwnerId(ulong Value) : IComparable<OwnerId>
{
    /// <summary>True for no node.</summary>
    public bool IsNone => Value == 0;

    /// <inheritdoc/>
    public int CompareTo(OwnerId other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => $"{Value:x16}";
}
