using Networking.Ipam.Ring.Authority;

namespace Networking.Ipam.Ring.Space;

/// <summary>
/// What a node has leased of a pool, and what it may lease next. Addresses are given in turn, the next after the last, around and
/// around; released ones rest. A lease outside of all windows is an *orphan*: its range was lost, or it is from before a restart.
/// </summary>
/// <param name="last">The pool's last offset.</param>
/// <param name="reservesEnds">Whether its first address, and of IPv4 its last, is nobody's.</param>
/// <param name="isIpv6">In IPv6 the last address is like any other.</param>
/// <param name="options">Times and bounds.</param>
internal sealed class LeaseBook(UInt128 last, bool reservesEnds, bool isIpv6, RingOptions options)
{
    private const int GapsMax = 4096;

    private readonly LeasePages _taken = new();
    private readonly SortedSet<UInt128> _orphans = [];
    private Quarantine _resting = Quarantine.Empty;
    private Window[] _windows = [];
    private UInt128 _room;
    private UInt128 _cursor;
    private int _current;

    /// <summary>The first offset that anybody may have.</summary>
    public UInt128 Least { get; } = reservesEnds ? UInt128.One : UInt128.Zero;

    /// <summary>The last offset that anybody may have.</summary>
    public UInt128 Most { get; } = reservesEnds && !isIpv6 ? last - 1 : last;

    /// <summary>Addresses leased, orphans too.</summary>
    public UInt128 LeasedCount { get; private set; }

    /// <summary>Addresses that can be chosen now.</summary>
    public UInt128 FreeCount => _room;

    /// <summary>Addresses at rest; at most 1,024.</summary>
    public int RestingCount => _resting.Count;

    /// <summary>Leases without a window, in order.</summary>
    public IReadOnlyCollection<UInt128> Orphans => _orphans;

    /// <summary>Addresses of all windows, free or not.</summary>
    public UInt128 OpenCount { get; private set; }

    public bool IsReserved(UInt128 offset) => offset < Least || offset > Most;

    public bool IsLeased(UInt128 offset) => _taken.Contains(offset) && _resting.EndOf(offset) is null;

    public bool HasWindow(UInt128 offset) => WindowOf(offset) is not null;

    /// <summary>True if an address of the open part is leased or rests.</summary>
    public bool IsBusy(Holding holding) => holding.Opened > 0 && _taken.NextTaken(holding.First, holding.UnopenedFirst - 1) is not null;

    /// <summary>Chooses an address; null if none is free. With nothing else free, the longest rested.</summary>
    public UInt128? Choose()
    {
        if (_room == 0)
        {
            return LongestRested();
        }

        for (var i = 0; i <= _windows.Length; i++)
        {
            var window = _windows[_current];
            if (window.HasRoom && _taken.NextFree(window.Contains(_cursor) && i < _windows.Length ? _cursor : window.First, window.Last) is { } offset)
            {
                Take(window, offset);
                _cursor = offset + 1;
                if (offset == window.Last)
                {
                    _current = Following(_current);
                    _cursor = _windows[_current].First;
                }

                return offset;
            }

            _current = Following(_current);
        }

        return null;
    }

    /// <summary>Leases this very address: true if it has a window and nobody has it. One at rest is given to who asks.</summary>
    public bool TryTake(UInt128 offset)
    {
        if (WindowOf(offset) is not { } window)
        {
            return false;
        }

        if (_resting.EndOf(offset) is not null)
        {
            _resting = _resting.Remove(offset);
            LeasedCount++;
            return true;
        }

        if (_taken.Contains(offset))
        {
            return false;
        }

        Take(window, offset);
        return true;
    }

    /// <summary>Takes up a lease from before a restart: an orphan until a window is there.</summary>
    public void Restore(UInt128 offset)
    {
        if (_taken.Add(offset))
        {
            LeasedCount++;
            if (WindowOf(offset) is { } window)
            {
                window.Taken++;
                _room--;
            }
            else
            {
                _ = _orphans.Add(offset);
            }
        }
    }

    /// <summary>Gives an address back; one that is not leased is fine.</summary>
    /// <param name="offset">Which.</param>
    /// <param name="now">When its rest begins.</param>
    public void Release(UInt128 offset, DateTimeOffset now)
    {
        if (!IsLeased(offset))
        {
            return;
        }

        LeasedCount--;
        if (WindowOf(offset) is not { } window)
        {
            _ = _orphans.Remove(offset);
            _ = _taken.Remove(offset);
            return;
        }

        if (options.Rest <= TimeSpan.Zero)
        {
            Free(window, offset);
            return;
        }

        if (_resting.Count == Quarantine.RestingMax)
        {
            EndOldestRest();
        }

        _resting = _resting.Add(offset, now + options.Rest);
    }

    /// <summary>Ends the rests that are over.</summary>
    public void EndRests(DateTimeOffset now)
    {
        while (!_resting.IsEmpty && _resting.Oldest.Until <= now)
        {
            EndOldestRest();
        }
    }

