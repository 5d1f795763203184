using System.Collections.Immutable;
using Networking.Gossip.Membership;
using Networking.Gossip.Wire;
using Networking.Model;
using Networking.Model.Wire;

namespace Networking.Gossip.Tables;

/// <summary>The rows of all scopes this node takes part in. Each row has one writer; here it is decided what readers see of it.</summary>
internal sealed partial class TableBook
{
    private readonly NodeContext _context;
    private readonly MemberBook _members;
    private readonly Dictionary<ScopeId, ScopeRows> _scopes = [];
    private readonly PriorityQueue<(ScopeId Scope, NodeId Owner, RowKey Key), TimeSpan> _forgetting = new();
    private readonly WireWriter _writer = new(WireLimits.ConversationBytesMax);
    private ulong _clock;
    private bool _isSettled;

    public TableBook(NodeContext context, MemberBook members)
    {
        _context = context;
        _members = members;
        _scopes.Add(ScopeId.Cluster, new ScopeRows(ScopeId.Cluster, context.Options) { IsNew = false });
    }

    public Attachments Attachments { get; } = new();

    public Dictionary<ScopeId, ScopeRows>.ValueCollection Scopes => _scopes.Values;

    public int QueuedCount
    {
        get
        {
            var count = 0; // asked for with each step: no enumerator is made
            foreach (var scope in _scopes.Values)
            {
                count += scope.Queue.Count;
            }

            return count;
        }
    }

    /// <summary>Counts what readers saw change.</summary>
    public long Revision { get; private set; }

    public ScopeRows? Find(ScopeId scope) => _scopes.GetValueOrDefault(scope);

    /// <summary>
    /// Begins a generation: versions of this start are above all of earlier ones. The count within it begins anywhere: after an old
    /// disk was put back two starts may share a generation, and no version may mean two things.
    /// </summary>
    public void Begin(uint generation, bool isSettled)
    {
        _clock = _context.Has(PlantedBug.VersionReused) ? 0 : Somewhere(generation);
        _isSettled = isSettled;
    }

    public static ulong Floor(uint generation) => (ulong)generation << 32;

    /// <summary>Within a generation: whoever shares it begins elsewhere.</summary>
    private ulong Somewhere(uint generation) => Floor(generation) + (uint)_context.Random.Next();

    /// <summary>An earlier start of this node wrote a version above all of this one's: a generation above it is needed.</summary>
    public Action<ulong> Outdone { get; set; } = static _ => { };

    public void Settle() => _isSettled = true;

    /// <summary>Another start of this node wrote higher versions: everything of ours is written anew above it.</summary>
    public void Outrun(uint generation)
    {
        if (_context.Has(PlantedBug.VersionReused))
        {
            return;
        }

        WriteAnew(above: Somewhere(generation));
    }

    private void WriteAnew(ulong above)
    {
        _clock = Math.Max(_clock, above);
        foreach (var scope in _scopes.Values)
        {
            if (scope.Find(_members.Id) is { } own)
            {
                foreach (var held in own.All.ToList())
                {
                    Hold(scope, own, new Row(held.Row.Key, _members.Id, ++_clock, held.Row.Value, held.ResidualAt(_context.Now)), isOwn: true);
                }
            }
        }
    }

    public void Attach(ScopeId scope)
    {
        if (_scopes.TryAdd(scope, new ScopeRows(scope, _context.Options)))
        {
            // Rows from before an earlier detaching are void; after a restart, what others keep stays until all is written again.
            _ = Put(ScopeId.Cluster, Attachments.KeyOf(scope), Attachments.ValueOf(_isSettled ? _clock : 0));
        }
    }

    public void Detach(ScopeId scope)
    {
        if (scope.IsCluster || !_scopes.TryGetValue(scope, out var rows))
        {
            return;
        }

        foreach (var owner in rows.Owners)
        {
            Drop(rows, owner);
        }

        _ = _scopes.Remove(scope);
        Remove(ScopeId.Cluster, Attachments.KeyOf(scope));
    }

