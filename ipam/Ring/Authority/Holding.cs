namespace Networking.Ipam.Ring.Authority;

/// <summary>A range of a pool that a node owns, as its record says. Offsets count from the pool's first address.</summary>
/// <param name="Pool">The pool's name.</param>
/// <param name="First">The first offset.</param>
/// <param name="Last">The last offset.</param>
/// <param name="Version">Greater than that of any earlier owner of any of its addresses.</param>
/// <param name="Opened">How many addresses from the first on may be leased: those, and no others, may be in use.</param>
/// <param name="Former">
/// If the range is withheld, the node that may still use it: it was open when it was taken over. None otherwise.
/// </param>
public readonly record struct Holding(string Pool, UInt128 First, UInt128 Last, ulong Version, UInt128 Opened, OwnerId Former)
{
    /// <summary>True while another node may still use its addresses.</summary>
    public bool IsWithheld => !Former.IsNone;

    /// <summary>How many addresses it has.</summary>
    public UInt128 Length => Last - First + 1;

    /// <summary>How many are not open; of a withheld range, all.</summary>
    public UInt128 UnopenedLength => Length - Opened;

    /// <summary>The first offset that is not open; past the last if all are.</summary>
    public UInt128 UnopenedFirst => First + Opened;

    /// <summary>True if the offset is in it.</summary>
    public bool Contains(UInt128 offset) => First <= offset && offset <= Last;
}
