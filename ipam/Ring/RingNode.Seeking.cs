using Networking.Ipam.Ring.Authority;

namespace Networking.Ipam.Ring;

/// <summary>What is asked of others: a donation when there is little left, and single addresses from who owns them.</summary>
public sealed partial class RingNode
{
    private static readonly TimeSpan Never = TimeSpan.MaxValue;

    /// <summary>Looks for a donation while there is too little.</summary>
    private void Feed(RingPool pool)
    {
        if (!pool.IsConfirmed)
        {
            return;
        }

        var spare = pool.SpareCount(Held, _time.Lived);
        var isUrgent = spare == 0 && pool.Pending.Any(static p => p.Offset is null);
        var hunger = pool.Hunger;
        if (!isUrgent && spare >= ((UInt128)_options.OpenAhead + 1) / 2)
        {
            hunger.Reset();
            return;
        }

        if (hunger.IsAsking && _time.Lived - hunger.AskedAt < _options.AskTimeout)
        {
            return;
        }

        hunger.Nonce = 0;
        if (_time.Lived < hunger.NotBefore)
        {
            return;
        }

        if (hunger.Tried.Count < _options.DonorsPerRound && Donor(pool) is { } donor)
        {
            _ = hunger.Tried.Add(donor);
            (hunger.Nonce, hunger.Donor, hunger.AskedAt) = (NewNonce(), donor, _time.Lived);
            Emit(new RingEffect.Send(donor, new RingMessage.DonationAsk(hunger.Nonce, pool.Name, _record.Generation, isUrgent)));
            return;
        }

        EndRound(pool, isUrgent);
    }

    // Nobody had anything: a pause, longer each time. An answer may have been lost, so a renewal looks at the record, too.
    private void EndRound(RingPool pool, bool isUrgent)
    {
        var asked = pool.Hunger.Tried.Count;
        pool.Hunger.Tried.Clear();
        pool.Hunger.NotBefore = _time.Lived + Backoff(pool.Hunger.Rounds++);
        _wantsLook = true;
        if (isUrgent && pool.Hunger.Rounds > 1)
        {
            foreach (var pending in pool.Pending.Where(static p => p.Offset is null).ToList())
            {
                _ = pool.Pending.Remove(pending);
                Refuse(pool, pending.Ticket, RefusalReason.Exhausted, $"none is free here, and {asked} other nodes gave none");
            }
        }
    }

    /// <summary>Who is asked next: the largest free range first; among like ones each node has its own order, so that hunger spreads.</summary>
    private OwnerId? Donor(RingPool pool)
    {
        OwnerId? best = null;
        var bestRank = (Bits: -1, Order: 0UL);
        foreach (var candidate in _alive.Where(n => n != Id && !pool.Hunger.Tried.Contains(n)))
        {
            var rank = (pool.FreeBits.GetValueOrDefault(candidate), Mixed(candidate.Value ^ (Id.Value * 0x9E3779B97F4A7C15)));
            if (rank.CompareTo(bestRank) > 0)
            {
                (best, bestRank) = (candidate, rank);
            }
        }

        return best;
    }

