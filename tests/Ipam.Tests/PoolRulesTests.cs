using System.Net;

namespace Networking.Ipam.Tests;

/// <summary>Range, order and rest of a pool.</summary>
public sealed class PoolRulesTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(60);

    [Fact]
    public void Chosen_addresses_come_from_the_range_and_asked_ones_from_anywhere()
    {
        var pool = Pool("10.0.0.0/24", new PoolRules { Range = IPNetwork.Parse("10.0.0.8/30") });
        (_, pool) = pool.Reserve(IPAddress.Parse("10.0.0.9"), "gateway");

        Assert.Equal(["10.0.0.8", "10.0.0.10", "10.0.0.11"], Take(ref pool, 3));
        Assert.Equal(new LeaseResult.Exhausted(IPNetwork.Parse("10.0.0.8/30"), 3), pool.Lease().Result);
        (var asked, pool) = pool.Lease(IPAddress.Parse("10.0.0.200"));
        Assert.Equal(new LeaseResult.Granted(IPAddress.Parse("10.0.0.200")), asked);
        Assert.Equal(((UInt128)4, (UInt128)0), (pool.LeasedCount, pool.FreeCount));
        Assert.Equal(new AddressUse.Free(IsChosen: false), pool.UseOf(IPAddress.Parse("10.0.0.7")));
    }

    [Fact]
    public void The_turn_goes_around_inside_the_range()
    {
        var pool = Pool("10.0.0.0/24", new PoolRules { Range = IPNetwork.Parse("10.0.0.64/30") });
        _ = Take(ref pool, 3);
        pool = pool.Release(IPAddress.Parse("10.0.0.64"));

        Assert.Equal(["10.0.0.67", "10.0.0.64"], Take(ref pool, 2));
    }

    [Theory]
    [InlineData("10.0.1.0/25")]
    [InlineData("10.0.0.0/23")]
    [InlineData("fd00::/120")]
    public void A_range_outside_the_prefix_is_no_range(string range) =>
        Assert.Throws<ArgumentException>(() => Pool("10.0.0.0/24", new PoolRules { Range = IPNetwork.Parse(range) }));

    [Fact]
    public void A_serial_pool_gives_the_lowest_free_address()
    {
        var pool = Pool("10.0.0.0/24", new PoolRules { IsSerial = true });
        _ = Take(ref pool, 5);
        pool = pool.Release(IPAddress.Parse("10.0.0.2")).Release(IPAddress.Parse("10.0.0.4"));

        Assert.Equal(["10.0.0.2", "10.0.0.4", "10.0.0.6"], Take(ref pool, 3));
    }

    [Fact]
    public void A_released_address_is_not_chosen_before_its_rest_is_over()
    {
        var pool = Serial("10.0.0.0/24");
        _ = Take(ref pool, 3);
        pool = pool.Release(IPAddress.Parse("10.0.0.1"), s_start);

        Assert.Equal(new AddressUse.Resting(s_start + s_rest), pool.UseOf(IPAddress.Parse("10.0.0.1")));
        Assert.Equal((1, (UInt128)251), (pool.RestingCount, pool.FreeCount));
        Assert.Equal("10.0.0.4", Next(pool, s_start + s_rest - TimeSpan.FromTicks(1)));
        Assert.Equal("10.0.0.1", Next(pool, s_start + s_rest));
        Assert.Equal("10.0.0.4", Next(pool, null));
    }

    [Fact]
    public void When_nothing_else_is_free_the_longest_rested_address_is_given()
    {
        var pool = Serial("10.0.0.0/29");
        _ = Take(ref pool, 6);
        foreach (var host in new[] { 4, 2, 6 })
        {
            pool = pool.Release(IPAddress.Parse($"10.0.0.{host}"), s_start);
        }

        Assert.Equal(["10.0.0.4", "10.0.0.2", "10.0.0.6"], Take(ref pool, 3, s_start));
        Assert.Equal(new LeaseResult.Exhausted(pool.Prefix, 6), pool.Lease(null, s_start).Result);
    }

    [Fact]
    public void A_resting_address_is_given_to_who_asks_for_it()
    {
        var pool = Serial("10.0.0.0/24");
        _ = Take(ref pool, 2);
        pool = pool.Release(IPAddress.Parse("10.0.0.1"), s_start);
        (var result, pool) = pool.Lease(IPAddress.Parse("10.0.0.1"), s_start);

        Assert.Equal(new LeaseResult.Granted(IPAddress.Parse("10.0.0.1")), result);
        Assert.Equal((0, true), (pool.RestingCount, pool.IsLeased(IPAddress.Parse("10.0.0.1"))));
        Assert.Equal("10.0.0.3", Next(pool, s_start + s_rest));
    }

    [Fact]
    public void Nothing_rests_outside_the_range_without_a_moment_or_without_a_rest()
    {
        var address = IPAddress.Parse("10.0.0.1");
        var elsewhere = Pool("10.0.0.0/24", new PoolRules { Range = IPNetwork.Parse("10.0.0.8/29"), Rest = s_rest }).Lease(address).Pool;
        var unmeasured = Serial("10.0.0.0/24").Lease(address).Pool;
        var hasty = Pool("10.0.0.0/24", PoolRules.Default).Lease(address).Pool;

        Assert.Equal(0, elsewhere.Release(address, s_start).RestingCount);
        Assert.Equal(0, unmeasured.Release(address).RestingCount);
        Assert.Equal(0, hasty.Release(address, s_start).RestingCount);
    }

    [Fact]
    public void What_was_lost_meanwhile_can_be_put_to_rest()
    {
        var pool = Serial("10.0.0.0/24").Rest(IPAddress.Parse("10.0.0.1"), s_start);

        Assert.Equal("10.0.0.2", Next(pool, s_start));
        Assert.Same(pool, pool.Rest(IPAddress.Parse("10.0.0.1"), s_start + s_rest));
        Assert.Same(pool, pool.Rest(IPAddress.Parse("10.0.0.0"), s_start));
        Assert.Same(pool, pool.Rest(IPAddress.Parse("10.9.0.0"), s_start));
    }

    [Fact]
    public void A_clock_that_is_set_back_does_not_prolong_a_rest()
    {
        var pool = Serial("10.0.0.0/24").Rest(IPAddress.Parse("10.0.0.1"), s_start);

        Assert.Equal("10.0.0.1", Next(pool, s_start - TimeSpan.FromDays(1)));
    }

    [Fact]
    public void No_more_rest_than_a_bridge_has_ports_and_the_longest_rested_is_free_first()
    {
        var pool = Serial("10.0.0.0/16");
        var given = Take(ref pool, Quarantine.RestingMax + 2);
        foreach (var address in given)
        {
            pool = pool.Release(IPAddress.Parse(address), s_start);
        }

        Assert.Equal(Quarantine.RestingMax, pool.RestingCount);
        Assert.Equal(given[..2], Take(ref pool, 2, s_start));
        Assert.DoesNotContain(Next(pool, s_start), given);
    }

    [Fact]
    public void What_is_set_aside_and_what_rests_can_be_listed()
    {
        var (_, pool) = Serial("10.0.0.0/30").Reserve(IPAddress.Parse("10.0.0.1"), "gateway");
        pool = pool.Rest(IPAddress.Parse("10.0.0.2"), s_start);

        Assert.Equal(
            ["10.0.0.0 network address", "10.0.0.1 gateway", "10.0.0.3 broadcast address"],
            pool.ReservedAddresses.Select(static r => $"{r.Address} {r.Reason}"));
        Assert.Equal([(IPAddress.Parse("10.0.0.2"), s_start + s_rest)], pool.RestingAddresses);
        Assert.IsType<AddressUse.Outside>(pool.UseOf(IPAddress.Parse("10.0.1.2")));
        Assert.Equal(new AddressUse.Reserved("gateway"), pool.UseOf(IPAddress.Parse("10.0.0.1")));
    }

    private static AddressPool Serial(string prefix) => Pool(prefix, new PoolRules { IsSerial = true, Rest = s_rest });

    private static AddressPool Pool(string prefix, PoolRules rules) => AddressPool.Create(IPNetwork.Parse(prefix), rules);

    private static string Next(AddressPool pool, DateTimeOffset? now) =>
        Assert.IsType<LeaseResult.Granted>(pool.Lease(null, now).Result).Address.ToString();

    private static List<string> Take(ref AddressPool pool, int count, DateTimeOffset? now = null)
    {
        var given = new List<string>();
        for (var i = 0; i < count; i++)
        {
            (var result, pool) = pool.Lease(null, now);
            given.Add(Assert.IsType<LeaseResult.Granted>(result).Address.ToString());
        }

        return given;
    }
}
