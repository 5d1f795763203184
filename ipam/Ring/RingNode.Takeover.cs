using Networking.Ipam.Ring.Authority;

namespace Networking.Ipam.Ring;

/// <summary>Ranges of those who are gone, and of this node when it goes.</summary>
public sealed partial class RingNode
{
    private const int HeirsMax = 6;

    // Not all nodes have all pools: the others look too, but seldom.
    private const int OthersLookEvery = 8;

    private readonly Dictionary<OwnerId, Watch> _watched = [];
    private readonly HashSet<OwnerId> _heirsTried = [];
    private TimeSpan _scanAt;
    private TimeSpan? _scannedAt;
    private TimeSpan _leaveBy;

    private TimeSpan ScanInterval => _alive.Count > 0 && _alive.Min.CompareTo(Id) < 0 ? OthersLookEvery * _options.ScanInterval : _options.ScanInterval;

    /// <summary>The lowest node alive reads all records from time to time, the others seldom; that there may be two at once does no harm.</summary>
    private void StartTakeover()
    {
        if (!IsHolding || _time.Lived < _scanAt || !_pools.Values.Any(static p => p.IsConfirmed))
        {
            return;
        }

        _scanAt = _time.Lived + ScanInterval;
        Start(new Operation { What = "read all records", Read = static id => new AuthorityRequest.List(id), Answered = Scan });
    }

    private void Scan(AuthorityAnswer answer)
    {
        // While nobody could renew, standing still means nothing.
        if (_scannedAt is { } last && _time.Lived - last > 3 * ScanInterval && _options.Planted != RingBug.LeapCountsAsWaiting)
        {
            _watched.Clear();
        }

        _scannedAt = _time.Lived;
        foreach (var record in answer.Records.Where(r => r.Owner != Id))
        {
            if (_alive.Contains(record.Owner))
            {
                _ = _watched.Remove(record.Owner);
            }
            else if (!_watched.TryGetValue(record.Owner, out var watch) || watch.Renewal != record.Renewal || watch.State != record.State)
            {
                _watched[record.Owner] = new Watch(record.Renewal, record.State, _time.Lived);
            }

            Judge(record);
        }

        foreach (var gone in _watched.Keys.Except(answer.Records.Select(static r => r.Owner)).ToList())
        {
            _ = _watched.Remove(gone);
        }
    }

    private void Judge(NodeRecord record)
    {
        if (!_watched.TryGetValue(record.Owner, out var watch) || _wishes.Count >= _options.PendingMax)
        {
            return;
        }

        var stillFor = _time.Lived - watch.Since;
        var isOver = record.State != RecordState.Active || stillFor >= _options.ReclaimWait || _options.Planted == RingBug.ReclaimTooEarly;
        if (!record.Holdings.IsEmpty && isOver)
        {
            _wishes.Enqueue(TakeoverOf(record));
        }
        else if (record.Holdings.IsEmpty && isOver && stillFor >= _options.ForgetAfter)
        {
            _wishes.Enqueue(new Operation
            {
                What = $"forget node {record.Owner}",
                Other = record.Owner,
                Build = (own, other) => other?.Revision == record.Revision ? new Draft(own, other with { State = RecordState.Forgotten }) : null,
            });
        }
    }

    private Operation TakeoverOf(NodeRecord dead) => new()
    {
        What = $"take over the ranges of {dead.Owner}",
        Other = dead.Owner,
        Build = (own, other) => other?.Revision == dead.Revision && !_alive.Contains(dead.Owner) ? TakenOver(own, other) : null,
        Done = draft =>
        {
            _ = _watched.Remove(dead.Owner);
            Report(RingTrouble.TookOver, $"{dead.Owner} {dead.Revision}", $"Node {dead.Owner} is gone and its term is over: {dead.Holdings.Length} ranges are taken over. What it may have leased is withheld for {_options.ReclaimAfter}.");
        },
    };