    private static ulong Mixed(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    /// <summary>Leases whose range is another's are settled with it, one at a time.</summary>
    private void Settle(RingPool pool)
    {
        if (pool.IsConfirmed && pool.Leases.Orphans.Count > 0 && !pool.Pending.Any(static p => p.IsOrphan))
        {
            if (_options.Planted == RingBug.YieldsUnasked)
            {
                Yield(_record.By, pool, pool.Leases.Orphans.First());
                return;
            }

            // The next in turn, so that one nobody answers for does not stand before all others.
            var orphans = pool.Leases.Orphans;
            pool.Pending.Add(new PendingLease { Offset = orphans.ElementAt(_orphanTurn++ % orphans.Count), IsOrphan = true, Deadline = Never });
        }
    }

    private int _orphanTurn;

    private void AskForClaim(RingPool pool, PendingLease pending, UInt128 offset)
    {
        if ((pending.Nonce != 0 && _time.Lived - pending.AskedAt < _options.AskTimeout) || _time.Lived < pending.NotBefore)
        {
            return;
        }

        // The owner is not known yet, or is believed to be this node by old news: rows will come.
        if (pool.Map.Find(offset)?.Owner is not { } target || target == Id)
        {
            pending.NotBefore = _time.Lived + _options.AskTimeout;
            _wantsLook = true;
            return;
        }

        // No answer to an earlier question: it may be ours by now.
        _wantsLook |= pending.Nonce != 0;
        (pending.Nonce, pending.AskedAt) = (NewNonce(), _time.Lived);
        Emit(new RingEffect.Send(target, new RingMessage.ClaimAsk(pending.Nonce, pool.Name, _record.Generation, offset, pending.IsOrphan)));
        if (pending.IsOrphan && ++pending.Hops > PendingLease.HopsMax)
        {
            _ = pool.Pending.Remove(pending);
        }
    }

    private void Take(OwnerId from, RingPool pool, RingMessage.Answer answer)
    {
        if (answer.Record is { } record)
        {
            Adopt(record);
        }

        if (answer.Known is { } known && !pool.TryJoin(known))
        {
            Report(RingTrouble.BadMessage, $"{from}", $"Node {from} says of pool {pool.Name} what cannot be: {known}.");
        }

        if (answer.Nonce == 0)
        {
            // Nobody asked: a leaving node hands over.
            return;
        }

        if (pool.Hunger.Nonce == answer.Nonce && pool.Hunger.Donor == from)
        {
            Fed(pool, answer.Outcome);
        }
        else if (pool.Pending.FirstOrDefault(p => p.Nonce == answer.Nonce) is { Offset: { } offset } pending)
        {
            Heard(from, pool, pending, offset, answer.Outcome);
        }
    }

    private static void Fed(RingPool pool, AskOutcome outcome)
    {
        var donor = pool.Hunger.Donor;
        pool.Hunger.Nonce = 0;
        if (outcome == AskOutcome.Given)
        {
            pool.Hunger.Reset();
        }
        else if (outcome == AskOutcome.Nothing)
        {
            pool.FreeBits[donor] = 0;
        }
    }

    private void Heard(OwnerId from, RingPool pool, PendingLease pending, UInt128 offset, AskOutcome outcome)
    {
        pending.Nonce = 0;
        switch (outcome)
        {
            case AskOutcome.Given:
                // It is in the record now; the next look finds it open.
                break;
            case AskOutcome.NotOwner when ++pending.Hops <= PendingLease.HopsMax:
            case AskOutcome.Busy:
            case AskOutcome.Withheld when pending.IsOrphan:
                pending.NotBefore = _time.Lived + _options.TickInterval;
                break;
            case AskOutcome.Taken or AskOutcome.Reserved when pending.IsOrphan:
                _ = pool.Pending.Remove(pending);
                Yield(from, pool, offset);
                break;
            default:
                _ = pool.Pending.Remove(pending);
                if (!pending.IsOrphan)
                {
                    Refuse(pool, pending.Ticket, Reason(outcome), $"{pool.AddressOf(offset)}, which node {from} owns, {Words(outcome)}");
                }

                break;
        }
    }

    // The range was taken over, and the address given again: who took over wins.
    private void Yield(OwnerId to, RingPool pool, UInt128 offset)
    {
        var address = pool.AddressOf(offset);
        if (HoldingList.Find(Held, pool.Name, offset) is not null || !pool.Leases.Orphans.Contains(offset))
        {
            return;
        }

        pool.Leases.Release(offset, Moment);
        if (_options.Planted == RingBug.DuplicateKept)
        {
            return;
        }

        Report(RingTrouble.DuplicateLease, $"{pool.Name} {address}", $"Address {address} of pool {pool.Name} is in use here and at node {to}, which has its range now: this node was believed dead, or its disk is an old one. It is taken away from its endpoint here: connect that anew.");
        Emit(new RingEffect.LeaseLost(pool.Name, address, to));
    }

    private static RefusalReason Reason(AskOutcome outcome) => outcome switch
    {
        AskOutcome.Taken => RefusalReason.Taken,
        AskOutcome.Withheld => RefusalReason.Withheld,
        AskOutcome.Reserved => RefusalReason.Reserved,
        _ => RefusalReason.Unreachable,
    };

    private static string Words(AskOutcome outcome) => outcome switch
    {
        AskOutcome.Taken => "is leased there",
        AskOutcome.Withheld => "may still be in use at the node that lost it; ask again later, or for another",
        AskOutcome.Reserved => "is never leased",
        _ => "is not to be had: nobody who was asked owns it",
    };
}
