using System.Net;
using System.Net.Sockets;

namespace Networking.Ipam;

/// <summary>
/// The addresses of one prefix and which of them are leased. Immutable: a lease or release yields a new pool and the old
/// one stays as it was. The cost depends on the prefix length only, never on how much is leased.
/// </summary>
/// <remarks>
/// <code>
///           Lease                    Release
///   free ──────────► leased ───────────────────► resting (with a rest, and inside the range)
///     ▲                ▲  └──────────────────────►  │ │
///     │                └── asked for by name, or ───┘ │
///     │                    nothing else is free       │
///     └──────────────── the rest is over ─────────────┘
/// </code>
/// Without <see cref="PoolRules.IsSerial"/> addresses are given in turn, the next after the last one given, around and
/// around: one that was released is not given again as long as possible, because neighbours and resolvers may still
/// remember who had it. <see cref="PoolRules.Rest"/> sees to that where the turn does not. A rest is begun once and ended
/// once; what is over is ended by the next operation, all at once if nothing rests any more.
/// </remarks>
public sealed class AddressPool
{
    private readonly PoolRules _rules;
    private readonly UInt128 _first;
    private readonly UInt128 _last;
    private readonly Occupancy _now;

    private AddressPool(IPNetwork prefix, PoolRules rules, UInt128 first, UInt128 last, Occupancy now)
    {
        Prefix = prefix;
        _rules = rules;
        _first = first;
        _last = last;
        _now = now;
    }

    /// <summary>The prefix.</summary>
    public IPNetwork Prefix { get; }

    /// <summary>How many addresses are leased, anywhere in the prefix.</summary>
    public UInt128 LeasedCount => _now.Leased;

    /// <summary>How many addresses can be chosen from: inside the range, neither leased nor reserved nor resting.</summary>
    public UInt128 FreeCount => _last - _first + 1 - _now.TakenInRange - (UInt128)_now.Resting.Count;

    /// <summary>How many addresses rest; they are given when nothing else is free.</summary>
    public int RestingCount => _now.Resting.Count;

    /// <summary>What is set aside, in address order, with the reason.</summary>
    public IEnumerable<(IPAddress Address, string Reason)> ReservedAddresses => _now.Reserved.Select(r => (AddressOf(r.Key), r.Value));

    /// <summary>What rests, the longest first.</summary>
    public IEnumerable<(IPAddress Address, DateTimeOffset Until)> RestingAddresses => _now.Resting.All.Select(r => (AddressOf(r.Slot), r.Until));

    /// <summary>
    /// A pool with nothing leased. What no endpoint may have, by the rules of its family, is reserved.
    /// </summary>
    /// <param name="prefix">The prefix.</param>
    /// <param name="rules">How addresses are chosen; null for <see cref="PoolRules.Default"/>.</param>
    /// <exception cref="ArgumentException">The range is not inside the prefix.</exception>
    public static AddressPool Create(IPNetwork prefix, PoolRules? rules = null)
    {
        rules ??= PoolRules.Default;
        var isIpv6 = prefix.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6;
        var hostBits = Model.Prefix.BitsOf(prefix.BaseAddress) - prefix.PrefixLength;
        var (first, last) = RangeOf(prefix, rules.Range ?? prefix);
        var pool = new AddressPool(prefix, rules, first, last, Occupancy.Empty(SlotSet.Empty(hostBits)));

        // Two addresses are two ends of a link (RFC 3021, RFC 6164), one is a host: nothing is set aside there.
        if (hostBits < 2)
        {
            return pool;
        }

        return isIpv6
            ? pool.WithReserved(UInt128.Zero, "subnet-router anycast address")
            : pool.WithReserved(UInt128.Zero, "network address").WithReserved(pool._now.Taken.Last, "broadcast address");
    }

    /// <summary>
    /// The first address of a prefix that an interface may have: the gateway's, if nobody asks for another.
    /// </summary>
    public static IPAddress FirstAddress(IPNetwork prefix)
    {
        var pool = Create(prefix);
        return pool.AddressOf(pool._now.Taken.NextFree(UInt128.Zero) ?? UInt128.Zero);
    }

    /// <summary>Leases the address asked for, or chooses one.</summary>
    /// <param name="requested">The address asked for; null for any. Asking for one does not move the turn.</param>
    /// <param name="now">The moment, by which rests end; null if none is to end.</param>
    /// <returns>What became of it, and the pool afterwards: this one, unless the address was granted or a rest ended.</returns>
    public (LeaseResult Result, AddressPool Pool) Lease(IPAddress? requested = null, DateTimeOffset? now = null)
    {
        if (requested is not null)
        {
            return Refusal(requested) is { } refusal
                ? (refusal, this)
                : (new LeaseResult.Granted(requested), WithLease(SlotOf(requested), _now.Cursor));
        }

        var pool = now is { } moment ? AsOf(moment) : this;
        if ((pool.NextInTurn() ?? pool.LongestRested()) is not { } slot)
        {
            return (new LeaseResult.Exhausted(_rules.Range ?? Prefix, LeasedInRange()), pool);
        }

        return (new LeaseResult.Granted(AddressOf(slot)), pool.WithLease(slot, After(slot)));
    }

    /// <summary>Gives an address back; one that is not leased is fine.</summary>
    /// <param name="address">Which.</param>
    /// <param name="now">The moment at which its rest begins; null if it is not to rest.</param>
    public AddressPool Release(IPAddress address, DateTimeOffset? now = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (Refusal(address) is not LeaseResult.AlreadyLeased)
        {
            return this;
        }

        var slot = SlotOf(address);
        var pool = With(_now.Released(slot, IsChosen(slot)));
        return now is { } moment ? pool.AsOf(moment).Resting(slot, moment) : pool;
    }

