using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using System.Text;
using Networking.Ipam.Ring.Authority;
using Networking.Ipam.Ring.Merge;
using Networking.Ipam.Ring.Wire;

namespace Networking.Ipam.Ring;

/// <summary>
/// One node of the ring, without clock, chance or sockets of its own: <see cref="Step"/> takes what happened and says what is to be
/// done. The same steps at the same times with the same seed give the same effects. Not for two threads at a time.
/// </summary>
/// <remarks>
/// <code>
///   beginning ──own record committed──► holding ──term over, clock set back──► fenced ──renewed──► holding
///       ▲                                  │ an answer is lost                                       ▲
///       │ its record is another's          ▼                                                         │
///       └──────────────────────────────  in doubt ──────────────── renewed ──────────────────────────┘
///   holding ──a later start of the same id──► stopped          holding ──Leave──► leaving ──► departed
/// </code>
/// Leasing needs <em>holding</em>, and takes from the windows of the last commit alone. Why that is safe: decision 14.
/// </remarks>
public sealed partial class RingNode
{
    private const int ReportsMax = 1024;

    private readonly RingOptions _options;
    private readonly Random _random;
    private readonly RingTime _time;
    private readonly SortedDictionary<string, RingPool> _pools = new(StringComparer.Ordinal);
    private readonly SortedSet<OwnerId> _alive = [];
    private readonly HashSet<(RingTrouble, string)> _reported = [];
    private List<RingEffect> _effects = [];
    private readonly RingMemory _startMemory;
    private readonly ulong _run;
    private RingMemory _memory;
    private TimeSpan _runAt;
    private bool _isDirty = true;
    private bool _isStopped;
    private bool _isLeaving;
    private bool _isDeparted;

    /// <summary>Creates a node. Nothing happens before the first step.</summary>
    /// <param name="options">Times and bounds.</param>
    /// <param name="id">Who it is, from its disk.</param>
    /// <param name="memory">The last <see cref="RingEffect.Store"/>; default for a new node.</param>
    /// <param name="random">Chance: numbers of questions. Nobody's safety hangs on it.</param>
    /// <exception cref="ArgumentException">The options or the id cannot be used; all that is wrong is said.</exception>
    public RingNode(RingOptions options, OwnerId id, RingMemory memory, Random random)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(random);
        var problems = id.IsNone ? options.Problems().Add("A node needs an id.") : options.Problems();
        if (!problems.IsEmpty)
        {
            throw new ArgumentException(string.Join(' ', problems), nameof(options));
        }

