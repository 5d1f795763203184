using System.Net;

namespace Networking.Ipam.Tests;

public sealed class AddressPoolTests
{
    [Fact]
    public void Addresses_come_in_turn_without_network_gateway_and_broadcast()
    {
        var pool = Pool("10.0.0.0/29");
        (_, pool) = pool.Reserve(IPAddress.Parse("10.0.0.1"), "gateway");

        var given = TakeAll(ref pool);

        Assert.Equal(["10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6"], given);
        Assert.Equal(new LeaseResult.Exhausted(pool.Prefix, 5), pool.Lease().Result);
        Assert.Equal((UInt128)0, pool.FreeCount);
    }

    [Theory]
    [InlineData("10.0.0.0/24", 254)]
    [InlineData("10.0.0.0/30", 2)]
    [InlineData("10.0.0.0/31", 2)]
    [InlineData("10.0.0.7/32", 1)]
    [InlineData("fd00::/120", 255)]
    [InlineData("fd00::/126", 3)]
    [InlineData("fd00::/127", 2)]
    [InlineData("fd00::7/128", 1)]
    public void A_pool_is_exhausted_exactly_when_its_last_address_is_gone(string prefix, int count)
    {
        var pool = Pool(prefix);

        Assert.Equal((UInt128)count, pool.FreeCount);
        Assert.Equal(count, TakeAll(ref pool).Distinct(StringComparer.Ordinal).Count());
        Assert.IsType<LeaseResult.Exhausted>(pool.Lease().Result);
        Assert.Equal(((UInt128)count, (UInt128)0), (pool.LeasedCount, pool.FreeCount));
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.1", "10.255.255.254")]
    [InlineData("fd00::/64", "fd00::1", "fd00::ffff:ffff:ffff:ffff")]
    [InlineData("fd00::/48", "fd00::1", "fd00::ffff:ffff:ffff:ffff:ffff")]
    [InlineData("::/0", "::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("0.0.0.0/0", "0.0.0.1", "255.255.255.254")]
    public void Large_prefixes_go_from_first_to_last_and_around(string prefix, string first, string last)
    {
        var pool = Pool(prefix);

        Assert.Equal(Granted(first), pool.Lease().Result);
        (var result, pool) = pool.Lease(IPAddress.Parse(last));
        Assert.Equal(Granted(last), result);
        Assert.Equal(Granted(first), pool.ContinueAfter(IPAddress.Parse(last)).Lease().Result);
    }

    [Fact]
    public void What_cannot_be_had_says_why_and_changes_nothing()
    {
        var (_, pool) = Pool("10.0.0.0/24").Reserve(IPAddress.Parse("10.0.0.1"), "gateway");
        (_, pool) = pool.Lease(IPAddress.Parse("10.0.0.9"));

        AssertRefused(pool, "10.0.0.9", new LeaseResult.AlreadyLeased(IPAddress.Parse("10.0.0.9")), "10.0.0.9 is leased already");
        AssertRefused(pool, "10.0.1.9", new LeaseResult.OutsidePool(IPAddress.Parse("10.0.1.9"), pool.Prefix), "10.0.1.9 is outside 10.0.0.0/24");
        AssertRefused(pool, "fd00::9", new LeaseResult.OutsidePool(IPAddress.Parse("fd00::9"), pool.Prefix), "fd00::9 is outside 10.0.0.0/24");
        AssertRefused(pool, "10.0.0.1", new LeaseResult.Reserved(IPAddress.Parse("10.0.0.1"), "gateway"), "10.0.0.1 is the gateway");
        AssertRefused(
            pool, "10.0.0.0", new LeaseResult.Reserved(IPAddress.Parse("10.0.0.0"), "network address"), "10.0.0.0 is the network address");
        AssertRefused(
            pool, "10.0.0.255", new LeaseResult.Reserved(IPAddress.Parse("10.0.0.255"), "broadcast address"), "10.0.0.255 is the broadcast address");
        AssertRefused(
            Pool("fd00::/64"),
            "fd00::",
            new LeaseResult.Reserved(IPAddress.Parse("fd00::"), "subnet-router anycast address"),
            "fd00:: is the subnet-router anycast address");
    }

    [Fact]
    public void A_static_address_does_not_move_the_turn()
    {
        var (_, pool) = Pool("10.0.0.0/24").Lease();
        (_, pool) = pool.Lease(IPAddress.Parse("10.0.0.200"));

        Assert.Equal(Granted("10.0.0.2"), pool.Lease().Result);
    }

    [Fact]
    public void A_released_address_rests_until_the_turn_comes_round()
    {
        var pool = Pool("10.0.0.0/28");
        (_, pool) = pool.Lease();
        (_, pool) = pool.Lease();
        pool = pool.Release(IPAddress.Parse("10.0.0.1")).Release(IPAddress.Parse("10.0.0.2"));

        var given = TakeAll(ref pool);

        Assert.Equal("10.0.0.3", given[0]);
        Assert.Equal(["10.0.0.14", "10.0.0.1", "10.0.0.2"], given[^3..]);
    }

    [Fact]
    public void Releasing_what_is_not_leased_is_fine_and_frees_nothing_reserved()
    {
        var pool = Pool("10.0.0.0/30");

        Assert.Same(pool, pool.Release(IPAddress.Parse("10.0.0.2")));
        Assert.Same(pool, pool.Release(IPAddress.Parse("10.0.0.0")));
        Assert.Same(pool, pool.Release(IPAddress.Parse("10.9.9.9")));
    }

    [Fact]
    public void A_leased_address_cannot_be_reserved()
    {
        var (_, pool) = Pool("10.0.0.0/24").Lease();

        Assert.IsType<LeaseResult.AlreadyLeased>(pool.Reserve(IPAddress.Parse("10.0.0.1"), "gateway").Result);
        Assert.True(pool.IsLeased(IPAddress.Parse("10.0.0.1")));
        Assert.False(pool.IsLeased(IPAddress.Parse("10.0.0.2")));
    }

    [Theory]
    [InlineData("10.0.0.0/24", "10.0.0.1")]
    [InlineData("10.0.0.0/31", "10.0.0.0")]
    [InlineData("fd00::/64", "fd00::1")]
    [InlineData("fd00::/127", "fd00::")]
    public void The_first_address_is_the_one_a_gateway_gets(string prefix, string first) =>
        Assert.Equal(IPAddress.Parse(first), AddressPool.FirstAddress(IPNetwork.Parse(prefix)));

    [Fact]
    public void The_old_pool_stays_as_it_was()
    {
        var before = Pool("10.0.0.0/24");
        var (_, after) = before.Lease();

        Assert.Equal(((UInt128)0, (UInt128)1), (before.LeasedCount, after.LeasedCount));
        Assert.Equal(Granted("10.0.0.1"), before.Lease().Result);
    }

    private static void AssertRefused(AddressPool pool, string address, LeaseResult expected, string words)
    {
        var (result, after) = pool.Lease(IPAddress.Parse(address));
        Assert.Equal((expected, words), (result, result.ToString()));
        Assert.Same(pool, after);
    }

    private static LeaseResult Granted(string address) => new LeaseResult.Granted(IPAddress.Parse(address));

    private static AddressPool Pool(string prefix) => AddressPool.Create(IPNetwork.Parse(prefix));

    private static List<string> TakeAll(ref AddressPool pool)
    {
        var given = new List<string>();
        while (true)
        {
            (var result, pool) = pool.Lease();
            if (result is not LeaseResult.Granted granted)
            {
                return given;
            }

            given.Add(granted.Address.ToString());
        }
    }
}
