using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Networking.Model;

namespace Networking.Ipam;

/// <summary>
/// Which subnets of this host are in use and by whom, and which is the next free one. Immutable. Holding, releasing and
/// asking cost the logarithm of what is held; finding the next free subnet costs what is reserved, not what is held.
/// </summary>
/// <remarks>
/// Held subnets never overlap: <see cref="Overlapping"/> is asked before <see cref="Hold"/>. Beside the sorted set each
/// pool keeps its pieces in a <see cref="SlotSet"/>, which knows the first gap.
/// </remarks>
public sealed class AddressSpace
{
    private readonly ImmutableSortedSet<HeldSubnet> _held;
    private readonly ImmutableArray<CutPool> _pools;

    private AddressSpace(ImmutableSortedSet<HeldSubnet> held, ImmutableArray<CutPool> pools)
    {
        _held = held;
        _pools = pools;
    }

    /// <summary>Everything held, IPv4 first, in address order.</summary>
    public IEnumerable<HeldSubnet> Held => _held;

    /// <summary>An address space with nothing held.</summary>
    /// <param name="pools">Where free subnets are looked for, in this order.</param>
    public static AddressSpace Create(IEnumerable<SubnetPool> pools)
    {
        ArgumentNullException.ThrowIfNull(pools);
        return new AddressSpace(
            ImmutableSortedSet.Create<HeldSubnet>(AddressOrder.Instance), [.. pools.Select(static p => new CutPool(p, p.NoSlots))]);
    }

    /// <summary>Somebody who holds an address of this prefix; null if nobody does.</summary>
    public HeldSubnet? Overlapping(IPNetwork prefix)
    {
        var index = _held.IndexOf(new HeldSubnet(prefix, string.Empty));
        if (index >= 0)
        {
            return _held[index];
        }

        // Held subnets are disjoint, so only the two beside the prefix can reach into it.
        var next = ~index;
        return next < _held.Count && Prefix.Overlaps(_held[next].Prefix, prefix) ? _held[next]
            : next > 0 && Prefix.Overlaps(_held[next - 1].Prefix, prefix) ? _held[next - 1]
            : null;
    }

    /// <summary>With this prefix held; it must not overlap what is held already.</summary>
    public AddressSpace Hold(IPNetwork prefix, string holder)
    {
        ArgumentNullException.ThrowIfNull(holder);
        var other = Overlapping(prefix);
        Invariant.Check(other is null, $"{holder} was granted {prefix}, which overlaps {other}");
        return new AddressSpace(
            _held.Add(new HeldSubnet(prefix, holder)), [.. _pools.Select(p => p with { Taken = p.Marked(prefix) })]);
    }

    /// <summary>With this very prefix free again; one that is not held is fine.</summary>
    public AddressSpace Release(IPNetwork prefix)
    {
        var index = _held.IndexOf(new HeldSubnet(prefix, string.Empty));
        if (index < 0 || !_held[index].Prefix.Equals(prefix))
        {
            return this;
        }

        var rest = new AddressSpace(_held.Remove(_held[index]), _pools);
        return new AddressSpace(rest._held, [.. _pools.Select(p => p with { Taken = p.Cleared(prefix, rest) })]);
    }

    /// <summary>Where free subnets are looked for, in this order.</summary>
    public IEnumerable<SubnetPool> Pools => _pools.Select(static p => p.Pool);

    /// <summary>The pools in their order, with how much of each is in use.</summary>
    /// <param name="reserved">What else stands in the way, overlaps allowed.</param>
    public IEnumerable<PoolUse> UseOf(IEnumerable<HeldSubnet> reserved)
    {
        var others = reserved.ToArray();
        foreach (var pool in Pools)
        {
            var held = pool.CountSlots(AllOverlapping(pool.Prefix));
            yield return new PoolUse(pool, pool.NoSlots.Last + 1, held, pool.CountSlots(AllOverlapping(pool.Prefix).Concat(others)) - held);
        }
    }