        _options = options;
        _random = random;
        _time = new RingTime(options);
        (_memory, _startMemory) = (memory, memory);
        _run = (ulong)random.NextInt64(1, long.MaxValue);
        Id = id;
        _record = new NodeRecord(id, memory.Generation, 0, 0, RecordState.Active, default, [], 0);
    }

    /// <summary>This node.</summary>
    public OwnerId Id { get; }

    /// <summary>When, by the caller's clock, the next <see cref="RingInput.Tick"/> is due at the latest.</summary>
    public TimeSpan NextDue => _time.Outside + _options.TickInterval;

    /// <summary>True while it may lease.</summary>
    public bool IsHolding => _isBegun && !_isStopped && !_isLeaving && _record.State == RecordState.Active && HasTerm;

    /// <summary>True once another start with its id was met: it does nothing any more.</summary>
    public bool IsStopped => _isStopped;

    /// <summary>Its record as of its last commit or answer.</summary>
    public NodeRecord Record => _record;

    /// <summary>What waits: requests for addresses, and others' wishes.</summary>
    public (int Leases, int Wishes) Load => (_pools.Values.Sum(static p => p.Pending.Count(static l => !l.IsOrphan)), _wishes.Count);

    /// <summary>Who owns what of a pool, as far as is known.</summary>
    public RingMap Ring(string pool) => _pools.TryGetValue(pool, out var known) ? known.Map : RingMap.Empty;

    /// <summary>How many addresses of a pool are leased here, free and open here, and at rest.</summary>
    public (UInt128 Leased, UInt128 Free, int Resting) Count(string pool) =>
        _pools.TryGetValue(pool, out var known) ? (known.Leases.LeasedCount, known.Leases.FreeCount, known.Leases.RestingCount) : default;

    /// <summary>How many addresses of a pool this node could still lease, open or not.</summary>
    public UInt128 Spare(string pool) => _pools.TryGetValue(pool, out var known) ? known.SpareCount(Held, _time.Lived) : 0;

    /// <summary>Leases of a pool whose range is another's, to be settled with it.</summary>
    public IReadOnlyList<IPAddress> Orphans(string pool) =>
        _pools.TryGetValue(pool, out var known) ? [.. known.Leases.Orphans.Select(known.AddressOf)] : [];

    /// <summary>Takes one thing that happened.</summary>
    /// <param name="now">A clock that counts while the machine sleeps (CLOCK_BOOTTIME). What it does wrong costs terms, not safety.</param>
    /// <param name="input">What happened.</param>
    /// <param name="effects">Where what is to be done is added, in order.</param>
    public void Step(TimeSpan now, RingInput input, List<RingEffect> effects)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(effects);
        _effects = effects;
        if (_time.Advance(now))
        {
            _watched.Clear();
            _isDirty = true;
            Report(RingTrouble.ClockLeapt, "clock", "The clock was set back or leapt, or this node stood still: it waits anew before it takes over anything.");
        }

        if (_isDeparted)
        {
            return;
        }

        Take(input);
        if (_isDirty || _time.Lived >= _runAt)
        {
            _isDirty = false;
            _runAt = _time.Lived + _options.TickInterval;
            Run();
        }
    }

    private void Take(RingInput input)
    {
        switch (input)
        {
            case RingInput.Lease lease:
                Take(lease);
                return;
            case RingInput.Release release:
                Release(release);
                return;
            case RingInput.Tick:
                return;
            case RingInput.OpenPool open:
                OpenPool(open);
                break;
            case RingInput.Restore restore when _pools.TryGetValue(restore.Pool, out var pool) && pool.Contains(restore.Address):
                pool.Leases.Restore(pool.OffsetOf(restore.Address));
                break;
            case RingInput.Restore restore:
                Report(RingTrouble.BadMessage, restore.Pool, $"A lease of {restore.Address} cannot be taken up: pool {restore.Pool} is not open or does not have it.");
                break;
            case RingInput.MemberChanged member when member.IsAlive:
                _ = _alive.Add(member.Node);
                break;
            case RingInput.MemberChanged member:
                _ = _alive.Remove(member.Node);
                break;
            case RingInput.RowSeen seen:
                Read(seen.Owner, seen.Row);
                break;
            case RingInput.OwnRowSeen seen:
                Read(seen);
                break;
            case RingInput.Message message:
                Receive(message.From, message.Content);
                break;
            case RingInput.Answered answered:
                Receive(answered.Answer);
                break;
            case RingInput.Leave when !_isLeaving:
                (_isLeaving, _leaveBy) = (true, _time.Lived + _options.LeaseDeadline);
                break;
            case RingInput.Leave:
                break;
            default:
                throw new UnreachableException(input.GetType().Name);
        }

        _isDirty = true;
    }

    private void Run()
    {
        if (_isStopped)
        {
            return;
        }

        EndOverdue();
        if (_isLeaving && _time.Lived >= _leaveBy + _options.AuthorityTimeout)
        {
            Depart();
            return;
        }

        if (_isBegun && !HasTerm)
        {
            Report(RingTrouble.TermOver, "term", "This node's term is over: the authority did not answer a renewal in time, or the clock was set back. It leases nothing until it has renewed.");
        }

        foreach (var pool in _pools.Values)
        {
            pool.Leases.EndRests(Moment);
            if (IsHolding)
            {
                Settle(pool);
                Serve(pool);
                Feed(pool);
            }

            Expire(pool);
        }

        StartNext();
        Publish();
    }

    // Rests are counted in lived time; where it begins is nobody's concern.
    private DateTimeOffset Moment => DateTimeOffset.UnixEpoch + _time.Lived;

    private void OpenPool(RingInput.OpenPool open)
    {
        var bytes = Encoding.UTF8.GetByteCount(open.Pool);
        if (bytes is 0 or > RingWireLimits.PoolNameBytesMax || open.Prefix.PrefixLength == 0)
        {
            Report(RingTrouble.BadMessage, open.Pool, $"Pool '{open.Pool}' {open.Prefix} is not opened: a name has 1 to {RingWireLimits.PoolNameBytesMax} bytes, and a prefix at least one bit.");
            return;
        }

        if (_pools.TryGetValue(open.Pool, out var known))
        {
            if (!known.Prefix.Equals(open.Prefix))
            {
                Report(RingTrouble.OtherPrefix, open.Pool, $"Pool {open.Pool} is {known.Prefix} here already, and not {open.Prefix}.");
            }

            return;
        }

        _pools.Add(open.Pool, new RingPool(open.Pool, open.Prefix, open.Creates, _options));
    }

    private void Receive(OwnerId from, RingMessage message)
    {
        if (_isStopped || !_pools.TryGetValue(message.Pool, out var pool))
        {
            return;
        }

        switch (message)
        {
            case RingMessage.DonationAsk ask:
                Consider(from, pool, ask);
                break;
            case RingMessage.ClaimAsk ask when ask.Offset <= pool.Last:
                Consider(from, pool, ask);
                break;
            case RingMessage.ClaimAsk ask:
                Report(RingTrouble.BadMessage, $"{from}", $"Node {from} asks for an address that pool {pool.Name} does not have ({ask.Offset}).");
                break;
            case RingMessage.Answer answer:
                Take(from, pool, answer);
                break;
            default:
                throw new UnreachableException(message.GetType().Name);
        }
    }

    private IEnumerable<Holding> Own(RingPool pool) => _record.Holdings.Where(h => h.Pool == pool.Name);

    private void Emit(RingEffect effect) => _effects.Add(effect);

    private void Report(RingTrouble trouble, string source, string text)
    {
        if (_reported.Count < ReportsMax && _reported.Add((trouble, source)))
        {
            Emit(new RingEffect.Report(trouble, source, text));
        }
    }

    private long NewNonce() => _random.NextInt64(1, long.MaxValue);

    private ImmutableArray<Holding> Held => _record.Holdings;
}
