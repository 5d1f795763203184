using System.Collections.Immutable;

namespace Networking.Ipam;

/// <summary>
/// Addresses of a pool that rest after their release, in the order in which they were released. Persistent; an operation
/// costs the logarithm of what rests, and that is bounded.
/// </summary>
internal sealed class Quarantine
{
    /// <summary>
    /// Most that rest at a time: more than one bridge has ports (1,023, BR_MAX_PORTS), so that a whole network can leave at
    /// once. Some 200 bytes each.
    /// </summary>
    public const int RestingMax = 1024;

    private readonly ImmutableSortedSet<(long Number, UInt128 Slot)> _order;
    private readonly ImmutableDictionary<UInt128, (long Number, DateTimeOffset Until)> _ends;

    private Quarantine(
        ImmutableSortedSet<(long Number, UInt128 Slot)> order, ImmutableDictionary<UInt128, (long Number, DateTimeOffset Until)> ends)
    {
        _order = order;
        _ends = ends;
    }

    public static Quarantine Empty { get; } = new(
        ImmutableSortedSet<(long Number, UInt128 Slot)>.Empty, ImmutableDictionary<UInt128, (long Number, DateTimeOffset Until)>.Empty);

    public int Count => _order.Count;

    public bool IsEmpty => _order.IsEmpty;

    /// <summary>The one that has rested longest; not of an empty quarantine.</summary>
    public (UInt128 Slot, DateTimeOffset Until) Oldest => WithEnd(_order.Min.Slot);

    /// <summary>The one that was released last; not of an empty quarantine.</summary>
    public (UInt128 Slot, DateTimeOffset Until) Newest => WithEnd(_order.Max.Slot);

    /// <summary>All of them, the oldest first.</summary>
    public IEnumerable<(UInt128 Slot, DateTimeOffset Until)> All => _order.Select(o => WithEnd(o.Slot));

    /// <summary>Until when this one rests; null if it does not.</summary>
    public DateTimeOffset? EndOf(UInt128 slot) => _ends.TryGetValue(slot, out var end) ? end.Until : null;

    /// <summary>With one more, which does not rest yet.</summary>
    public Quarantine Add(UInt128 slot, DateTimeOffset until)
    {
        var number = IsEmpty ? 0 : _order.Max.Number + 1;
        return new Quarantine(_order.Add((number, slot)), _ends.Add(slot, (number, until)));
    }

    /// <summary>Without this one; one that does not rest is fine.</summary>
    public Quarantine Remove(UInt128 slot) =>
        !_ends.TryGetValue(slot, out var end) ? this
        : Count == 1 ? Empty
        : new Quarantine(_order.Remove((end.Number, slot)), _ends.Remove(slot));

    private (UInt128 Slot, DateTimeOffset Until) WithEnd(UInt128 slot) => (slot, _ends[slot].Until);
}
