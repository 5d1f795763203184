using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Networking.Ipam;

/// <summary>
/// The addresses of one prefix and which of them are leased. Immutable: a lease or release yields a new pool and the old
/// one stays as it was. The cost depends on the prefix length only, never on how much is leased.
/// </summary>
/// <remarks>
/// Addresses are given in turn, the next after the last one given, around and around: one that was released rests as long
/// as possible, because neighbours and resolvers may still remember who had it.
/// </remarks>
public sealed class AddressPool
{
    private readonly SlotSet _taken;
    private readonly ImmutableSortedDictionary<UInt128, string> _reserved;
    private readonly UInt128 _cursor;

    private AddressPool(
        IPNetwork prefix, SlotSet taken, ImmutableSortedDictionary<UInt128, string> reserved, UInt128 cursor, UInt128 leasedCount)
    {
        Prefix = prefix;
        _taken = taken;
        _reserved = reserved;
        _cursor = cursor;
        LeasedCount = leasedCount;
    }

    /// <summary>The prefix.</summary>
    public IPNetwork Prefix { get; }

    /// <summary>How many addresses are leased.</summary>
    public UInt128 LeasedCount { get; }

    /// <summary>How many addresses can still be leased.</summary>
    public UInt128 FreeCount => _taken.Last - LeasedCount - (UInt128)_reserved.Count + 1;

    /// <summary>
    /// A pool with nothing leased. What no endpoint may have, by the rules of its family, is reserved.
    /// </summary>
    public static AddressPool Create(IPNetwork prefix)
    {
        var isIpv6 = prefix.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6;
        var hostBits = Model.Prefix.BitsOf(prefix.BaseAddress) - prefix.PrefixLength;
        var pool = new AddressPool(
            prefix, SlotSet.Empty(hostBits), ImmutableSortedDictionary<UInt128, string>.Empty, UInt128.Zero, UInt128.Zero);

        // Two addresses are two ends of a link (RFC 3021, RFC 6164), one is a host: nothing is set aside there.
        if (hostBits < 2)
        {
            return pool;
        }

        return isIpv6
            ? pool.WithReserved(UInt128.Zero, "subnet-router anycast address")
            : pool.WithReserved(UInt128.Zero, "network address").WithReserved(pool._taken.Last, "broadcast address");
    }

    /// <summary>
    /// The first address of a prefix that an interface may have: the gateway's, if nobody asks for another.
    /// </summary>
    public static IPAddress FirstAddress(IPNetwork prefix)
    {
        var pool = Create(prefix);
        return pool.AddressOf(pool._taken.NextFree(UInt128.Zero) ?? UInt128.Zero);
    }

    /// <summary>Leases the address asked for, or the next one in turn.</summary>
    /// <param name="requested">The address asked for; null for any. Asking for one does not move the turn.</param>
    /// <returns>What became of it, and the pool afterwards: this one, unless the address was granted.</returns>
    public (LeaseResult Result, AddressPool Pool) Lease(IPAddress? requested = null)
    {
        if (requested is not null)
        {
            return Refusal(requested) is { } refusal
                ? (refusal, this)
                : (new LeaseResult.Granted(requested), With(SlotOf(requested), _cursor));
        }

        if ((_taken.NextFree(_cursor) ?? _taken.NextFree(UInt128.Zero)) is not { } slot)
        {
            return (new LeaseResult.Exhausted(Prefix, LeasedCount), this);
        }

        return (new LeaseResult.Granted(AddressOf(slot)), With(slot, After(slot)));
    }

    /// <summary>Gives an address back; one that is not leased is fine.</summary>
    public AddressPool Release(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (Refusal(address) is not LeaseResult.AlreadyLeased)
        {
            return this;
        }

        return new AddressPool(Prefix, _taken.Remove(SlotOf(address)), _reserved, _cursor, LeasedCount - 1);
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
    public bool IsLeased(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return Refusal(address) is LeaseResult.AlreadyLeased;
    }

    /// <summary>Goes on after this address: told after a restart, so that the turn does not begin anew.</summary>
    public AddressPool ContinueAfter(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return Model.Prefix.Contains(Prefix, address)
            ? new AddressPool(Prefix, _taken, _reserved, After(SlotOf(address)), LeasedCount)
            : this;
    }

    // Why this very address cannot be had; null if it can.
    private LeaseResult? Refusal(IPAddress address)
    {
        if (!Model.Prefix.Contains(Prefix, address))
        {
            return new LeaseResult.OutsidePool(address, Prefix);
        }

        var slot = SlotOf(address);
        if (!_taken.Contains(slot))
        {
            return null;
        }

        return _reserved.TryGetValue(slot, out var reason)
            ? new LeaseResult.Reserved(address, reason)
            : new LeaseResult.AlreadyLeased(address);
    }

    private AddressPool With(UInt128 slot, UInt128 cursor) =>
        new(Prefix, _taken.Add(slot), _reserved, cursor, LeasedCount + 1);

    private AddressPool WithReserved(UInt128 slot, string reason) =>
        new(Prefix, _taken.Add(slot), _reserved.Add(slot, reason), _cursor, LeasedCount);

    private UInt128 After(UInt128 slot) => slot == _taken.Last ? UInt128.Zero : slot + 1;

    private UInt128 SlotOf(IPAddress address) => Model.Prefix.ToNumber(address) - Model.Prefix.ToNumber(Prefix.BaseAddress);

    private IPAddress AddressOf(UInt128 slot) => Model.Prefix.FromNumber(
        Model.Prefix.ToNumber(Prefix.BaseAddress) + slot, Prefix.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6);
}
