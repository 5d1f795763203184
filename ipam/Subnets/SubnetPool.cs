using System.Net;
using System.Net.Sockets;

namespace Networking.Ipam;

/// <summary>A prefix that is cut into subnets for networks that ask for none.</summary>
public sealed record SubnetPool
{
    /// <summary>Creates a pool.</summary>
    /// <param name="prefix">What is cut.</param>
    /// <param name="subnetLength">Prefix length of the pieces.</param>
    /// <exception cref="ArgumentOutOfRangeException">The pieces are larger than the prefix, or longer than an address.</exception>
    public SubnetPool(IPNetwork prefix, int subnetLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(subnetLength, prefix.PrefixLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(subnetLength, Model.Prefix.BitsOf(prefix.BaseAddress));
        Prefix = prefix;
        SubnetLength = subnetLength;
    }

    /// <summary>What is cut.</summary>
    public IPNetwork Prefix { get; }

    /// <summary>Prefix length of the pieces.</summary>
    public int SubnetLength { get; }

    /// <summary>True for IPv6.</summary>
    public bool IsIpv6 => Prefix.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6;

    /// <inheritdoc/>
    public override string ToString() => $"{Prefix} in /{SubnetLength}";

    internal SlotSet NoSlots => SlotSet.Empty(SubnetLength - Prefix.PrefixLength);

    internal IPNetwork SubnetAt(UInt128 slot) => new(
        Model.Prefix.FromNumber(Model.Prefix.ToNumber(Prefix.BaseAddress) + (slot << Shift), IsIpv6), SubnetLength);

    /// <summary>The pieces that share an address with this prefix, from first to last; null if none does.</summary>
    internal (UInt128 First, UInt128 Last)? SlotsOf(IPNetwork prefix)
    {
        if (!Model.Prefix.Overlaps(Prefix, prefix))
        {
            return null;
        }

        var start = Model.Prefix.ToNumber(Prefix.BaseAddress);
        var outer = prefix.PrefixLength < Prefix.PrefixLength ? Prefix : prefix;
        var first = Model.Prefix.ToNumber(outer.BaseAddress) - start;
        var last = Model.Prefix.ToNumber(Model.Prefix.LastAddress(outer)) - start;
        return (first >> Shift, last >> Shift);
    }

    /// <summary>How many pieces share an address with any of these, overlaps allowed.</summary>
    internal UInt128 CountSlots(IEnumerable<HeldSubnet> subnets)
    {
        var count = UInt128.Zero;
        var next = UInt128.Zero; // pieces before it are counted
        foreach (var (first, last) in subnets.Select(s => SlotsOf(s.Prefix)).OfType<(UInt128 First, UInt128 Last)>().OrderBy(static s => s.First))
        {
            if (last >= next)
            {
                count += last - UInt128.Max(first, next) + 1;
                next = last + 1;
            }
        }

        return count;
    }

    private int Shift => Model.Prefix.BitsOf(Prefix.BaseAddress) - SubnetLength;
}
