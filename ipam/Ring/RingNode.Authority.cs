using System.Collections.Immutable;
using Networking.Ipam.Ring.Authority;
using Networking.Ipam.Ring.Merge;
using Networking.Ipam.Ring.Space;

namespace Networking.Ipam.Ring;

/// <summary>The term, the record, and one operation at a time.</summary>
public sealed partial class RingNode
{
    private const int AttemptsMax = 6;

    private readonly Queue<Operation> _wishes = new();
    private NodeRecord _record;
    private bool _isRecordKnown;
    private bool _isBegun;
    private bool _isOldDisk;
    private bool _isInDoubt;
    private bool _wantsLook;
    private TimeSpan? _termFrom;
    private int _termSetBacks;
    private Operation? _operation;
    private (RingPool Pool, Stretch Stretch)? _promised;
    private TimeSpan _nextOperationAt;
    private int _silences;

    private bool HasTerm => _options.Planted == RingBug.TermIgnored || (_termFrom is { } from && IsWithin(from, _termSetBacks, _options.Term));

    private bool IsWithin(TimeSpan from, int setBacks, TimeSpan time) =>
        (setBacks == _time.SetBacks || _options.Planted == RingBug.ClockSetBackTrusted) && _time.Outside - from < time;

    private bool IsRenewalDue => !_isBegun || _isInDoubt || _wantsLook || _termFrom is not { } from || !IsWithin(from, _termSetBacks, _options.RenewAfter);

    private void StartNext()
    {
        if (_operation is not null || _isStopped || _isDeparted || _time.Lived < _nextOperationAt)
        {
            return;
        }

        if (IsRenewalDue || WantsOpening())
        {
            _wantsLook = false;
            Start(new Operation { What = "renew its term", IsRenewal = true, Build = (own, _) => new Draft(Renewed(own), null) });
        }
        else if (_pools.Values.FirstOrDefault(p => !p.IsConfirmed && p.Refusal is null && p.ReadNotBefore <= _time.Lived) is { } pool)
        {
            Start(ReadingOf(pool));
        }
        else if (_isLeaving)
        {
            StartLeaving();
        }
        else if (!StartWish())
        {
            StartTakeover();
        }
    }

    private bool StartWish()
    {
        while (_wishes.TryDequeue(out var wish))
        {
            if (wish.Prepare is null || wish.Prepare(wish))
            {
                Start(wish);
                return true;
            }

            wish.Failed?.Invoke();
        }

        return false;
    }

    private bool WantsOpening() => _pools.Values.Any(p => !p.Open(Held, _time.Lived).AsSpan().SequenceEqual(Held.AsSpan()));

    /// <summary>This node's record after a renewal: as much open as there should be, and of a beginning what its disk cannot vouch for withheld.</summary>
    private NodeRecord Renewed(NodeRecord own)
    {
        var holdings = own.Holdings;
        var generation = own.Generation;
        if (!_isBegun)
        {
            generation = Math.Max(own.Generation, _memory.Generation) + 1;
            holdings = _isOldDisk && _options.Planted != RingBug.OldDiskAccepted
                ? HoldingList.Of(holdings.SelectMany(h => HoldingList.TakenOver(h, Id, isOpenWithheld: true)))
                : holdings;
        }

        holdings = _pools.Values.Aggregate(holdings, (all, pool) => pool.Open(all, _time.Lived));
        if (holdings.Length > _options.HoldingsMax / 2)
        {
            // Room in the record is worth more than that what was withheld comes last: without it nothing can be given or taken.
            holdings = _pools.Values.Aggregate(holdings, (all, pool) => pool.Ended(all, _time.Lived));
        }

        return own with { Generation = generation, State = RecordState.Active, By = default, Holdings = HoldingList.Of(holdings) };
    }

    private Operation ReadingOf(RingPool pool) => new()
    {
        What = $"read pool {pool.Name}",
        Read = id => new AuthorityRequest.ReadPool(id, pool.Name),
        Answered = answer => Confirm(pool, answer.Pool),
    };

    private void Confirm(RingPool pool, PoolRecord? record)
    {
        pool.ReadNotBefore = _time.Lived + _options.AskTimeout;
        if (record is null && pool.Creates)
        {
            Start(CreationOf(pool));
        }
        else if (record is not null && !record.Prefix.Equals(pool.Prefix))
        {
            pool.Refusal = $"pool {pool.Name} is {record.Prefix} in this cluster, created by node {record.Creator}; this node's configuration says {pool.Prefix}. Give it the same range, or another name.";
            Report(RingTrouble.OtherPrefix, pool.Name, pool.Refusal);
        }
        else if (record is not null)
        {
            pool.IsConfirmed = true;
            Apply(_record, isForced: true);
        }
    }

