using Networking.Gossip.Wire;

namespace Networking.Gossip.Tables;

/// <summary>
/// The rows of one owner in one scope, removed ones among them, by key. <see cref="ScopeRows"/> writes them, and keeps its digest.
/// </summary>
internal sealed class OwnerRows(NodeId owner) : INumbered
{
    private const int LookedThrough = 128;

    private Row[] _rows = [];
    private HeldMark[]? _marks; // beside the rows, from the first on that has one of its own
    private TimeSpan _pendingSince = TimeSpan.MinValue;

    public NodeId Owner { get; } = owner;

    ulong INumbered.Number => Owner.Value;

    /// <summary>Sum over the rows that are not removed: a removed row that one node has forgotten sooner is no difference.</summary>
    public ulong Digest { get; private set; }

    /// <summary>The digest as others get it: rows that wait for their owner to be known are not passed on.</summary>
    public ulong SharedDigest => PendingSince is null ? Digest : 0;

    public int LiveCount { get; private set; }

    public int Count { get; private set; }

    /// <summary>By key; not while they change.</summary>
    public IEnumerable<HeldRow> All => Enumerable.Range(0, Count).Select(At);

    /// <summary>True if readers see them.</summary>
    public bool IsVisible { get; set; }

    /// <summary>Since when they wait for their owner to be known and attached; null if they do not.</summary>
    public TimeSpan? PendingSince
    {
        get => _pendingSince == TimeSpan.MinValue ? null : _pendingSince;
        set => _pendingSince = value ?? TimeSpan.MinValue;
    }

    /// <summary>The row, if there is one, readers see it, and nothing else is remembered of it: it says all then. Else null.</summary>
    public Row? Sole => Count == 1 && IsVisible && PendingSince is null && At(0) is var held && held.Mark == HeldMark.Of(held.Row) ? held.Row : null;

    /// <summary>True if this very object is held, as when news is told again and remembered; false says nothing.</summary>
    public bool Holds(Row row)
    {
        if (Count > LookedThrough)
        {
            return false;
        }

        foreach (var held in _rows.AsSpan(0, Count))
        {
            if (ReferenceEquals(held, row))
            {
                return true;
            }
        }

        return false;
    }

    public HeldRow? Find(RowKey key) => IndexOf(key) is var at and >= 0 ? At(at) : null;

    /// <param name="row">The row, in place of an earlier version.</param>
    /// <param name="mark">What is remembered of it here.</param>
    /// <param name="ignored">A table that adds nothing to the digest; null for none.</param>
    public void Set(Row row, HeldMark mark, string? ignored)
    {
        var at = IndexOf(row.Key);
        if (at >= 0)
        {
            Account(_rows[at], ignored, isHeld: false);
        }
        else
        {
            at = ~at;
            Insert(at);
        }

        _rows[at] = row;
        if (_marks is null && mark != HeldMark.Of(row))
        {
            _marks = new HeldMark[_rows.Length];
            for (var i = 0; i < Count; i++)
            {
                _marks[i] = HeldMark.Of(_rows[i]);
            }
        }

        if (_marks is not null)
        {
            _marks[at] = mark;
        }

        Account(row, ignored, isHeld: true);
    }

    public void Remove(RowKey key, string? ignored)
    {
        if (IndexOf(key) is var at and >= 0)
        {
            Account(_rows[at], ignored, isHeld: false);
            Count--;
            Array.Copy(_rows, at + 1, _rows, at, Count - at);
            _rows[Count] = null!; // beyond the count nothing is read
            if (_marks is not null)
            {
                Array.Copy(_marks, at + 1, _marks, at, Count - at);
            }
        }
    }

    private HeldRow At(int at) => new(_rows[at], _marks is null ? HeldMark.Of(_rows[at]) : _marks[at]);

    private void Account(Row row, string? ignored, bool isHeld)
    {
        if (row.IsRemoved)
        {
            return;
        }

        var part = row.Key.Table == ignored ? 0 : Hashing.Mix(row.KeyHash, row.Version);
        Digest += isHeld ? part : 0 - part;
        LiveCount += isHeld ? 1 : -1;
    }

    private void Insert(int at)
    {
        if (Count == _rows.Length)
        {
            var room = Count == 0 ? 1 : Count < 4 ? 4 : Count + (Count / 2);
            Array.Resize(ref _rows, room);
            if (_marks is not null)
            {
                Array.Resize(ref _marks, room);
            }
        }

        Array.Copy(_rows, at, _rows, at + 1, Count - at);
        if (_marks is not null)
        {
            Array.Copy(_marks, at, _marks, at + 1, Count - at);
        }

        Count++;
    }

    private int IndexOf(RowKey key)
    {
        var (low, high) = (0, Count - 1);
        while (low <= high)
        {
            var at = (low + high) / 2;
            var order = _rows[at].Key.CompareTo(key);
            if (order == 0)
            {
                return at;
            }

            (low, high) = order < 0 ? (at + 1, high) : (low, at - 1);
        }

        return ~low;
    }
}

/// <summary>What is remembered of a row here, beside what its owner wrote.</summary>
/// <param name="ForgetAt">Until when a removed one is remembered.</param>
/// <param name="Floor">Of an attachment: its owner's rows in that network up to this version are from before, and void.</param>
internal readonly record struct HeldMark(TimeSpan ForgetAt, ulong Floor)
{
    /// <summary>Of a row that is as its owner wrote it, and of which nothing was known before.</summary>
    public static HeldMark Of(Row row) => new(TimeSpan.Zero, row.IsRemoved ? 0 : Attachments.FloorOf(row));
}

/// <summary>A row as it is here.</summary>
internal readonly record struct HeldRow(Row Row, HeldMark Mark)
{
    public ulong Floor => Mark.Floor;

    public TimeSpan ForgetAt => Mark.ForgetAt;

    public TimeSpan? ResidualAt(TimeSpan now) => Row.IsRemoved ? ForgetAt > now ? ForgetAt - now : TimeSpan.Zero : null;
}
