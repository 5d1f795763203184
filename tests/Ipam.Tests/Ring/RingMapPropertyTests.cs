using Networking.Ipam.Ring;
using Networking.Ipam.Ring.Merge;

namespace Networking.Ipam.Tests.Ring;

/// <summary>The laws of joining, and a map of 64 addresses as the oracle.</summary>
public sealed class RingMapPropertyTests
{
    private const int Addresses = 64;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Joining_is_commutative_associative_and_idempotent(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 300; round++)
        {
            var (a, b, c) = (Map(random), Map(random), Map(random));
            Assert.Equal(a.Join(b), b.Join(a));
            Assert.Equal(a.Join(b).Join(c), a.Join(b.Join(c)));
            Assert.Equal(a, a.Join(a));
            Assert.Equal(a.Join(b), a.Join(b).Join(b).Join(a));
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Each_address_has_the_greatest_claim_that_was_heard_in_any_order(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 300; round++)
        {
            var claims = Enumerable.Range(0, random.Next(1, 20)).Select(_ => Claim(random)).ToList();
            var map = claims.Aggregate(RingMap.Empty, static (m, c) => m.Join(c));
            for (var i = 0; i < Addresses; i++)
            {
                var best = claims.Where(c => c.First <= (UInt128)i && (UInt128)i <= c.Last).Aggregate((Claim?)null, static (b, c) => b is { } known && !c.Beats(known) ? known : c);
                var found = map.Find((UInt128)i);
                Assert.Equal(best is null, found is null);
                Assert.True(best is not { } expected || found!.Value.SaysLike(expected), $"address {i} of {map}"); // both or neither, above
            }

            random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(claims));
            Assert.Equal(map, claims.Aggregate(RingMap.Empty, static (m, c) => m.Join(c)));
        }
    }

    [Theory]
    [InlineData(6)]
    public void Equal_knowledge_is_one_value_without_needless_cuts(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 300; round++)
        {
            var map = Map(random);
            var pairs = map.Claims.Zip(map.Claims.Skip(1)).ToList();
            Assert.All(pairs, static p => Assert.True(p.First.Last < p.Second.First));
            Assert.DoesNotContain(pairs, static p => p.First.SaysLike(p.Second) && p.First.Last + 1 == p.Second.First);
        }
    }

    [Fact]
    public void A_claim_of_the_whole_of_ipv6_is_one_range()
    {
        var whole = new Claim(0, UInt128.MaxValue >> 1, 1, new OwnerId(1));
        var map = RingMap.Empty.Join(whole).Join(new Claim(5, 5, 2, new OwnerId(2)));
        Assert.Equal(3, map.Count);
        Assert.Equal(new OwnerId(2), map.Find(5)?.Owner);
        Assert.Equal(new OwnerId(1), map.Find(UInt128.MaxValue >> 1)?.Owner);
    }

    private static RingMap Map(Random random) =>
        Enumerable.Range(0, random.Next(12)).Aggregate(RingMap.Empty, (map, _) => map.Join(Claim(random)));

    private static Claim Claim(Random random)
    {
        var first = random.Next(Addresses);
        return new Claim((UInt128)first, (UInt128)random.Next(first, Addresses), (ulong)random.Next(1, 5), new OwnerId((ulong)random.Next(1, 4)));
    }
}
