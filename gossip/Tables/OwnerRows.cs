using Networking.Gossip.Wire;

namespace Networking.Gossip.Tables;

/// <summary>The rows of one owner in one scope, removed ones among them.</summary>
internal sealed class OwnerRows(NodeId owner)
{
    private readonly SortedDictionary<RowKey, HeldRow> _rows = [];

    public NodeId Owner { get; } = owner;

    /// <summary>Sum over the rows that are not removed: a removed row that one node has forgotten sooner is no difference.</summary>
    public ulong Digest { get; private set; }

    /// <summary>The digest as others get it: rows that wait for their owner to be known are not passed on.</summary>
    public ulong SharedDigest => PendingSince is null ? Digest : 0;

    public int LiveCount { get; private set; }

    public int Count => _rows.Count;

    public IEnumerable<HeldRow> All => _rows.Values;

    /// <summary>True if readers see them.</summary>
    public bool IsVisible { get; set; }

    /// <summary>Since when they wait for their owner to be known and attached; null if they do not.</summary>
    public TimeSpan? PendingSince { get; set; }

    public HeldRow? Find(RowKey key) => _rows.GetValueOrDefault(key);

    public void Set(HeldRow held, bool isIgnoredByDigest)
    {
        Remove(held.Row.Key);
        _rows.Add(held.Row.Key, held);
        held.DigestPart = held.Row.IsRemoved || isIgnoredByDigest ? 0 : Hashing.Mix(held.Row.KeyHash, held.Row.Version);
        Digest += held.DigestPart;
        LiveCount += held.Row.IsRemoved ? 0 : 1;
    }

    public void Remove(RowKey key)
    {
        if (_rows.Remove(key, out var old))
        {
            Digest -= old.DigestPart;
            LiveCount -= old.Row.IsRemoved ? 0 : 1;
        }
    }
}

/// <summary>A row here, and until when a removed one is remembered.</summary>
internal sealed class HeldRow(Row row, TimeSpan forgetAt, ulong floor)
{
    public Row Row { get; } = row;

    public TimeSpan ForgetAt { get; } = forgetAt;

    /// <summary>Of an attachment: its owner's rows in that network up to this version are from before, and void.</summary>
    public ulong Floor { get; } = floor;

    public ulong DigestPart { get; set; }

    public TimeSpan? ResidualAt(TimeSpan now) => Row.IsRemoved ? ForgetAt > now ? ForgetAt - now : TimeSpan.Zero : null;
}