    /// <summary>Ends one rest; one that does not rest is fine.</summary>
    public void EndRest(UInt128 offset)
    {
        if (_resting.EndOf(offset) is not null)
        {
            _resting = _resting.Remove(offset);
            Unmark(offset);
        }
    }

    /// <summary>Takes the windows anew: what is open, less what is promised.</summary>
    public void SetWindows(IEnumerable<Holding> holdings, Stretch? promised)
    {
        var old = _windows;
        _windows = [.. Open(holdings, promised)];
        _current = Math.Max(Array.FindIndex(_windows, w => w.Contains(_cursor)), 0);
        foreach (var lease in old.SelectMany(w => _taken.In(w.First, w.Last)).Where(o => WindowOf(o) is null).ToList())
        {
            if (_resting.EndOf(lease) is not null)
            {
                _resting = _resting.Remove(lease);
                _ = _taken.Remove(lease);
            }
            else
            {
                _ = _orphans.Add(lease);
            }
        }

        _ = _orphans.RemoveWhere(o => WindowOf(o) is not null);
        (OpenCount, _room) = (UInt128.Zero, UInt128.Zero);
        foreach (var window in _windows)
        {
            window.Taken = _taken.CountIn(window.First, window.Last);
            OpenCount += window.Last - window.First + 1;
            _room += window.Last - window.First + 1 - window.Taken;
        }
    }

    /// <summary>The largest stretch that can be given away: unopened, or else a gap between leases; null if there is none.</summary>
    public Stretch? LargestFree(IEnumerable<Holding> holdings)
    {
        var own = holdings.Where(static h => !h.IsWithheld).ToList();
        var unopened = Largest(own.Where(static h => h.UnopenedLength > 0).Select(static h => new Stretch(h.UnopenedFirst, h.Last)));
        return unopened is { } tail && tail.Length >= (UInt128)options.OpenAhead ? tail : Largest([.. unopened is { } small ? [small] : Array.Empty<Stretch>(), .. Gaps()]);
    }

    private IEnumerable<Stretch> Gaps()
    {
        var count = 0;
        foreach (var window in _windows.Where(static w => w.HasRoom))
        {
            var from = window.First;
            while (count++ < GapsMax && _taken.NextFree(from, window.Last) is { } start)
            {
                var end = _taken.NextTaken(start, window.Last);
                yield return new Stretch(start, end is { } taken ? taken - 1 : window.Last);
                if (end is not { } next)
                {
                    break;
                }

                from = next;
            }
        }
    }

    private Stretch? Largest(IEnumerable<Stretch> stretches)
    {
        Stretch? best = null;
        foreach (var stretch in stretches)
        {
            var usable = new Stretch(UInt128.Max(stretch.First, Least), UInt128.Min(stretch.Last, Most));
            if (usable.First <= usable.Last && (best is not { } known || usable.Length > known.Length))
            {
                best = usable;
            }
        }

        return best;
    }

    private IEnumerable<Window> Open(IEnumerable<Holding> holdings, Stretch? promised)
    {
        foreach (var holding in holdings.Where(static h => h.Opened > 0))
        {
            var (first, end) = (UInt128.Max(holding.First, Least), UInt128.Min(holding.UnopenedFirst - 1, Most));
            if (promised is not { } away || away.Last < first || away.First > end)
            {
                if (first <= end)
                {
                    yield return new Window(first, end);
                }

                continue;
            }

            if (first < away.First)
            {
                yield return new Window(first, away.First - 1);
            }

            if (end > away.Last)
            {
                yield return new Window(away.Last + 1, end);
            }
        }
    }

    private void Take(Window window, UInt128 offset)
    {
        _ = _taken.Add(offset);
        window.Taken++;
        _room--;
        LeasedCount++;
    }

    private void Free(Window window, UInt128 offset)
    {
        _ = _taken.Remove(offset);
        window.Taken--;
        _room++;
    }

    private void EndOldestRest()
    {
        var oldest = _resting.Oldest.Slot;
        _resting = _resting.Remove(oldest);
        Unmark(oldest);
    }

    private void Unmark(UInt128 offset)
    {
        if (WindowOf(offset) is { } window)
        {
            Free(window, offset);
        }
        else
        {
            _ = _taken.Remove(offset);
        }
    }

    private int Following(int window) => window + 1 == _windows.Length ? 0 : window + 1;

    private UInt128? LongestRested()
    {
        if (_resting.IsEmpty)
        {
            return null;
        }

        var oldest = _resting.Oldest.Slot;
        _resting = _resting.Remove(oldest);
        LeasedCount++;
        return oldest;
    }

    private Window? WindowOf(UInt128 offset)
    {
        var (low, high) = (0, _windows.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var window = _windows[middle];
            if (window.Contains(offset))
            {
                return window;
            }

            (low, high) = window.Last < offset ? (middle + 1, high) : (low, middle - 1);
        }

        return null;
    }
}
