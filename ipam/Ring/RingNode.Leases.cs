using System.Collections.Immutable;
using Networking.Ipam.Ring.Authority;

namespace Networking.Ipam.Ring;

/// <summary>Leases: what is free here is given at once; the rest waits for a term, for space, or for who owns the address.</summary>
public sealed partial class RingNode
{
    private void Take(RingInput.Lease lease)
    {
        if (Impossible(lease) is { } refusal)
        {
            Emit(refusal);
            return;
        }

        var pool = _pools[lease.Pool];
        if (lease.Requested is null && IsHolding && pool.Leases.Choose() is { } chosen)
        {
            // Half of what is open is used: more is opened before it is needed.
            _isDirty |= pool.HasUnopened && _operation is null && (pool.Leases.FreeCount + (UInt128)pool.Leases.RestingCount) * 2 < UInt128.Max((UInt128)_options.OpenAhead, pool.Leases.LeasedCount);
            Emit(new RingEffect.Leased(lease.Ticket, pool.Name, pool.AddressOf(chosen)));
            return;
        }

        if (pool.Pending.Count >= _options.PendingMax)
        {
            Refuse(pool, lease.Ticket, RefusalReason.TooMany, $"{_options.PendingMax} requests wait already");
            return;
        }

        pool.Pending.Add(new PendingLease
        {
            Ticket = lease.Ticket,
            Offset = lease.Requested is { } address ? pool.OffsetOf(address) : null,
            Deadline = _time.Lived + _options.LeaseDeadline,
        });
        _isDirty = true;
    }

    private RingEffect.Refused? Impossible(RingInput.Lease lease)
    {
        var what = lease.Requested is { } address ? $"address {address} of pool {lease.Pool}" : $"an address of pool {lease.Pool}";
        RingEffect.Refused Because(RefusalReason reason, string why) => new(lease.Ticket, lease.Pool, reason, $"{what}: {why}.");
        return !_pools.TryGetValue(lease.Pool, out var pool) ? Because(RefusalReason.NotPossible, "the pool is not open on this node")
            : pool.Refusal is { } refusal ? Because(RefusalReason.NotPossible, refusal)
            : _isStopped ? Because(RefusalReason.NotPossible, "another machine runs with this node's id; give one of them a new id")
            : _isLeaving ? Because(RefusalReason.NotPossible, "this node is leaving the cluster")
            : lease.Requested is { } outside && !pool.Contains(outside) ? Because(RefusalReason.NotPossible, $"it is outside {pool.Prefix}")
            : lease.Requested is { } reserved && pool.Leases.IsReserved(pool.OffsetOf(reserved)) ? Because(RefusalReason.Reserved, "it is the network, broadcast or anycast address")
            : null;
    }

    private void Release(RingInput.Release release)
    {
        if (_options.Planted != RingBug.ReleaseLost && _pools.TryGetValue(release.Pool, out var pool) && pool.Contains(release.Address))
        {
            var offset = pool.OffsetOf(release.Address);
            pool.Leases.Release(offset, Moment);
            _ = pool.Pending.RemoveAll(p => p.IsOrphan && p.Offset == offset);
            _isDirty |= pool.Pending.Count > 0;
        }
    }

    /// <summary>Those who wait are served, as far as it can be done now.</summary>
    private void Serve(RingPool pool)
    {
        if (!pool.IsConfirmed)
        {
            return;
        }

        foreach (var pending in pool.Pending.ToList())
        {
            if (pending.Offset is { } offset)
            {
                Seek(pool, pending, offset);
            }
            else if (pool.Leases.Choose() is { } chosen)
            {
                _ = pool.Pending.Remove(pending);
                Emit(new RingEffect.Leased(pending.Ticket, pool.Name, pool.AddressOf(chosen)));
            }
        }
    }

