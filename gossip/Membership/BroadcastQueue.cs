using Networking.Model.Wire;

namespace Networking.Gossip.Membership;

/// <summary>
/// News to tell, one piece per subject: a newer one replaces the older. Told least goes first, what is urgent before all;
/// after enough tellings a piece is retired. Bounded.
/// </summary>
internal sealed class BroadcastQueue<TSubject>(int capacity, bool neverRetires = false)
    where TSubject : notnull
{
    private const int MisfitsMax = 32;
    private const int RoomKept = 64;

    private readonly Dictionary<TSubject, Entry> _entries = [];
    private readonly List<Queue<Entry>> _urgent = [];
    private readonly List<Queue<Entry>> _normal = [];
    private readonly List<Entry> _told = [];

    public int Count => _entries.Count;

    /// <summary>Pieces that had to make room before they were told often enough.</summary>
    public long DroppedCount { get; private set; }

    public void Add(TSubject subject, byte[] payload, bool isUrgent = false)
    {
        if (_entries.Remove(subject, out var old))
        {
            old.IsStale = true;
        }
        else if (_entries.Count >= capacity)
        {
            DropMostTold();
        }

        var entry = new Entry(subject, payload, isUrgent);
        _entries.Add(subject, entry);
        Enqueue(entry);
    }

    public void Remove(TSubject subject)
    {
        if (_entries.Remove(subject, out var old))
        {
            old.IsStale = true;
        }
    }

    public void Clear()
    {
        _entries.Clear();
        GiveBack();
    }

    /// <summary>Writes pieces while they fit: how many.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="lengthMax">The length that the writer may reach.</param>
    /// <param name="tellings">How often a piece is told.</param>
    /// <param name="countMax">So many at most.</param>
    public int FillInto(WireWriter writer, int lengthMax, int tellings, int countMax = int.MaxValue)
    {
        var written = 0;
        var misfits = 0;
        foreach (var levels in (ReadOnlySpan<List<Queue<Entry>>>)[_urgent, _normal])
        {
            foreach (var level in levels)
            {
                for (var left = level.Count; left > 0 && misfits < MisfitsMax && written < countMax; left--)
                {
                    var entry = level.Dequeue();
                    if (entry.IsStale)
                    {
                        continue;
                    }

                    if (writer.Length + entry.Payload.Length > lengthMax)
                    {
                        misfits++;
                        level.Enqueue(entry);
                        continue;
                    }

                    writer.PutBytes(entry.Payload);
                    written++;
                    entry.Told++;
                    _told.Add(entry);
                }
            }
        }

        Requeue(tellings);
        return written;
    }

    private void Requeue(int tellings)
    {
        foreach (var entry in _told)
        {
            if (entry.Told < tellings || neverRetires)
            {
                Enqueue(entry);
            }
            else
            {
                _ = _entries.Remove(entry.Subject);
            }
        }

        _told.Clear();
        if (_entries.Count == 0)
        {
            GiveBack();
        }
    }

    /// <summary>All is told: the room that it took is not kept for the next time that everything changes at once.</summary>
    private void GiveBack()
    {
        _urgent.Clear();
        _normal.Clear();
        if (_entries.Capacity > RoomKept)
        {
            _entries.TrimExcess();
        }
    }

    private void Enqueue(Entry entry)
    {
        var levels = entry.IsUrgent ? _urgent : _normal;
        while (levels.Count <= entry.Told)
        {
            levels.Add(new Queue<Entry>());
        }

        levels[entry.Told].Enqueue(entry);
    }

    private void DropMostTold()
    {
        foreach (var levels in (ReadOnlySpan<List<Queue<Entry>>>)[_normal, _urgent])
        {
            for (var told = levels.Count - 1; told >= 0; told--)
            {
                while (levels[told].TryDequeue(out var entry))
                {
                    if (!entry.IsStale)
                    {
                        _ = _entries.Remove(entry.Subject);
                        DroppedCount++;
                        return;
                    }
                }
            }
        }
    }

    private sealed class Entry(TSubject subject, byte[] payload, bool isUrgent)
    {
        public TSubject Subject { get; } = subject;

        public byte[] Payload { get; } = payload;

        public bool IsUrgent { get; } = isUrgent;

        public int Told { get; set; }

        public bool IsStale { get; set; }
    }
}