    /// <summary>Everybody who holds an address of this prefix, in address order.</summary>
    public IEnumerable<HeldSubnet> AllOverlapping(IPNetwork prefix)
    {
        var index = _held.IndexOf(new HeldSubnet(prefix, string.Empty));
        index = index >= 0 ? index : ~index;

        // Held subnets are disjoint, so only the one before can reach in from below; the others begin inside.
        for (var i = Math.Max(index - 1, 0); i < _held.Count && (i <= index || Prefix.Overlaps(_held[i].Prefix, prefix)); i++)
        {
            if (Prefix.Overlaps(_held[i].Prefix, prefix))
            {
                yield return _held[i];
            }
        }
    }

    /// <summary>The first free subnet in the order of the pools; a released one is used again at once.</summary>
    /// <param name="isIpv6">Which family.</param>
    /// <param name="reserved">What else stands in the way, overlaps allowed: on-link routes of the host, resolvers.</param>
    /// <param name="length">
    /// Prefix length asked for; null for that of each pool's pieces. One that is given costs what is held in the pools.
    /// </param>
    public SubnetResult NextFree(bool isIpv6, IEnumerable<HeldSubnet> reserved, int? length = null)
    {
        ArgumentNullException.ThrowIfNull(reserved);
        var pools = _pools.Where(p => p.Pool.IsIpv6 == isIpv6).ToArray();
        var others = reserved.ToArray();
        foreach (var pool in pools)
        {
            if ((length is { } bits ? Sized(pool.Pool, bits, others) : Piece(pool, others)) is { } found)
            {
                return new SubnetResult.Found(found);
            }
        }

        return new SubnetResult.Exhausted(
            [.. pools.Select(static p => p.Pool)],
            [
                .. _held.Concat(others)
                    .Where(h => pools.Any(p => Prefix.Overlaps(p.Pool.Prefix, h.Prefix)))
                    .Order(AddressOrder.Instance),
            ])
        {
            Length = length,
        };
    }

    private static IPNetwork? Piece(CutPool pool, HeldSubnet[] others)
    {
        var taken = others.Aggregate(pool, static (p, other) => p with { Taken = p.Marked(other.Prefix) }).Taken;
        return taken.NextFree(UInt128.Zero) is { } slot ? pool.Pool.SubnetAt(slot) : null;
    }

    private IPNetwork? Sized(SubnetPool pool, int length, HeldSubnet[] others) =>
        GapSearch.First(pool.Prefix, length, AllOverlapping(pool.Prefix).Concat(others).Select(static h => h.Prefix));

    /// <summary>A pool and which of its pieces somebody holds an address of.</summary>
    private sealed record CutPool(SubnetPool Pool, SlotSet Taken)
    {
        public SlotSet Marked(IPNetwork prefix) =>
            Pool.SlotsOf(prefix) is var (first, last) ? Taken.AddRange(first, last) : Taken;

        public SlotSet Cleared(IPNetwork prefix, AddressSpace rest)
        {
            if (Pool.SlotsOf(prefix) is not var (first, last))
            {
                return Taken;
            }

            // Several small prefixes may share a piece: it is free when the last of them is.
            return first == last && rest.Overlapping(Pool.SubnetAt(first)) is not null ? Taken : Taken.RemoveRange(first, last);
        }
    }

    /// <summary>IPv4 before IPv6, then by first address. Disjoint subnets differ in it.</summary>
    private sealed class AddressOrder : IComparer<HeldSubnet>
    {
        public static AddressOrder Instance { get; } = new();

        public int Compare(HeldSubnet? x, HeldSubnet? y)
        {
            var (left, right) = (x!.Prefix.BaseAddress, y!.Prefix.BaseAddress); // none is ever null in here
            var isIpv6 = left.AddressFamily == AddressFamily.InterNetworkV6;
            var byFamily = isIpv6.CompareTo(right.AddressFamily == AddressFamily.InterNetworkV6);
            return byFamily != 0 ? byFamily : Prefix.ToNumber(left).CompareTo(Prefix.ToNumber(right));
        }
    }
}
