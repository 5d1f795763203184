using Networking.Gossip.Membership;
using Networking.Gossip.Wire;

namespace Networking.Gossip.Tables;

/// <summary>
/// A scope this node takes part in: its rows by owner, and what of them is still to tell. Of most owners the cluster's scope has one row,
/// who is attached to what, and there are as many of these in a cluster as its nodes squared: such a row stands for its owner by itself.
/// </summary>
internal sealed class ScopeRows(ScopeId scope, GossipOptions options)
{
    private const string IgnoredTable = "endpoint";

    private readonly NumberTable<INumbered> _owners = new(); // OwnerRows; or a Row that stands for its owner
    private readonly string? _ignored = options.Planted == PlantedBug.DigestIgnoresTable ? IgnoredTable : null;

    public ScopeId Scope { get; } = scope;

    /// <summary>The key of the rows that say who is attached to it; looked for with each row that arrives.</summary>
    public RowKey AttachmentKey { get; } = Attachments.KeyOf(scope);

    public BroadcastQueue<(NodeId Owner, RowKey Key)> Queue { get; } = new(options.QueueMax, options.Planted == PlantedBug.QueueNeverRetires);

    /// <summary>When a row came or went last: while much changes, states differ for good reason.</summary>
    public TimeSpan ChangedAt { get; set; } = TimeSpan.MinValue;

    /// <summary>True until the first comparison with somebody attached: what is here may be nearly nothing.</summary>
    public bool IsNew { get; set; } = true;

    /// <summary>Sum over the owners; kept, because two nodes compare it often and mostly nothing has changed.</summary>
    public ulong Digest { get; private set; }

    /// <summary>Owners whose rows wait for them to be known.</summary>
    public int PendingCount { get; private set; }

    public int RowCount => _owners.Sum(static found => found is OwnerRows rows ? rows.Count : 1);

    /// <summary>By id; they may be forgotten meanwhile, and not otherwise changed.</summary>
    public List<OwnerRows> Owners => _owners.Sorted().ConvertAll(found => found as OwnerRows ?? Whole((Row)found));

    /// <summary>True if this very object is held, as when news is told again and remembered; false says nothing.</summary>
    public bool Holds(Row row) => _owners.Find(row.Owner.Value) is var found && (ReferenceEquals(found, row) || (found is OwnerRows rows && rows.Holds(row)));

    /// <summary>One row of an owner.</summary>
    public HeldRow? Find(NodeId owner, RowKey key) => _owners.Find(owner.Value) switch
    {
        OwnerRows rows => rows.Find(key),
        Row row when row.Key == key => new HeldRow(row, HeldMark.Of(row)),
        _ => null,
    };

    /// <summary>The rows of an owner, to be changed; see <see cref="Thin"/>.</summary>
    public OwnerRows? Find(NodeId owner)
    {
        var found = _owners.Find(owner.Value);
        if (found is Row row)
        {
            found = Whole(row);
            _owners.Replace(found);
        }

        return (OwnerRows?)found;
    }

    public OwnerRows Ensure(NodeId owner)
    {
        if (Find(owner) is not { } rows)
        {
            rows = new OwnerRows(owner);
            _owners.Add(rows);
        }

        return rows;
    }

    /// <summary>After a change: keeps the row alone, if it says all. The owner's rows are not used any more then.</summary>
    public void Thin(OwnerRows owner)
    {
        if (owner.Sole is { } row)
        {
            _owners.Replace(row);
        }
    }

    public void Forget(OwnerRows owner)
    {
        Pend(owner, null);
        Digest -= PartOf(owner);
        _owners.Remove(owner.Owner.Value);
    }

    public void Set(OwnerRows owner, Row row, HeldMark mark)
    {
        Digest -= PartOf(owner);
        owner.Set(row, mark, _ignored);
        Digest += PartOf(owner);
    }

    public void Remove(OwnerRows owner, RowKey key)
    {
        Digest -= PartOf(owner);
        owner.Remove(key, _ignored);
        Digest += PartOf(owner);
    }

    /// <summary>Says since when the rows of an owner wait for it to be known; null if they do not, or no longer.</summary>
    public void Pend(OwnerRows owner, TimeSpan? since)
    {
        Digest -= PartOf(owner);
        PendingCount += (since is null ? 0 : 1) - (owner.PendingSince is null ? 0 : 1);
        owner.PendingSince = since;
        Digest += PartOf(owner);
    }

    private OwnerRows Whole(Row row)
    {
        var whole = new OwnerRows(row.Owner) { IsVisible = true };
        whole.Set(row, HeldMark.Of(row), _ignored);
        return whole;
    }

    private static ulong PartOf(OwnerRows owner) => owner.SharedDigest == 0 ? 0 : Hashing.Mix(owner.Owner.Value, owner.SharedDigest);
}
