using Networking.Ipam.Ring.Authority;
using Networking.Ipam.Ring.Merge;
using Networking.Ipam.Ring.Space;

namespace Networking.Ipam.Ring;

/// <summary>What is given to others: by one commit of both records, and told afterwards.</summary>
public sealed partial class RingNode
{
    private readonly Dictionary<(OwnerId, string, UInt128?), RingMessage.Answer> _lastGiven = [];
    private readonly HashSet<(OwnerId, string, UInt128?)> _considered = [];

    private void Consider(OwnerId from, RingPool pool, RingMessage.DonationAsk ask)
    {
        if (_lastGiven.TryGetValue((from, pool.Name, null), out var given) && given.Nonce == ask.Nonce)
        {
            Emit(new RingEffect.Send(from, given));
            return;
        }

        // Who asks ahead of need gets what is really spare; who has nothing left gets half of what there is.
        var spare = IsHolding && pool.IsConfirmed ? pool.SpareCount(Held, _time.Lived) : 0;
        if (!IsHolding || !pool.IsConfirmed || !HasRoomFor((from, pool.Name, null)))
        {
            Answer(from, pool, ask.Nonce, AskOutcome.Busy);
        }
        else if (spare < (ask.IsUrgent ? 2 : 4 * (UInt128)_options.OpenAhead))
        {
            Answer(from, pool, ask.Nonce, AskOutcome.Nothing);
        }
        else
        {
            Queue(from, pool, ask.Nonce, ask.Generation, offset: null);
        }
    }

    private void Consider(OwnerId from, RingPool pool, RingMessage.ClaimAsk ask)
    {
        if (_lastGiven.TryGetValue((from, pool.Name, ask.Offset), out var given) && given.Nonce == ask.Nonce)
        {
            Emit(new RingEffect.Send(from, given));
            return;
        }

        if (!IsHolding || !pool.IsConfirmed || !HasRoomFor((from, pool.Name, ask.Offset)))
        {
            Answer(from, pool, ask.Nonce, AskOutcome.Busy);
            return;
        }

        var isBlind = _options.Planted == RingBug.ClaimAnsweredByNonOwner;
        var own = HoldingList.Find(Held, pool.Name, ask.Offset);
        var outcome = own is null && !isBlind ? AskOutcome.NotOwner
            : pool.Leases.IsReserved(ask.Offset) ? AskOutcome.Reserved
            : pool.Leases.IsLeased(ask.Offset) ? AskOutcome.Taken
            : own is { IsWithheld: true } withheld && !(ask.IsInUse && withheld.Former == from) && !pool.IsOver(withheld, _time.Lived) ? AskOutcome.Withheld
            : AskOutcome.Given;
        if (outcome == AskOutcome.Given)
        {
            Queue(from, pool, ask.Nonce, ask.Generation, ask.Offset);
        }
        else
        {
            Answer(from, pool, ask.Nonce, outcome, known: pool.Map.Find(ask.Offset));
        }
    }

    private bool HasRoomFor((OwnerId, string, UInt128?) wish) => _wishes.Count < _options.PendingMax && !_considered.Contains(wish);

    private void Queue(OwnerId to, RingPool pool, long nonce, uint generation, UInt128? offset)
    {
        var key = (to, pool.Name, offset);
        _ = _considered.Add(key);
        _wishes.Enqueue(new Operation
        {
            What = offset is { } one ? $"give {pool.AddressOf(one)} to {to}" : $"give half of the largest free range of pool {pool.Name} to {to}",
            Other = to,
            Prepare = operation => Prepare(operation, pool, offset),
            Build = (own, other) => Donated(own, other, generation, pool, _promised?.Stretch, isOne: offset is not null),
            Done = draft => Given(key, pool, nonce, draft),
            Failed = () =>
            {
                _ = _considered.Remove(key);
                Answer(to, pool, nonce, AskOutcome.Busy);
            },
        });
    }

    // What is free may have changed while the wish waited.
    private bool Prepare(Operation operation, RingPool pool, UInt128? offset)
    {
        if (!IsHolding)
        {
            return false;
        }

        if (offset is { } one)
        {
            if (pool.Leases.IsLeased(one))
            {
                return false;
            }

            pool.Leases.EndRest(one);
            operation.Promised = (pool, new Stretch(one, one));
            return true;
        }

        if (pool.Leases.LargestFree(Own(pool)) is not { } largest)
        {
            return false;
        }

        operation.Promised = (pool, largest.UpperHalf);
        return true;
    }

    private Draft? Donated(NodeRecord own, NodeRecord? other, uint generation, RingPool pool, Stretch? promised, bool isOne)
    {
        if (promised is not { } stretch || other is not { State: RecordState.Active } || other.Generation != generation
            || other.Holdings.Length + 1 > _options.HoldingsMax || own.Holdings.Length + 1 > _options.HoldingsMax)
        {
            return null;
        }

        var isBlind = _options.Planted == RingBug.ClaimAnsweredByNonOwner && isOne;
        if (!isBlind && !IsOurs(own, pool, stretch))
        {
            return null;
        }

        var version = isBlind ? 1_000_000 : HoldingList.VersionOf(own.Holdings, pool.Name, stretch.First, stretch.Last) + 1;
        var opened = isOne ? UInt128.One : UInt128.Min(stretch.Length, (UInt128)_options.OpenAhead);
        var kept = _options.Planted == RingBug.DonationCountedTwice ? own.Holdings : HoldingList.Without(own.Holdings, pool.Name, stretch.First, stretch.Last);
        return new Draft(
            own with { Holdings = kept },
            other with { Holdings = HoldingList.With(other.Holdings, new Holding(pool.Name, stretch.First, stretch.Last, version, opened, default)) });
    }

    private static bool IsOurs(NodeRecord own, RingPool pool, Stretch stretch)
    {
        var owned = UInt128.Zero;
        foreach (var holding in own.Holdings.Where(h => h.Pool == pool.Name && h.First <= stretch.Last && h.Last >= stretch.First))
        {
            owned += UInt128.Min(holding.Last, stretch.Last) - UInt128.Max(holding.First, stretch.First) + 1;
        }

        return owned == stretch.Length;
    }

    private void Given((OwnerId To, string Pool, UInt128? Offset) key, RingPool pool, long nonce, Draft draft)
    {
        _ = _considered.Remove(key);
        foreach (var holding in draft.Other!.Holdings.Where(h => h.Pool == pool.Name)) // a donation has two records
        {
            _ = pool.TryJoin(new Claim(holding.First, holding.Last, holding.Version, key.To));
        }

        if (_lastGiven.Count >= _options.PendingMax)
        {
            _lastGiven.Clear();
        }

        var answer = new RingMessage.Answer(nonce, pool.Name, AskOutcome.Given, draft.Other, null);
        _lastGiven[key] = answer;
        Emit(new RingEffect.Send(key.To, answer));
    }

    private void Answer(OwnerId to, RingPool pool, long nonce, AskOutcome outcome, Claim? known = null) =>
        Emit(new RingEffect.Send(to, new RingMessage.Answer(nonce, pool.Name, outcome, null, known)));
}