    /// <summary>Writes a row of ours: null, or why not.</summary>
    public string? Put(ScopeId scope, RowKey key, ImmutableArray<byte> value)
    {
        if (Refusal(scope, key, value) is { } refusal)
        {
            return refusal;
        }

        var rows = _scopes[scope];
        var own = rows.Ensure(_members.Id);
        if (own.Find(key) is { Row.IsRemoved: false } held && held.Row.Value.AsSpan().SequenceEqual(value.AsSpan()))
        {
            return null;
        }

        if (own.LiveCount >= _context.Options.RowsPerOwnerMax || own.Count >= 2 * _context.Options.RowsPerOwnerMax)
        {
            return $"row {key}: this node has {own.LiveCount} rows in this scope and {own.Count - own.LiveCount} removed lately; {_context.Options.RowsPerOwnerMax} of each are allowed.";
        }

        Hold(rows, own, new Row(key, _members.Id, ++_clock, value), isOwn: true);
        return null;
    }

    public void Remove(ScopeId scope, RowKey key)
    {
        if (_scopes.TryGetValue(scope, out var rows) && rows.Find(_members.Id) is { } own && own.Find(key) is { Row.IsRemoved: false } held)
        {
            if (_context.Has(PlantedBug.LostTombstone))
            {
                Release(rows, own, held);
                return;
            }

            Hold(rows, own, new Row(key, _members.Id, ++_clock, [], _context.Options.TombstoneTime), isOwn: true);
        }
    }

    /// <summary>Takes rows from another node.</summary>
    public void Apply(RowsMessage message, NodeId sender)
    {
        if (_scopes.TryGetValue(message.Scope, out var scope))
        {
            foreach (var row in message.Rows)
            {
                Apply(scope, row, sender);
            }
        }
    }

    /// <summary>A member came, went, is in doubt, or (null) is forgotten: what readers see of its rows follows.</summary>
    public void Follow(Member member, MemberStatus? status)
    {
        var isGone = status is null || (status == MemberStatus.Left && !_context.Has(PlantedBug.LeftRowsKept));
        foreach (var scope in _scopes.Values)
        {
            if (scope.Find(member.Id) is not { } owner)
            {
                continue;
            }

            foreach (var held in isGone ? [] : owner.All.Where(h => h.Row.Version < member.Info.RowFloor).ToList())
            {
                Release(scope, owner, held);
            }

            if (isGone || owner.Count == 0)
            {
                Drop(scope, owner);
            }
            else
            {
                Show(scope, owner);
                scope.Thin(owner);
            }
        }
    }

    /// <summary>What readers see of a scope.</summary>
    public TableSnapshot Read(ScopeId scope) => new(Revision, !_scopes.TryGetValue(scope, out var rows)
        ? []
        : [
            .. rows.Owners.Where(static o => o.IsVisible)
                .SelectMany(static o => o.All.Where(static h => !h.Row.IsRemoved).Select(static h => new VisibleRow(h.Row.Key, h.Row.Owner, h.Row.Value)))
                .OrderBy(static r => r.Key).ThenBy(static r => r.Owner),
        ]);

    /// <summary>Forgets removed rows whose time is over, and rows whose owner nobody knows.</summary>
    public void Sweep()
    {
        while (_forgetting.TryPeek(out var next, out var due) && due <= _context.Now)
        {
            _ = _forgetting.Dequeue();
            if (_scopes.TryGetValue(next.Scope, out var scope) && scope.Find(next.Owner) is { } owner
                && owner.Find(next.Key) is { Row.IsRemoved: true } held && held.ForgetAt <= _context.Now)
            {
                Release(scope, owner, held);
            }
        }

        foreach (var scope in _scopes.Values)
        {
            foreach (var owner in scope.PendingCount == 0 ? [] : scope.Owners.Where(o => o.PendingSince is { } since && _context.Now - since >= _context.Options.PendingTime))
            {
                _context.Report(GossipTrouble.RowsOfStranger, $"{owner.Owner}", $"Node {owner.Owner} wrote {owner.LiveCount} rows to a scope ({scope.Scope}) but is unknown or not attached to it: they are dropped.");
                Drop(scope, owner);
            }
        }
    }