    private Operation CreationOf(RingPool pool) => new()
    {
        What = $"create pool {pool.Name}",
        NewPool = new PoolRecord(pool.Name, pool.Prefix, Id),
        Build = (own, _) => new Draft(own with { Holdings = HoldingList.With(own.Holdings, new Holding(pool.Name, 0, pool.Last, 1, UInt128.Min((UInt128)_options.OpenAhead, pool.Last + 1), default)) }, null),
        Done = _ => Confirm(pool, new PoolRecord(pool.Name, pool.Prefix, Id)),
    };

    private void Start(Operation operation)
    {
        _operation = operation;
        if (operation.Promised is { } promised)
        {
            _promised = promised;
            promised.Pool.Leases.SetWindows(Own(promised.Pool), promised.Stretch);
        }

        Send(operation);
    }

    private void Send(Operation operation)
    {
        var id = NewNonce();
        if (operation.Read is { } read)
        {
            Ask(operation, read(id));
            return;
        }

        var hasOther = !operation.Other.IsNone;
        operation.Draft = null;
        if (!_isBegun && !operation.IsRenewal)
        {
            Fail(operation);
            return;
        }

        if (_isRecordKnown && (!hasOther || operation.IsOtherKnown))
        {
            operation.Draft = ++operation.Attempts <= AttemptsMax ? operation.Build?.Invoke(_record, operation.KnownOther) : null;
            if (operation.Draft is null)
            {
                Fail(operation);
                return;
            }
        }

        var expected = ImmutableArray.Create(new Expectation(Id, operation.Draft is null ? Expectation.Unknown : _record.Revision));
        expected = hasOther ? expected.Add(new Expectation(operation.Other, operation.Draft is null ? Expectation.Unknown : operation.KnownOther?.Revision ?? 0)) : expected;
        ImmutableArray<NodeRecord> writes = [];
        if (operation.Draft is { } draft)
        {
            _memory = new RingMemory(draft.Own.Generation, _memory.Renewal + 1, _memory.Run, _run);
            if (!_isOldDisk)
            {
                Emit(new RingEffect.Store(_memory));
            }

            // An old disk stays one until its beginning is committed: who dies before that must find it old again.
            operation.Draft = draft with { Own = draft.Own with { Renewal = _memory.Renewal, Run = _run } };
            writes = draft.Other is { } other ? [operation.Draft.Own, other] : [operation.Draft.Own];
        }

        Ask(operation, new AuthorityRequest.Commit(id, expected, writes, operation.Draft is null ? null : operation.NewPool));
    }

    private void Ask(Operation operation, AuthorityRequest request)
    {
        operation.Sent = request;
        (operation.SentOutside, operation.SentLived, operation.SentSetBacks) = (_time.Outside, _time.Lived, _time.SetBacks);
        Emit(new RingEffect.Ask(request));
    }

    private void Receive(AuthorityAnswer answer)
    {
        if (_operation is not { } operation || operation.Sent?.Id != answer.Id || _isStopped)
        {
            return;
        }

        _silences = 0;
        if (operation.Read is not null)
        {
            _operation = null;
            operation.Answered?.Invoke(answer);
            return;
        }

        Observe(answer.Of(Id));
        if (_isStopped)
        {
            return;
        }

        if (answer.IsCommitted)
        {
            Commit(operation, answer);
            return;
        }

        if (_options.Planted == RingBug.DoubtSettledByRead)
        {
            FreePromise();
        }

        (operation.KnownOther, operation.IsOtherKnown) = (answer.Of(operation.Other), true);
        if (operation.Draft is not null && operation.NewPool is not null && answer.Pool is not null)
        {
            Fail(operation);
        }
        else
        {
            Send(operation);
        }
    }

    private void Commit(Operation operation, AuthorityAnswer answer)
    {
        _operation = null;
        if (_memory.Run != _run)
        {
            _isOldDisk = false;
            _memory = _memory with { Run = _run };
            Emit(new RingEffect.Store(_memory));
        }

        _isBegun = true;
        _isInDoubt = false;
        (_termFrom, _termSetBacks) = (_options.Planted == RingBug.TermFromAnswer ? _time.Outside : operation.SentOutside, operation.SentSetBacks);
        _promised = null;
        Apply(answer.Of(Id) ?? _record, isForced: true);
        if (operation.Draft is { } draft)
        {
            operation.Done?.Invoke(draft with { Own = _record, Other = draft.Other is { } other ? answer.Of(other.Owner) ?? other : null });
        }
    }

