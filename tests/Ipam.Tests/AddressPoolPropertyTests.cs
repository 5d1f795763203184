using System.Net;
using Networking.Model;

namespace Networking.Ipam.Tests;

public sealed class AddressPoolPropertyTests
{
    /// <summary>The same requests against a pool and against the plainest model of one: an array and a turn.</summary>
    [Theory]
    [InlineData("10.0.0.0/29", 1)]
    [InlineData("10.0.0.0/26", 2)]
    [InlineData("10.0.0.0/24", 3)]
    [InlineData("10.0.0.0/22", 4)]
    [InlineData("fd00::/122", 5)]
    [InlineData("fd00::/118", 6)]
    [InlineData("10.0.0.0/31", 7)]
    public void A_pool_behaves_like_an_array_and_a_turn(string prefix, int seed)
    {
        var random = new Random(seed);
        var network = IPNetwork.Parse(prefix);
        var isIpv6 = network.PrefixLength > 32;
        var size = 1 << (Prefix.BitsOf(network.BaseAddress) - network.PrefixLength);
        var pool = AddressPool.Create(network);
        var leased = new HashSet<int>();
        var reserved = new HashSet<int>(size <= 2 ? [] : isIpv6 ? [0] : [0, size - 1]);
        var turn = 0;
        for (var step = 0; step < 10_000; step++)
        {
            // Phases of filling and of draining, so that full and empty pools are met, too.
            var isFilling = step / 2000 % 2 == 0;
            var slot = random.Next(size);
            switch (random.Next(10))
            {
                case < 2:
                    (var direct, pool) = pool.Lease(At(slot));
                    Assert.Equal(!reserved.Contains(slot) && leased.Add(slot), direct is LeaseResult.Granted);
                    break;
                case var n when n < (isFilling ? 4 : 8):
                    pool = pool.Release(At(slot));
                    _ = leased.Remove(slot);
                    break;
                default:
                    (var any, pool) = pool.Lease();
                    var expected = NextInTurn();
                    Assert.Equal(
                        expected is { } free ? new LeaseResult.Granted(At(free)) : new LeaseResult.Exhausted(network, (UInt128)leased.Count), any);
                    if (expected is { } given)
                    {
                        Assert.True(leased.Add(given));
                        turn = (given + 1) % size;
                    }

                    break;
            }

            Assert.Equal((UInt128)leased.Count, pool.LeasedCount);
            Assert.Equal((UInt128)(size - leased.Count - reserved.Count), pool.FreeCount);
        }

        int? NextInTurn()
        {
            for (var i = 0; i < size; i++)
            {
                var slot = (turn + i) % size;
                if (!leased.Contains(slot) && !reserved.Contains(slot))
                {
                    return slot;
                }
            }

            return null;
        }

        IPAddress At(int slot) => Prefix.FromNumber(Prefix.ToNumber(network.BaseAddress) + (UInt128)slot, isIpv6);
    }

    [Theory]
    [InlineData("10.0.0.0/8")]
    [InlineData("fd00::/64")]
    public void No_address_is_given_twice_in_a_large_pool(string prefix)
    {
        var random = new Random(77);
        var pool = AddressPool.Create(IPNetwork.Parse(prefix));
        var leased = new HashSet<IPAddress>();
        var order = new List<IPAddress>();
        for (var step = 0; step < 50_000; step++)
        {
            if (order.Count > 0 && random.Next(3) == 0)
            {
                var index = random.Next(order.Count);
                pool = pool.Release(order[index]);
                _ = leased.Remove(order[index]);
                order[index] = order[^1];
                order.RemoveAt(order.Count - 1);
                continue;
            }

            (var result, pool) = pool.Lease();
            var address = Assert.IsType<LeaseResult.Granted>(result).Address;
            Assert.True(leased.Add(address), $"{address} was given twice");
            order.Add(address);
        }

        Assert.Equal((UInt128)leased.Count, pool.LeasedCount);
    }

    /// <summary>The cost rule: lease number 60,000 allocates what number 10 does, give or take a node.</summary>
    [Theory]
    [InlineData("10.0.0.0/16", false)]
    [InlineData("10.0.0.0/16", true)]
    [InlineData("10.0.0.0/8", false)]
    [InlineData("10.0.0.0/8", true)]
    [InlineData("fd00::/64", false)]
    [InlineData("fd00::/64", true)]
    public void The_work_of_a_lease_does_not_depend_on_how_many_there_are(string prefix, bool isScattered)
    {
        _ = Costs(prefix, isScattered);
        var costs = Costs(prefix, isScattered);

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", costs));
        Assert.True(costs.Max() - costs.Min() <= 256, $"lease 10, 5,000 and 60,000 and their release allocate {string.Join(", ", costs)} bytes");
        Assert.True(costs.Max() <= 8192, $"{costs.Max()} bytes");
    }

    private static List<long> Costs(string prefix, bool isScattered)
    {
        var random = new Random(5);
        var pool = AddressPool.Create(IPNetwork.Parse(prefix));
        var costs = new List<long>();
        for (var count = 1; count <= 60_000; count++)
        {
            if (isScattered)
            {
                // In no order, so that few parts of the tree are empty or full and most of it is really there.
                pool = pool.ContinueAfter(Prefix.FromNumber(
                    Prefix.ToNumber(pool.Prefix.BaseAddress) + (UInt128)random.Next(60_000), pool.Prefix.BaseAddress.GetAddressBytes().Length == 16));
            }

            var start = GC.GetAllocatedBytesForCurrentThread();
            var (result, next) = pool.Lease();
            var leased = GC.GetAllocatedBytesForCurrentThread();
            if (count is 10 or 5_000 or 60_000)
            {
                var address = ((LeaseResult.Granted)result).Address;
                var before = GC.GetAllocatedBytesForCurrentThread();
                _ = next.Release(address);
                costs.Add(leased - start);
                costs.Add(GC.GetAllocatedBytesForCurrentThread() - before);
            }

            pool = next;
        }

        return costs;
    }
}