    /// <summary>Lets a free address rest as if it were released now: told after a restart, for what was lost meanwhile.</summary>
    public AddressPool Rest(IPAddress address, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(address);
        return Refusal(address) is null && _now.Resting.EndOf(SlotOf(address)) is null ? Resting(SlotOf(address), now) : this;
    }

    /// <summary>The pool at a moment: what has rested enough is free.</summary>
    public AddressPool AsOf(DateTimeOffset now)
    {
        var next = _now;
        while (!next.Resting.IsEmpty && IsOver(next.Resting.Oldest.Until, now))
        {
            next = IsOver(next.Resting.Newest.Until, now) ? next.WithoutRest() : next.Rested(next.Resting.Oldest.Slot);
        }

        return ReferenceEquals(next, _now) ? this : With(next);
    }

    /// <summary>Sets a free address aside for good.</summary>
    /// <param name="address">Which.</param>
    /// <param name="reason">What it is, such as <c>gateway</c>; told to whoever asks for it.</param>
    public (LeaseResult Result, AddressPool Pool) Reserve(IPAddress address, string reason)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(reason);
        return Refusal(address) is { } refusal
            ? (refusal, this)
            : (new LeaseResult.Granted(address), WithReserved(SlotOf(address), reason));
    }

    /// <summary>True if the address is leased.</summary>
    public bool IsLeased(IPAddress address) => UseOf(address) is AddressUse.Leased;

    /// <summary>What an address is to this pool.</summary>
    public AddressUse UseOf(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return Refusal(address) switch
        {
            LeaseResult.OutsidePool => new AddressUse.Outside(),
            LeaseResult.AlreadyLeased => new AddressUse.Leased(),
            LeaseResult.Reserved reserved => new AddressUse.Reserved(reserved.Reason),
            _ when _now.Resting.EndOf(SlotOf(address)) is { } until => new AddressUse.Resting(until),
            _ => new AddressUse.Free(IsChosen(SlotOf(address))),
        };
    }

    /// <summary>Goes on after this address: told after a restart, so that the turn does not begin anew.</summary>
    public AddressPool ContinueAfter(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return Model.Prefix.Contains(Prefix, address) ? With(_now with { Cursor = After(SlotOf(address)) }) : this;
    }

    // Why this very address cannot be had; null if it can.
    private LeaseResult? Refusal(IPAddress address)
    {
        if (!Model.Prefix.Contains(Prefix, address))
        {
            return new LeaseResult.OutsidePool(address, Prefix);
        }

        var slot = SlotOf(address);
        if (!_now.Taken.Contains(slot))
        {
            return null;
        }

        return _now.Reserved.TryGetValue(slot, out var reason)
            ? new LeaseResult.Reserved(address, reason)
            : new LeaseResult.AlreadyLeased(address);
    }

    private UInt128? NextInTurn() =>
        (!_rules.IsSerial && _now.Cursor > _first && _now.Cursor <= _last ? Next(_now.Cursor) : null) ?? Next(_first);

    private UInt128? Next(UInt128 from) => _now.Barred.NextFree(from) is { } slot && slot <= _last ? slot : null;

    private UInt128? LongestRested() => _now.Resting.IsEmpty ? null : _now.Resting.Oldest.Slot;

    private AddressPool Resting(UInt128 slot, DateTimeOffset now)
    {
        if (_rules.Rest <= TimeSpan.Zero || !IsChosen(slot))
        {
            return this;
        }

        var room = _now.Resting.Count < Quarantine.RestingMax ? _now : _now.Rested(_now.Resting.Oldest.Slot);
        return With(room.AtRest(slot, now + _rules.Rest));
    }

    // A rest that would be longer than any began before the clock was set back: nobody knows how long ago.
    private bool IsOver(DateTimeOffset until, DateTimeOffset now) => until <= now || until - now > _rules.Rest;

    private bool IsChosen(UInt128 slot) => slot >= _first && slot <= _last;

    private UInt128 LeasedInRange() => _now.TakenInRange - (UInt128)_now.Reserved.Keys.Count(IsChosen);

    private AddressPool WithLease(UInt128 slot, UInt128 cursor) =>
        With(_now.Leasing(slot, IsChosen(slot), cursor));

    private AddressPool WithReserved(UInt128 slot, string reason) =>
        With(_now.Reserving(slot, IsChosen(slot), reason));

    private AddressPool With(Occupancy now) => new(Prefix, _rules, _first, _last, now);

    private UInt128 After(UInt128 slot) => slot == _now.Taken.Last ? UInt128.Zero : slot + 1;

    private static (UInt128 First, UInt128 Last) RangeOf(IPNetwork prefix, IPNetwork range)
    {
        if (!Model.Prefix.Contains(prefix, range.BaseAddress) || range.PrefixLength < prefix.PrefixLength)
        {
            throw new ArgumentException($"range {range} is not inside {prefix}", nameof(range));
        }

        var start = Model.Prefix.ToNumber(prefix.BaseAddress);
        return (Model.Prefix.ToNumber(range.BaseAddress) - start, Model.Prefix.ToNumber(Model.Prefix.LastAddress(range)) - start);
    }

    private UInt128 SlotOf(IPAddress address) => Model.Prefix.ToNumber(address) - Model.Prefix.ToNumber(Prefix.BaseAddress);

    private IPAddress AddressOf(UInt128 slot) => Model.Prefix.FromNumber(
        Model.Prefix.ToNumber(Prefix.BaseAddress) + slot, Prefix.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6);
}
