namespace Networking.Ipam.Ring.Space;

/// <summary>Some addresses of a pool in a row.</summary>
/// <param name="First">The first offset.</param>
/// <param name="Last">The last offset.</param>
internal readonly record struct Stretch(UInt128 First, UInt128 Last)
{
    public UInt128 Length => Last - First + 1;

    /// <summary>The upper half, at least one address.</summary>
    public Stretch UpperHalf => this with { First = First + (Length / 2) };
}