    /// <summary>One step towards an address that was asked for.</summary>
    private void Seek(RingPool pool, PendingLease pending, UInt128 offset)
    {
        if (HoldingList.Find(Held, pool.Name, offset) is not { } own)
        {
            AskForClaim(pool, pending, offset);
            return;
        }

        if (pool.Leases.HasWindow(offset))
        {
            _ = pool.Pending.Remove(pending);
            if (!pending.IsOrphan && pool.Leases.TryTake(offset))
            {
                Emit(new RingEffect.Leased(pending.Ticket, pool.Name, pool.AddressOf(offset)));
            }
            else if (!pending.IsOrphan)
            {
                Refuse(pool, pending.Ticket, RefusalReason.Taken, $"{pool.AddressOf(offset)} is leased on this node already");
            }
        }
        else if (!pending.IsOrphan && pool.Leases.IsLeased(offset))
        {
            _ = pool.Pending.Remove(pending);
            Refuse(pool, pending.Ticket, RefusalReason.Taken, $"{pool.AddressOf(offset)} is leased on this node already");
        }
        else if (own.IsWithheld && !pool.IsOver(own, _time.Lived))
        {
            // One in use here stays so. It is not opened: after an old disk a copy of this machine may use it, too.
            _ = pool.Pending.Remove(pending);
            if (!pending.IsOrphan)
            {
                Refuse(pool, pending.Ticket, RefusalReason.Withheld, $"{pool.AddressOf(offset)} may still be in use at node {own.Former}, whose range was taken over; ask again later, or for another");
            }
        }
        else if (!pending.IsOpening && _wishes.Count < _options.PendingMax)
        {
            pending.IsOpening = true;
            _wishes.Enqueue(OpeningOf(pool, pending, offset));
        }
    }

    /// <summary>An address of ours that is not open is opened alone.</summary>
    private Operation OpeningOf(RingPool pool, PendingLease pending, UInt128 offset) => new()
    {
        What = $"open {pool.AddressOf(offset)}",
        Build = (own, _) => HoldingList.Find(own.Holdings, pool.Name, offset) is { } holding && Opened(own, pool, holding, offset) is { } holdings
            ? new Draft(own with { Holdings = holdings }, null)
            : null,
        Done = _ => pending.IsOpening = false,
        Failed = () => pending.IsOpening = false,
    };

    private ImmutableArray<Holding>? Opened(NodeRecord own, RingPool pool, Holding holding, UInt128 offset)
    {
        if (own.Holdings.Length + 2 <= _options.HoldingsMax)
        {
            return HoldingList.With(
                HoldingList.Without(own.Holdings, holding.Pool, offset, offset),
                holding with { First = offset, Last = offset, Version = holding.Version + 1, Opened = 1, Former = default });
        }

        // No room for a range of one. All of it was open before it was withheld, and will be again as soon as that is over.
        return holding.IsWithheld && pool.IsOver(holding, _time.Lived)
            ? HoldingList.Of(own.Holdings.Replace(holding, holding with { Opened = holding.Length, Former = default }))
            : null;
    }

    private void Expire(RingPool pool)
    {
        foreach (var pending in pool.Pending.Where(p => !p.IsOrphan && p.Deadline <= _time.Lived).ToList())
        {
            _ = pool.Pending.Remove(pending);
            var (reason, why) = !pool.IsConfirmed ? (RefusalReason.NotPossible, pool.Refusal ?? "the cluster does not know the pool yet, or the authority does not answer")
                : !IsHolding ? (RefusalReason.NoTerm, "this node's term is over and the authority does not answer; addresses are given again once it does")
                : pending.Offset is null ? (RefusalReason.Exhausted, "no address is free here, and no other node gave any in time")
                : (RefusalReason.Unreachable, "who owns the address did not answer in time");
            Refuse(pool, pending.Ticket, reason, why);
        }
    }

    private void Refuse(RingPool pool, long ticket, RefusalReason reason, string why) =>
        Emit(new RingEffect.Refused(ticket, pool.Name, reason, $"an address of pool {pool.Name}: {why}."));
}
