using Networking.Ipam.Ring;
using Networking.Ipam.Ring.Authority;
using Networking.Ipam.Ring.Space;

namespace Networking.Ipam.Tests.Ring;

/// <summary>Leases of one pool against sets of numbers.</summary>
public sealed class LeaseBookPropertyTests
{
    private const int Last = 255;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Leases_releases_and_rests_agree_with_plain_sets_while_ranges_come_and_go(int seed)
    {
        var random = new Random(seed);
        var options = new RingOptions { Rest = TimeSpan.FromSeconds(20) };
        var book = new LeaseBook(Last, reservesEnds: true, isIpv6: false, options);
        var leased = new HashSet<int>();
        var resting = new Dictionary<int, DateTimeOffset>();
        var open = new HashSet<int>();
        var now = DateTimeOffset.UnixEpoch;
        for (var step = 0; step < 3000; step++)
        {
            now += TimeSpan.FromSeconds(1);
            book.EndRests(now);
            foreach (var over in resting.Where(r => r.Value <= now).Select(static r => r.Key).ToList())
            {
                _ = resting.Remove(over);
            }

            switch (random.Next(20))
            {
                case 0:
                    open = SetWindows(book, random);
                    foreach (var lost in resting.Keys.Where(r => !open.Contains(r)).ToList())
                    {
                        _ = resting.Remove(lost);
                    }

                    break;
                case < 10:
                    Choose(book, leased, resting, open);
                    break;
                case < 13:
                    var asked = random.Next(Last + 1);
                    Assert.Equal(open.Contains(asked) && !leased.Contains(asked), book.TryTake((UInt128)asked));
                    if (open.Contains(asked) && leased.Add(asked))
                    {
                        _ = resting.Remove(asked);
                    }

                    break;
                default:
                    var gone = leased.Count > 0 ? leased.ElementAt(random.Next(leased.Count)) : random.Next(Last + 1);
                    book.Release((UInt128)gone, now);
                    if (leased.Remove(gone) && open.Contains(gone))
                    {
                        resting[gone] = now + options.Rest;
                    }

                    break;
            }

            Assert.Equal((UInt128)leased.Count, book.LeasedCount);
            Assert.Equal(resting.Count, book.RestingCount);
            Assert.Equal((UInt128)open.Count(o => !leased.Contains(o) && !resting.ContainsKey(o)), book.FreeCount);
            Assert.Equal(leased.Where(l => !open.Contains(l)).Order().Select(static l => (UInt128)l), book.Orphans);
        }
    }

    [Fact]
    public void A_gap_between_leases_can_be_given_away_when_all_is_open()
    {
        var book = new LeaseBook(Last, reservesEnds: true, isIpv6: false, new RingOptions());
        var whole = new Holding("p", 0, Last, 1, Last + 1, default);
        book.SetWindows([whole], null);
        foreach (var taken in new UInt128[] { 1, 40, 200 })
        {
            Assert.True(book.TryTake(taken));
        }

        Assert.Equal(new Stretch(41, 199), book.LargestFree([whole]));
    }

    [Fact]
    public void What_is_promised_is_not_leased()
    {
        var book = new LeaseBook(Last, reservesEnds: true, isIpv6: false, new RingOptions());
        book.SetWindows([new Holding("p", 0, Last, 1, 16, default)], new Stretch(3, 14));
        var given = new List<UInt128>();
        while (book.Choose() is { } offset)
        {
            given.Add(offset);
        }

        Assert.Equal([1, 2, 15], given);
    }

    private static void Choose(LeaseBook book, HashSet<int> leased, Dictionary<int, DateTimeOffset> resting, HashSet<int> open)
    {
        var hasFree = open.Any(o => !leased.Contains(o) && !resting.ContainsKey(o));
        var oldest = resting.Count == 0 ? (int?)null : resting.MinBy(static r => r.Value).Key;
        var chosen = book.Choose();
        Assert.Equal(hasFree || oldest is not null, chosen is not null);
        if (chosen is not { } offset)
        {
            return;
        }

        var number = (int)offset;
        Assert.True(hasFree ? open.Contains(number) && !resting.ContainsKey(number) : number == oldest, $"{number}");
        Assert.True(leased.Add(number), $"{number} is leased twice");
        _ = resting.Remove(number);
    }

    private static HashSet<int> SetWindows(LeaseBook book, Random random)
    {
        var holdings = new List<Holding>();
        for (var at = random.Next(40); at <= Last; at += 1 + random.Next(60))
        {
            var last = Math.Min(at + random.Next(90), Last);
            holdings.Add(new Holding("p", (UInt128)at, (UInt128)last, 1, (UInt128)random.Next(last - at + 2), default));
            at = last;
        }

        book.SetWindows(holdings, null);
        return [.. holdings.SelectMany(static h => Enumerable.Range((int)h.First, (int)h.Opened)).Where(static o => o is > 0 and < Last)];
    }
}
