namespace Networking.Ipam.Ring.Space;

/// <summary>Addresses that may be leased now: the open part of an owned range, less what is about to be given away.</summary>
internal sealed class Window(UInt128 first, UInt128 last)
{
    public UInt128 First { get; } = first;

    public UInt128 Last { get; } = last;

    /// <summary>How many are leased or at rest.</summary>
    public UInt128 Taken { get; set; }

    public bool HasRoom => Taken <= Last - First;

    public bool Contains(UInt128 offset) => First <= offset && offset <= Last;
}