    /// <summary>As many of its ranges as there is room for, of pools that are open here; the rest waits for the next look, or for others.</summary>
    private Draft? TakenOver(NodeRecord own, NodeRecord dead)
    {
        var isWithheld = _options.Planted != RingBug.WithheldGivenAtOnce;
        var (kept, taken) = (dead.Holdings, own.Holdings);
        foreach (var holding in dead.Holdings.Where(h => _pools.TryGetValue(h.Pool, out var pool) && pool.IsConfirmed))
        {
            if (taken.Length + 2 > _options.HoldingsMax)
            {
                break;
            }

            taken = HoldingList.Of(taken.Concat(HoldingList.TakenOver(holding, dead.Owner, isWithheld)));
            kept = kept.Remove(holding);
        }

        return kept.Length == dead.Holdings.Length
            ? null
            : new Draft(own with { Holdings = taken }, dead with { State = RecordState.Reclaimed, By = Id, Holdings = kept });
    }

    private void Lose(NodeRecord current)
    {
        var lost = _record.Holdings;
        _isBegun = false;
        _termFrom = null;
        _promised = null;
        Apply(current, isForced: true);
        foreach (var holding in lost)
        {
            if (_pools.TryGetValue(holding.Pool, out var pool))
            {
                Emit(new RingEffect.Lost(pool.Name, pool.AddressOf(holding.First), pool.AddressOf(holding.Last), current.By));
            }
        }

        Report(RingTrouble.RangesLost, $"{current.Revision}", $"Node {current.By} has taken over the ranges of this node, which was believed dead: {lost.Length} ranges. Addresses still leased here are asked of it one by one.");
    }

    private void StartLeaving()
    {
        var heir = _alive.Where(n => n != Id && !_heirsTried.Contains(n) && Held.Any(h => Knows(n, h.Pool)))
            .OrderBy(n => _pools.Values.Sum(p => p.FreeBits.GetValueOrDefault(n))).Select(static n => (OwnerId?)n).FirstOrDefault();
        if (Held.IsEmpty || heir is not { } to || _heirsTried.Count >= HeirsMax || _time.Lived >= _leaveBy || _options.Planted == RingBug.HandOverForgets)
        {
            EndLeaving();
            return;
        }

        _ = _heirsTried.Add(to);
        Start(new Operation
        {
            What = $"hand over to {to}",
            Other = to,
            Build = (own, other) => other is { State: RecordState.Active } ? HandedOver(own, other) : null,
            Done = draft =>
            {
                // So that the heir need not wait for its next renewal to learn of it.
                foreach (var pool in _pools.Values.Where(p => Knows(to, p.Name)))
                {
                    Emit(new RingEffect.Send(to, new RingMessage.Answer(0, pool.Name, AskOutcome.Given, draft.Other, null)));
                }
            },
        });
    }

    private bool Knows(OwnerId node, string pool) => _pools.TryGetValue(pool, out var known) && known.FreeBits.ContainsKey(node);

    // What nobody was found for is taken over by whoever reads the record next.
    private void EndLeaving() => Start(new Operation
    {
        What = "leave",
        Build = (own, _) => new Draft(
            own with { State = RecordState.Left, Holdings = _options.Planted == RingBug.HandOverForgets ? [] : own.Holdings }, null),
        Done = _ => Depart(),
        Failed = Depart,
    });

    private Draft? HandedOver(NodeRecord own, NodeRecord heir)
    {
        var (kept, given) = (own.Holdings, heir.Holdings);
        foreach (var holding in own.Holdings.Where(h => Knows(heir.Owner, h.Pool)))
        {
            if (given.Length + 2 > _options.HoldingsMax)
            {
                break;
            }

            given = HoldingList.Of(given.Concat(HoldingList.TakenOver(holding, Id, _pools[holding.Pool].Leases.IsBusy(holding))));
            kept = kept.Remove(holding);
        }

        return kept.Length == own.Holdings.Length ? null : new Draft(own with { Holdings = kept }, heir with { Holdings = given });
    }

    private void Depart()
    {
        _isDeparted = true;
        _termFrom = null;
        Emit(new RingEffect.Departed());
    }

    private readonly record struct Watch(ulong Renewal, RecordState State, TimeSpan Since);
}
