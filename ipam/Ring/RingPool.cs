using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Networking.Ipam.Ring.Authority;
using Networking.Ipam.Ring.Merge;
using Networking.Ipam.Ring.Space;

namespace Networking.Ipam.Ring;

/// <summary>A pool as one node knows it: who owns what, what it leases itself, and who waits.</summary>
internal sealed class RingPool
{
    private readonly UInt128 _base;
    private readonly bool _isIpv6;
    private readonly RingOptions _options;
    private List<(Stretch Stretch, TimeSpan FreeAt)> _withheld = [];

    public RingPool(string name, IPNetwork prefix, bool creates, RingOptions options)
    {
        Name = name;
        Prefix = prefix;
        Creates = creates;
        _options = options;
        _isIpv6 = prefix.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6;
        _base = Model.Prefix.ToNumber(prefix.BaseAddress);
        Last = Model.Prefix.ToNumber(Model.Prefix.LastAddress(prefix)) - _base;
        Leases = new LeaseBook(Last, Last > UInt128.One, _isIpv6, options);
    }

    public string Name { get; }

    public IPNetwork Prefix { get; }

    public bool Creates { get; }

    /// <summary>The last offset.</summary>
    public UInt128 Last { get; }

    public LeaseBook Leases { get; }

    public RingMap Map { get; private set; } = RingMap.Empty;

    /// <summary>The cluster knows the pool by the same prefix.</summary>
    public bool IsConfirmed { get; set; }

    /// <summary>The cluster knows another prefix under this name; null if not.</summary>
    public string? Refusal { get; set; }

    /// <summary>Some of this node's ranges could be opened at once.</summary>
    public bool HasUnopened { get; set; }

    public TimeSpan ReadNotBefore { get; set; }

    public List<PendingLease> Pending { get; } = [];

    public Hunger Hunger { get; } = new();

    /// <summary>What others say they could give away, as a number of bits.</summary>
    public Dictionary<OwnerId, int> FreeBits { get; } = [];

    public List<RingRow> Published { get; set; } = [];

    /// <summary>Parts of what was published that somebody else replaced; to be written anew.</summary>
    public SortedSet<int> Replaced { get; } = [];

    public TimeSpan RewriteNotBefore { get; set; }

    public bool Contains(IPAddress address) => Model.Prefix.Contains(Prefix, address);

    public UInt128 OffsetOf(IPAddress address) => Model.Prefix.ToNumber(address) - _base;

    public IPAddress AddressOf(UInt128 offset) => Model.Prefix.FromNumber(_base + offset, _isIpv6);

    /// <summary>Takes a claim into the ring: false if it is not of this pool, or there are too many.</summary>
    public bool TryJoin(Claim claim)
    {
        if (claim.First > claim.Last || claim.Last > Last || claim.Version == 0 || claim.Owner.IsNone || Map.Count >= _options.ClaimsMax)
        {
            return false;
        }

        Map = Map.Join(claim, prefersOlder: _options.Planted == RingBug.MergePrefersOlder);
        return true;
    }

    /// <summary>Notes what is withheld and since when. What was withheld before goes on from there.</summary>
    public void Withhold(IEnumerable<Holding> holdings, TimeSpan lived)
    {
        var next = new List<(Stretch Stretch, TimeSpan FreeAt)>();
        foreach (var holding in holdings.Where(static h => h.IsWithheld))
        {
            var from = holding.First;
            foreach (var (stretch, freeAt) in Parts(holding).ToList())
            {
                if (from < stretch.First)
                {
                    next.Add((new Stretch(from, stretch.First - 1), lived + _options.ReclaimAfter));
                }

                next.Add((stretch, freeAt));
                from = stretch.Last + 1;
            }

            if (from <= holding.Last)
            {
                next.Add((new Stretch(from, holding.Last), lived + _options.ReclaimAfter));
            }
        }

        _withheld = next;
    }

    /// <summary>True once nobody can still be using a withheld range. What was withheld just now is not known here yet: it is not over.</summary>
    public bool IsOver(Holding holding, TimeSpan lived)
    {
        var over = UInt128.Zero;
        foreach (var (stretch, freeAt) in Parts(holding))
        {
            over += freeAt <= lived ? stretch.Length : UInt128.Zero;
        }

        return over == holding.Length;
    }

    /// <summary>Addresses of ours that are neither leased nor withheld, open or not.</summary>
    public UInt128 SpareCount(ImmutableArray<Holding> holdings, TimeSpan lived)
    {
        var spare = Leases.FreeCount;
        foreach (var holding in holdings)
        {
            if (holding.Pool == Name && (!holding.IsWithheld || IsOver(holding, lived)))
            {
                spare += Usable(holding.UnopenedFirst, holding.Last, holding.UnopenedLength);
            }
        }

        return spare;
    }

    /// <summary>
    /// The holdings with as much open as there should be: half as much again as is leased may be taken before more is opened. What
    /// was withheld comes last.
    /// </summary>
    public ImmutableArray<Holding> Open(ImmutableArray<Holding> holdings, TimeSpan lived)
    {
        var target = UInt128.Max((UInt128)_options.OpenAhead, Leases.LeasedCount);
        if (!IsConfirmed || Leases.FreeCount + (UInt128)Leases.RestingCount >= (target + 1) / 2)
        {
            return holdings;
        }

        var need = target - Leases.FreeCount;
        var next = holdings.ToBuilder();
        foreach (var isWithheld in new[] { false, true })
        {
            for (var i = 0; i < next.Count && need > 0; i++)
            {
                var holding = next[i];
                if (holding.Pool != Name || holding.UnopenedLength == 0 || holding.IsWithheld != isWithheld || (isWithheld && !IsOver(holding, lived)))
                {
                    continue;
                }

                // An end that is nobody's opens nothing.
                var opening = UInt128.Min(holding.UnopenedLength, need + 2);
                next[i] = holding with { Opened = holding.Opened + opening, Former = default };
                need -= UInt128.Min(need, opening);
            }
        }

        return next.ToImmutable();
    }

    /// <summary>The holdings with nothing withheld any more of which the time is over, so that neighbours can be joined.</summary>
    public ImmutableArray<Holding> Ended(ImmutableArray<Holding> holdings, TimeSpan lived) =>
        [.. holdings.Select(h => h.Pool == Name && h.IsWithheld && IsOver(h, lived) ? h with { Former = default } : h)];

    // What is known of a withheld range, in order: after neighbours became one there are several parts.
    private IEnumerable<(Stretch Stretch, TimeSpan FreeAt)> Parts(Holding holding) => _withheld
        .Where(w => w.Stretch.First <= holding.Last && holding.First <= w.Stretch.Last)
        .Select(w => (new Stretch(UInt128.Max(w.Stretch.First, holding.First), UInt128.Min(w.Stretch.Last, holding.Last)), w.FreeAt));

    private UInt128 Usable(UInt128 first, UInt128 last, UInt128 length)
    {
        if (length == 0)
        {
            return 0;
        }

        first = UInt128.Max(first, Leases.Least);
        last = UInt128.Min(last, Leases.Most);
        return first > last ? 0 : last - first + 1;
    }
}