    private string? Refusal(ScopeId scope, RowKey key, ImmutableArray<byte> value)
    {
        if (!_scopes.ContainsKey(scope))
        {
            return $"row {key}: this node is not attached to {scope}.";
        }

        var table = System.Text.Encoding.UTF8.GetByteCount(key.Table);
        var name = System.Text.Encoding.UTF8.GetByteCount(key.Key);
        return table is 0 or > WireLimits.TableBytesMax ? $"row {key}: the table's name has {table} bytes; 1 to {WireLimits.TableBytesMax}."
            : name is 0 or > WireLimits.KeyBytesMax ? $"row {key}: the key has {name} bytes; 1 to {WireLimits.KeyBytesMax}."
            : value.IsDefault || value.Length > WireLimits.ValueBytesMax ? $"row {key}: the value has {(value.IsDefault ? 0 : value.Length)} bytes; at most {WireLimits.ValueBytesMax}."
            : null;
    }

    private void Apply(ScopeRows scope, Row row, NodeId sender)
    {
        if (row.Owner == _members.Id)
        {
            HearOfOwn(scope, row);
            return;
        }

        if (scope.Holds(row))
        {
            return; // told once more, as most are
        }

        var member = _members.Roster.Find(row.Owner);
        if ((member?.Status == MemberStatus.Left && !_context.Has(PlantedBug.LeftRowsKept)) || row.Version < member?.Info.RowFloor)
        {
            return;
        }

        if (AttachmentOf(scope, row.Owner) is { } attachment && row.Version <= attachment.Floor)
        {
            if (!attachment.Row.IsRemoved)
            {
                return;
            }

            _context.Report(GossipTrouble.RowsOfStranger, sender.ToString(), $"Node {sender} passed on a row of {row.Owner} to {scope.Scope}, from which that node is detached: it is dropped.");
            return;
        }

        var owner = scope.Ensure(row.Owner);
        var held = owner.Find(row.Key);
        if (held is { Row.Version: var known } && row.Version <= known && !(_context.Has(PlantedBug.StaleRowApplied) && row.Version != known))
        {
            return;
        }

        if (owner.Count >= 2 * _context.Options.RowsPerOwnerMax && held is null)
        {
            _context.Report(GossipTrouble.BoundReached, $"{row.Owner}", $"Node {row.Owner} has more than {2 * _context.Options.RowsPerOwnerMax} rows in {scope.Scope}: {row.Key} is not taken.");
            return;
        }

        Hold(scope, owner, row, isOwn: false);
        scope.Thin(owner);
    }

    /// <summary>What an owner said of its attachment to a network; null if nothing, or for the cluster's scope.</summary>
    private HeldRow? AttachmentOf(ScopeRows scope, NodeId owner) =>
        scope.Scope.IsCluster ? null : _scopes[ScopeId.Cluster].Find(owner, scope.AttachmentKey);

    /// <summary>What others hold in our name, we decide: a version of ours that we do not have is replaced.</summary>
    private void HearOfOwn(ScopeRows scope, Row row)
    {
        if (_context.Has(PlantedBug.VersionReused))
        {
            return;
        }

        var own = scope.Ensure(_members.Id);
        var held = own.Find(row.Key);
        if (held is null && _context.Has(PlantedBug.LostTombstone))
        {
            return;
        }

        if (held is { Row.Version: var known } ? known >= row.Version : row.IsRemoved || (!_isSettled && row.Version < _clock) || row.Version < _members.Info.RowFloor)
        {
            return;
        }

        if (row.Version > _clock)
        {
            // An earlier start of ours was further. Its versions are not continued: which of them it used is not known, and none may
            // mean two things.
            Outdone(row.Version);
            held = own.Find(row.Key);
            if (row.Version > _clock || held?.Row.Version > row.Version)
            {
                return; // written anew; or a version that no start of ours can have written
            }
        }

        Invariant.Check(_clock < ulong.MaxValue, "versions never end");
        Hold(scope, own, held is { Row: { IsRemoved: false, Value: var value } }
            ? new Row(row.Key, _members.Id, ++_clock, value)
            : new Row(row.Key, _members.Id, ++_clock, [], _context.Options.TombstoneTime), isOwn: true);
    }
}
