using System.Numerics;

namespace Networking.Ipam.Ring.Space;

/// <summary>
/// A set of offsets as bits, in pages of 4,096 that come and go: an eighth of a byte for each address where they are dense. Not
/// persistent: the ring's node is its only user, and a path copied for each lease would cost ten times the lease.
/// </summary>
internal sealed class LeasePages
{
    private const int PageBits = 12;
    private const int Words = 1 << (PageBits - 6);

    private readonly Dictionary<UInt128, Page> _pages = [];
    private UInt128 _lastKey;
    private Page? _last;

    public int PageCount => _pages.Count;

    public bool Contains(UInt128 offset) => Find(offset >> PageBits) is { } page && (page.Bits[Word(offset)] & Mask(offset)) != 0;

    /// <summary>False if it was in already.</summary>
    public bool Add(UInt128 offset)
    {
        var page = Find(offset >> PageBits) ?? Create(offset >> PageBits);
        ref var word = ref page.Bits[Word(offset)];
        if ((word & Mask(offset)) != 0)
        {
            return false;
        }

        word |= Mask(offset);
        page.Count++;
        return true;
    }

    /// <summary>False if it was not in.</summary>
    public bool Remove(UInt128 offset)
    {
        if (Find(offset >> PageBits) is not { } page || (page.Bits[Word(offset)] & Mask(offset)) == 0)
        {
            return false;
        }

        page.Bits[Word(offset)] &= ~Mask(offset);
        if (--page.Count == 0)
        {
            _ = _pages.Remove(offset >> PageBits);
            _last = null;
        }

        return true;
    }

    /// <summary>The first offset of a stretch that is not in; null if all are.</summary>
    public UInt128? NextFree(UInt128 from, UInt128 to) => Next(from, to, isIn: false);

    /// <summary>The first offset of a stretch that is in; null if none is. Costs the pages of the stretch.</summary>
    public UInt128? NextTaken(UInt128 from, UInt128 to) => Next(from, to, isIn: true);

    /// <summary>How many of a stretch are in.</summary>
    public UInt128 CountIn(UInt128 from, UInt128 to)
    {
        var count = UInt128.Zero;
        foreach (var (key, page) in _pages)
        {
            var (first, last) = (key << PageBits, (key << PageBits) + ((UInt128.One << PageBits) - 1));
            if (first > to || last < from)
            {
                continue;
            }

            count += first >= from && last <= to ? (UInt128)page.Count : CountIn(page, first, UInt128.Max(first, from), UInt128.Min(last, to));
        }

        return count;
    }

    /// <summary>All of a stretch that are in, in order.</summary>
    public IEnumerable<UInt128> In(UInt128 from, UInt128 to)
    {
        foreach (var key in _pages.Keys.Where(k => k >= from >> PageBits && k <= to >> PageBits).Order().ToList())
        {
            var start = UInt128.Max(key << PageBits, from);
            var end = UInt128.Min((key << PageBits) + ((UInt128.One << PageBits) - 1), to);
            while (NextTaken(start, end) is { } found)
            {
                yield return found;
                if (found == end)
                {
                    break;
                }

                start = found + 1;
            }
        }
    }

    private static UInt128 CountIn(Page page, UInt128 start, UInt128 from, UInt128 to)
    {
        var count = 0;
        for (var i = (int)(from - start); i <= (int)(to - start); i++)
        {
            count += (int)((page.Bits[i >> 6] >> (i & 63)) & 1);
        }

        return (UInt128)count;
    }

    private UInt128? Next(UInt128 from, UInt128 to, bool isIn)
    {
        while (from <= to)
        {
            var key = from >> PageBits;
            var start = key << PageBits;
            if (Find(key) is not { } page)
            {
                if (!isIn)
                {
                    return from;
                }
            }
            else if (Within(page, (int)(from - start), isIn) is { } index)
            {
                return start + (UInt128)index <= to ? start + (UInt128)index : null;
            }

            if (key == UInt128.MaxValue >> PageBits)
            {
                return null;
            }

            from = (key + 1) << PageBits;
        }

        return null;
    }

    private static int? Within(Page page, int from, bool isIn)
    {
        var mask = ulong.MaxValue << (from & 63);
        for (var i = from >> 6; i < Words; i++)
        {
            var word = (isIn ? page.Bits[i] : ~page.Bits[i]) & mask;
            if (word != 0)
            {
                return (i << 6) + BitOperations.TrailingZeroCount(word);
            }

            mask = ulong.MaxValue;
        }

        return null;
    }

    private Page? Find(UInt128 key)
    {
        if (_last is not null && _lastKey == key)
        {
            return _last;
        }

        if (!_pages.TryGetValue(key, out var page))
        {
            return null;
        }

        (_lastKey, _last) = (key, page);
        return page;
    }

    private Page Create(UInt128 key)
    {
        var page = new Page();
        _pages.Add(key, page);
        (_lastKey, _last) = (key, page);
        return page;
    }

    private static int Word(UInt128 offset) => (int)((ulong)offset >> 6) & (Words - 1);

    private static ulong Mask(UInt128 offset) => 1UL << ((int)(ulong)offset & 63);

    private sealed class Page
    {
        public readonly ulong[] Bits = new ulong[Words];

        public int Count;
    }
}
