using System.Collections.Immutable;

namespace Networking.Ipam;

/// <summary>What is in use in a pool, as slots counted from its first address. Persistent.</summary>
/// <param name="Taken">Leased or reserved: nobody can have them.</param>
/// <param name="Barred">Taken or resting: not chosen. The same set as <paramref name="Taken"/> while nothing rests.</param>
/// <param name="Reserved">Those set aside for good, with the reason.</param>
/// <param name="Cursor">Where the turn goes on.</param>
/// <param name="Leased">How many are leased.</param>
/// <param name="TakenInRange">How many of the taken ones would be chosen if they were free.</param>
/// <param name="Resting">Those that rest; none of them is taken.</param>
internal sealed record Occupancy(
    SlotSet Taken,
    SlotSet Barred,
    ImmutableSortedDictionary<UInt128, string> Reserved,
    UInt128 Cursor,
    UInt128 Leased,
    UInt128 TakenInRange,
    Quarantine Resting)
{
    public static Occupancy Empty(SlotSet none) => new(
        none, none, ImmutableSortedDictionary<UInt128, string>.Empty, UInt128.Zero, UInt128.Zero, UInt128.Zero, Quarantine.Empty);

    /// <summary>With a slot leased that was free or rested.</summary>
    public Occupancy Leasing(UInt128 slot, bool isInRange, UInt128 cursor) =>
        Taking(slot, isInRange, Reserved, cursor, Leased + UInt128.One);

    /// <summary>With a slot set aside that was free or rested.</summary>
    public Occupancy Reserving(UInt128 slot, bool isInRange, string reason) =>
        Taking(slot, isInRange, Reserved.Add(slot, reason), Cursor, Leased);

    /// <summary>With a leased slot free.</summary>
    public Occupancy Released(UInt128 slot, bool isInRange)
    {
        var taken = Taken.Remove(slot);
        return this with
        {
            Taken = taken,
            Barred = Resting.IsEmpty ? taken : Barred.Remove(slot),
            Leased = Leased - 1,
            TakenInRange = TakenInRange - (isInRange ? UInt128.One : UInt128.Zero),
        };
    }

    /// <summary>With a free slot at rest.</summary>
    public Occupancy AtRest(UInt128 slot, DateTimeOffset until) =>
        this with { Barred = Barred.Add(slot), Resting = Resting.Add(slot, until) };

    /// <summary>With a resting slot free.</summary>
    public Occupancy Rested(UInt128 slot)
    {
        var resting = Resting.Remove(slot);
        return this with { Barred = resting.IsEmpty ? Taken : Barred.Remove(slot), Resting = resting };
    }

    /// <summary>With nothing at rest.</summary>
    public Occupancy WithoutRest() => this with { Barred = Taken, Resting = Quarantine.Empty };

    private Occupancy Taking(
        UInt128 slot, bool isInRange, ImmutableSortedDictionary<UInt128, string> reserved, UInt128 cursor, UInt128 leased)
    {
        var resting = Resting.Remove(slot);
        var taken = Taken.Add(slot);
        return new Occupancy(
            taken,
            resting.IsEmpty ? taken : Barred.Add(slot),
            reserved,
            cursor,
            leased,
            TakenInRange + (isInRange ? UInt128.One : UInt128.Zero),
            resting);
    }
}
