using System.Net;
using Networking.Model;

namespace Networking.Ipam;

/// <summary>Finds the first subnet of any size that meets nothing of a list, by one walk along it.</summary>
internal static class GapSearch
{
    /// <summary>The first aligned prefix of this length inside an outer one that overlaps none of the others; null if there is none.</summary>
    public static IPNetwork? First(IPNetwork outer, int length, IEnumerable<IPNetwork> others)
    {
        if (length < outer.PrefixLength)
        {
            return null;
        }

        var (start, end) = EndsOf(outer);
        var lastBit = (UInt128.One << (Prefix.BitsOf(outer.BaseAddress) - length)) - 1; // size less one: the size itself may be 2^128
        foreach (var (first, last) in others.Where(o => Prefix.Overlaps(outer, o)).Select(EndsOf).OrderBy(static o => o.First))
        {
            if (first > start && Fits(start, first - 1, lastBit) is { } gap)
            {
                return At(gap);
            }

            if (last >= end)
            {
                return null;
            }

            start = last >= start ? last + 1 : start;
        }

        return Fits(start, end, lastBit) is { } rest ? At(rest) : null;

        IPNetwork At(UInt128 number) => new(Prefix.FromNumber(number, Prefix.BitsOf(outer.BaseAddress) == 128), length);
    }

    // The first multiple of the size from which on a whole size lies between the two; null if there is none.
    private static UInt128? Fits(UInt128 from, UInt128 to, UInt128 lastBit)
    {
        var aligned = (from & lastBit) == UInt128.Zero ? from : (from | lastBit) + 1;
        return aligned >= from && aligned <= to && to - aligned >= lastBit ? aligned : null;
    }

    private static (UInt128 First, UInt128 Last) EndsOf(IPNetwork prefix) =>
        (Prefix.ToNumber(prefix.BaseAddress), Prefix.ToNumber(Prefix.LastAddress(prefix)));
}