    // Not committed, for certain: what was promised is free again, unless an earlier doubt holds it.
    private void Fail(Operation operation)
    {
        _operation = null;
        FreePromise();
        operation.Failed?.Invoke();
    }

    private void FreePromise()
    {
        if (_promised is { } promised && !_isInDoubt)
        {
            _promised = null;
            promised.Pool.Leases.SetWindows(Own(promised.Pool), null);
        }
    }

    private void EndOverdue()
    {
        if (_operation is not { } operation || _time.Lived - operation.SentLived < _options.AuthorityTimeout)
        {
            return;
        }

        // The commit may have been made, or be made later: until a later one of ours is answered, nothing promised is leased.
        _isInDoubt |= operation.Draft is not null && _options.Planted != RingBug.DoubtSettledByRead;
        _isRecordKnown &= _options.Planted != RingBug.DoubtSettledByRead;
        _operation = null;
        _nextOperationAt = _time.Lived + Backoff(_silences++);
        operation.Failed?.Invoke();
    }

    private TimeSpan Backoff(int times)
    {
        var pause = _options.TickInterval * Math.Pow(2, Math.Min(times, 10));
        return pause < _options.BackoffMax ? pause : _options.BackoffMax;
    }

    /// <summary>Takes in this node's record as the authority has it.</summary>
    private void Observe(NodeRecord? current)
    {
        if (current is null)
        {
            if (_isRecordKnown && _record.Revision > 0)
            {
                Lose(new NodeRecord(Id, _record.Generation, 0, 0, RecordState.Reclaimed, default, [], 0));
            }
            else if (_startMemory.Renewal > 0 && _pools.Values.Any(static p => p.Leases.LeasedCount > 0))
            {
                Report(RingTrouble.RangesLost, "forgotten", "This node was away for so long that others have taken over its ranges and forgotten it. Addresses still leased here are asked of their owners one by one.");
            }

            _isRecordKnown = true;
            return;
        }

        if (_isRecordKnown && current.Revision <= _record.Revision)
        {
            return;
        }

        if (IsOfAnother(current))
        {
            if (_isBegun && _options.Planted != RingBug.GenerationIgnored)
            {
                _isStopped = true;
                _termFrom = null;
                Report(RingTrouble.DuplicateNode, $"{Id}", $"Another start with this node's id {Id} has made commit {current.Renewal}; this one is at {_memory.Renewal}. Two machines have one disk, or a copy of it: this one stops leasing. Give one of them a new id.");
                return;
            }

            Report(RingTrouble.OldDisk, $"{Id}", $"This node's disk is older than its last start, or a copy: it knows of {_memory.Renewal} commits, the authority of {current.Renewal}. What may be leased from then is withheld for {_options.ReclaimAfter}.");
            _isOldDisk |= !_isBegun;
            _memory = _memory with { Renewal = Math.Max(_memory.Renewal, current.Renewal) };
        }

        _isRecordKnown = true;
        if (current.State == RecordState.Reclaimed)
        {
            Lose(current);
        }
        else
        {
            Apply(current, isForced: false);
        }
    }

    // Numbers alone do not tell: a commit of ours that was lost, and one of a copy of our disk, may have the same.
    private bool IsOfAnother(NodeRecord current) => current.Renewal > _memory.Renewal
        || (current.Run != _run && (_isBegun || (current.Run != _startMemory.Run && current.Run != _startMemory.NextRun)));

    /// <summary>Another node says what the authority has of us: true if that is newer.</summary>
    private void Adopt(NodeRecord record)
    {
        if (record.Owner == Id && _isBegun && record.State == RecordState.Active && record.Generation == _record.Generation
            && record.Revision > _record.Revision && record.Renewal <= _memory.Renewal)
        {
            Apply(record, isForced: false);
        }
    }

    private void Apply(NodeRecord record, bool isForced)
    {
        if (!isForced && record.Revision <= _record.Revision)
        {
            return;
        }

        _record = record.Revision >= _record.Revision || record.Revision == 0 ? record : _record;
        _isDirty = true;
        foreach (var pool in _pools.Values.Where(static p => p.IsConfirmed))
        {
            pool.Leases.SetWindows(Own(pool), _promised is { } promised && promised.Pool == pool ? promised.Stretch : null);
            pool.Withhold(Own(pool), _time.Lived);
            pool.HasUnopened = Own(pool).Any(static h => h.UnopenedLength > 0 && !h.IsWithheld);
            foreach (var holding in Own(pool))
            {
                _ = pool.TryJoin(new Claim(holding.First, holding.Last, holding.Version, Id));
            }
        }
    }
}
