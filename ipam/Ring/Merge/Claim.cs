namespace Networking.Ipam.Ring.Merge;

/// <summary>That a node owns a range of a pool, as of a version. Offsets count from the pool's first address.</summary>
/// <param name="First">The first offset.</param>
/// <param name="Last">The last offset.</param>
/// <param name="Version">Grows with every transfer of an address.</param>
/// <param name="Owner">Who.</param>
public readonly record struct Claim(UInt128 First, UInt128 Last, ulong Version, OwnerId Owner)
{
    /// <summary>True if this one stands where both speak of an address. Equal versions of two owners never arise; if they do, all decide alike.</summary>
    public bool Beats(Claim other) => Version != other.Version ? Version > other.Version : Owner.CompareTo(other.Owner) > 0;

    /// <summary>True if both say the same of their addresses.</summary>
    public bool SaysLike(Claim other) => Version == other.Version && Owner == other.Owner;
}
