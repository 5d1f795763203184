using Networking.Gossip.Membership;
using Networking.Gossip.Sync;
using Networking.Gossip.Tables;
using Networking.Gossip.Wire;

namespace Networking.Gossip;

/// <summary>
/// One node of the cluster, without clock, chance or sockets of its own: <see cref="Step"/> takes what happened and says what
/// is to be done. The same steps at the same times with the same seed give the same effects. Not for two threads at a time.
/// </summary>
public sealed partial class GossipNode
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan OwnNewsDelay = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan GoodbyeMax = TimeSpan.FromSeconds(2);

    private readonly NodeContext _context;
    private readonly ExperiencedTime _time = new();
    private readonly MemberBook _members;
    private readonly TableBook _tables;
    private readonly Prober _prober;
    private readonly Relays _relays;
    private readonly Comparison _comparison;
    private readonly FrameCodec _frames;
    private readonly NodeIdentity _identity;
    private TimeSpan _gossipAt;
    private TimeSpan _syncAt;
    private TimeSpan _reconnectAt;
    private TimeSpan _sweepAt;
    private TimeSpan? _departAt;
    private bool _isStarted;
    private bool _isSettled;
    private bool _hasListened;
    private uint _generation;

    /// <summary>Creates a node. Nothing happens before the first step, which states its incarnation.</summary>
    /// <param name="options">Times and bounds.</param>
    /// <param name="identity">Who it is.</param>
    /// <param name="keys">The ring.</param>
    /// <param name="random">Chance: whom to ask and tell. Nobody's safety hangs on it.</param>
    /// <param name="drawSession">64 random bits that nobody can guess or repeat.</param>
    /// <exception cref="ArgumentException">The options, the ring or the identity cannot be used; all that is wrong is said.</exception>
    public GossipNode(GossipOptions options, NodeIdentity identity, Keyring keys, Random random, Func<ulong> drawSession)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(random);
        var problems = options.Problems().AddRange(keys.Problems());
        if (identity.Id.IsNone || identity.Address.IsNone || identity.Incarnation >= WireLimits.IncarnationMax)
        {
            problems = problems.Add($"A node needs an id, an address and an incarnation below {WireLimits.IncarnationMax}: {identity}.");
        }

        if (!problems.IsEmpty)
        {
            throw new ArgumentException(string.Join(' ', problems), nameof(options));
        }

        _identity = identity;
        _packetBytes = options.PacketBytes;
        _context = new NodeContext(options, random);
        _members = new MemberBook(_context, identity, FollowMember) { Outrun = Outrun };
        _tables = new TableBook(_context, _members) { Outdone = Outdone };
        _prober = new Prober(_context, _members) { Send = SendMessage, TryStream = TryStream };
        _members.Met = _prober.Include;
        _relays = new Relays(_context, _prober);
        _comparison = new Comparison(_context, _members, _tables);
        _frames = new FrameCodec(identity.Id, keys, drawSession)
        {
            AcceptsReplays = _context.Has(PlantedBug.ReplaysAccepted),
            AlsoAccepted = _context.Has(PlantedBug.KeyAcceptedAfterRemoval) ? keys : null,
        };
    }

    /// <summary>This node.</summary>
    public NodeId Id => _identity.Id;

    /// <summary>Its incarnation now.</summary>
    public uint Incarnation => _members.Info.Incarnation;

    /// <summary>Its address now.</summary>
    public PeerAddress Address => _members.Info.Address;

    /// <summary>When, by the caller's clock, the next <see cref="GossipInput.Tick"/> is due at the latest.</summary>
    public TimeSpan NextDue => _time.Outside(Due());

    /// <summary>How far it trusts itself: 0 is well.</summary>
    public int HealthScore => _members.Health.Score;

    /// <summary>Every other member, by id.</summary>
    public IReadOnlyList<MemberView> Members =>
        [.. _members.Roster.Others.Select(static m => new MemberView(m.Id, m.Status, m.Incarnation, m.Info.Address)).OrderBy(static m => m.Id)];

    /// <summary>What is known of one member; null if nothing.</summary>
    public MemberStatus? StatusOf(NodeId member) => _members.Roster.Find(member)?.Status;

    /// <summary>What readers see of a scope.</summary>
    public TableSnapshot Read(ScopeId scope) => _tables.Read(scope);

    /// <summary>Nodes attached to a network, as far as is known, this one among them.</summary>
    public IReadOnlyList<NodeId> AttachedTo(ScopeId scope) => [.. _tables.Attachments.Of(scope).Order()];

    /// <summary>How often a trouble was met.</summary>
    public long CountOf(GossipTrouble trouble) => _context.CountOf(trouble);

    /// <summary>What waits: each has a bound.</summary>
    public NodeLoad Load => new(_members.Queue.Count, _tables.QueuedCount, _streams.Count, _relays.Count, _frames.SessionCount);

    /// <summary>What this node says of itself.</summary>
    internal MemberFact Self => _members.Self;

    /// <summary>Its own rows of a scope.</summary>
    internal IEnumerable<Row> OwnRows(ScopeId scope) => _tables.Find(scope)?.Find(Id)?.All.Select(static h => h.Row) ?? [];

    /// <summary>Takes what is known for told: of a simulation that begins with a cluster that has stood for long.</summary>
    internal void DropNews()
    {
        _members.Queue.Clear();
        foreach (var scope in _tables.Scopes)
        {
            scope.Queue.Clear();
        }
    }

    /// <summary>Rows of an owner that are kept here, seen or not, removed or not.</summary>
    internal int HeldRowsOf(NodeId owner) => _tables.Scopes.Sum(s => s.Find(owner)?.Count ?? 0);

    /// <summary>All rows that are kept here.</summary>
    internal int HeldRowCount => _tables.Scopes.Sum(static s => s.RowCount);

    /// <summary>Members believed alive, without listing all.</summary>
    internal int AliveCount => _members.Roster.Others.Count(static m => m.Status == MemberStatus.Alive);

    /// <summary>Nodes attached to a network, without sorting them.</summary>
    internal int AttachedCount(ScopeId scope) => _tables.Attachments.Of(scope).Count;

    /// <summary>Rows of a scope that readers see, without reading them.</summary>
    internal int ShownCount(ScopeId scope) => _tables.Find(scope)?.Owners.Where(static o => o.IsVisible).Sum(static o => o.LiveCount) ?? 0;

    /// <summary>True if readers see a row, without reading all.</summary>
    internal bool Shows(ScopeId scope, NodeId owner, RowKey key) =>
        _tables.Find(scope) is { } rows && rows.Find(owner, key) is { Row.IsRemoved: false } && rows.Find(owner) is { IsVisible: true };

    /// <summary>Takes one thing that happened.</summary>
    /// <param name="now">A clock that only moves forward. One that does not, does no harm.</param>
    /// <param name="input">What happened.</param>
    /// <param name="effects">Where what is to be done is added, in order.</param>
    public void Step(TimeSpan now, GossipInput input, List<GossipEffect> effects)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(effects);
        _context.WriteTo(effects);
        if (_time.Advance(now, Due()))
        {
            _members.Health.Add(1);
            _context.Report(GossipTrouble.TimeJumped, "clock", "Time jumped, or this node stood still: it judges others later.");
        }

        _context.Now = _time.Now;
        if (!_isStarted)
        {
            Start();
        }

        if (_departAt != TimeSpan.MaxValue)
        {
            Take(input);
            Run();
        }
    }

    private void Start()
    {
        _isStarted = true;
        var generation = (_context.Has(PlantedBug.IncarnationForgotten) ? 0 : _identity.Incarnation) + 1;
        _generation = generation;
        _isSettled = !_identity.ResumesRows;
        _tables.Begin(generation, _isSettled);
        _members.State(generation, rowFloor: _isSettled && !_context.Has(PlantedBug.VersionReused) ? TableBook.Floor(generation) : 0);
        _prober.NextProbe = Soon(_context.Options.ProbeInterval);
        _syncAt = Soon(_context.Options.SyncInterval);
        _reconnectAt = Soon(_context.Options.ReconnectInterval);
        _sweepAt = Soon(SweepInterval);
    }

    private void Take(GossipInput input)
    {
        switch (input)
        {
            case GossipInput.Tick:
                break;
            case GossipInput.Packet packet:
                Receive(packet.From, packet.Bytes.Span);
                break;
            case GossipInput.StreamAccepted accepted:
                Accept(accepted.Stream, accepted.From);
                break;
            case GossipInput.StreamFrame frame:
                Receive(frame.Stream, frame.Bytes.Span);
                break;
            case GossipInput.StreamRefused refused:
                Refuse(refused.Stream, refused.Length);
                break;
            case GossipInput.SetPacketBytes set:
                _packetBytes = Math.Clamp(set.Bytes, WireLimits.PacketBytesMin, WireLimits.PacketBytesMax);
                break;
            case GossipInput.StreamClosed closed:
                _ = _streams.Remove(closed.Stream);
                break;
            case GossipInput.SetKeys keys:
                SetKeys(keys.Keys);
                break;
            case GossipInput.Join join:
                Join(join.Seeds);
                break;
            case var wish when Defers(wish):
                break;
            default:
                TakeWish(input);
                break;
        }
    }

    private void TakeWish(GossipInput input)
    {
        switch (input)
        {
            case GossipInput.Attach attach:
                _tables.Attach(attach.Scope);
                MeetAttached();
                break;
            case GossipInput.Detach detach:
                _tables.Detach(detach.Scope);
                break;
            case GossipInput.Put put when _tables.Put(put.Scope, put.Key, put.Value) is { } refusal:
                _context.Emit(new GossipEffect.Refused(refusal));
                break;
            case GossipInput.Put:
                break;
            case GossipInput.Remove remove:
                _tables.Remove(remove.Scope, remove.Key);
                break;
            case GossipInput.Settle when !_isSettled:
                _isSettled = true;
                _tables.Settle();
                _members.State(_members.Info.Incarnation + 1, rowFloor: _context.Has(PlantedBug.VersionReused) ? 0 : TableBook.Floor(_generation));
                break;
            case GossipInput.Settle:
                break;
            case GossipInput.Move move:
                _members.State(_members.Info.Incarnation + 1, move.Address);
                break;
            case GossipInput.Leave when _departAt is null:
                _members.Leave();
                _departAt = _context.Now + GoodbyeMax;
                break;
            case GossipInput.Leave:
                break;
            default:
                throw new System.Diagnostics.UnreachableException(input.GetType().Name);
        }

        _gossipAt = Earlier(_gossipAt, _context.Now + OwnNewsDelay);
    }

    private void Run()
    {
        ListenOn();

        _members.Expire();
        _prober.Step();
        _relays.Step();
        EndStaleStreams();
        if (_context.Now >= _gossipAt && HasNews)
        {
            _gossipAt = _context.Now + _context.Options.GossipInterval;
            Gossip();
        }

        if (_context.Now >= _syncAt)
        {
            _syncAt = _context.Now + _context.Options.SyncInterval;
            SendSummary();
        }

        if (_context.Now >= _reconnectAt)
        {
            _reconnectAt = _context.Now + _context.Options.ReconnectInterval;
            Reconnect();
        }

        if (_context.Now >= _sweepAt)
        {
            _sweepAt = _context.Now + SweepInterval;
            _members.Sweep();
            _tables.Sweep();
        }

        if (_departAt is { } at && (_context.Now >= at || _members.Queue.Count == 0))
        {
            _departAt = TimeSpan.MaxValue;
            _context.Emit(new GossipEffect.Departed());
        }
    }

    private bool HasNews => _members.Queue.Count > 0 || _tables.QueuedCount > 0;

    private TimeSpan Due()
    {
        if (!_isStarted || _departAt == TimeSpan.MaxValue)
        {
            return _isStarted ? _context.Now + GoodbyeMax : _time.Now;
        }

        var due = Earlier(_prober.NextDue, Earlier(_relays.NextDue, _members.NextDeadline));
        due = Earlier(due, Earlier(_syncAt, Earlier(_reconnectAt, _sweepAt)));
        due = HasNews ? Earlier(due, _gossipAt) : due;
        due = _departAt is { } at ? Earlier(due, at) : due;
        due = IsListening ? Earlier(due, _listenUntil) : due;
        return due;
    }

    private void FollowMember(Member member, MemberStatus? status)
    {
        _context.Emit(new GossipEffect.MemberChanged(member.Id, status, member.Incarnation, member.Info.Address));
        _tables.Follow(member, status);
    }

    private void Outrun(uint generation, ulong rowFloor)
    {
        var past = (uint)Math.Min(rowFloor >> 32, WireLimits.IncarnationMax - 1) + 1;
        _generation = Math.Max(Math.Max(_generation, generation), past);
        _tables.Outrun(_generation);
    }

    /// <summary>A version in this node's name is above all that it wrote: on in a generation above, which its incarnation covers.</summary>
    private void Outdone(ulong version)
    {
        var above = Math.Max(_generation, version >> 32) + 1;
        if (above < WireLimits.IncarnationMax && !_members.IsLeaving)
        {
            _context.Report(GossipTrouble.OldDisk, "rows", $"An earlier start of node {Id} wrote more than its disk tells: the disk was restored. Its rows are written anew above that; until all have them, some may see an older one.");
            _generation = (uint)above;
            _members.State(Math.Max(_members.Info.Incarnation + 1, _generation));
            _tables.Outrun(_generation);
        }
    }

    private void SetKeys(Keyring keys)
    {
        if (keys.Problems() is { IsEmpty: false } problems)
        {
            _context.Emit(new GossipEffect.Refused(string.Join(' ', problems)));
            return;
        }

        _frames.Keys = keys;
    }

    private TimeSpan Soon(TimeSpan interval) => _context.Now + (interval * _context.Random.NextDouble());

    private static TimeSpan Earlier(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
