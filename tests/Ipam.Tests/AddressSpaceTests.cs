using System.Net;
using Networking.Model;

namespace Networking.Ipam.Tests;

public sealed class AddressSpaceTests
{
    private const string Instance = "0badcafe";

    [Fact]
    public void Ipv4_networks_get_4096_subnets_in_order_and_then_hear_who_holds_them()
    {
        var space = AddressSpace.Create(DefaultPools.Of(Instance));
        var found = new List<string>();
        while (space.NextFree(isIpv6: false, []) is SubnetResult.Found next)
        {
            found.Add(next.Subnet.ToString());
            space = space.Hold(next.Subnet, $"network n{found.Count}");
        }

        Assert.Equal(4096, found.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(("172.17.0.0/24", "172.18.0.0/24", "172.31.255.0/24"), (found[0], found[256], found[(15 * 256) - 1]));
        Assert.Equal(("192.168.0.0/24", "192.168.255.0/24"), (found[15 * 256], found[^1]));

        var exhausted = Assert.IsType<SubnetResult.Exhausted>(space.NextFree(isIpv6: false, []));
        Assert.Equal(4096, exhausted.Holders.Length);
        Assert.Equal("172.17.0.0/24 (network n1)", exhausted.Holders[0].ToString());
        Assert.StartsWith(
            "no subnet is left in 172.17.0.0/16 in /24, 172.18.0.0/15 in /24, 172.20.0.0/14 in /24, 172.24.0.0/13 in /24, 192.168.0.0/16 in /24; "
            + "in use: 172.17.0.0/24 (network n1), 172.17.1.0/24 (network n2), ",
            exhausted.ToString(),
            StringComparison.Ordinal);
        Assert.EndsWith("172.17.7.0/24 (network n8) and 4088 more", exhausted.ToString(), StringComparison.Ordinal);

        // The other family has its own.
        Assert.IsType<SubnetResult.Found>(space.NextFree(isIpv6: true, []));
    }

    [Fact]
    public void A_released_subnet_is_used_again_at_once()
    {
        var space = Filled(10);

        Assert.Equal("172.17.3.0/24", Next(space.Release(IPNetwork.Parse("172.17.3.0/24"))));
    }

    [Fact]
    public void What_is_reserved_is_passed_over_and_may_overlap_anything()
    {
        var space = Filled(2);
        HeldSubnet[] reserved =
        [
            new(IPNetwork.Parse("172.17.0.0/16"), "route of vpn0"),
            new(IPNetwork.Parse("172.17.1.0/24"), "route of ens3"),
            new(IPNetwork.Parse("172.18.0.53/32"), "resolver"),
            new(IPNetwork.Parse("fd00::/8"), "route of vpn0"),
        ];

        Assert.Equal("172.18.1.0/24", Next(space, reserved));
        Assert.Equal("172.17.2.0/24", Next(space));
    }

    [Fact]
    public void An_exhausted_space_names_what_is_reserved_too()
    {
        var all = new HeldSubnet(IPNetwork.Parse("0.0.0.0/1"), "somebody");
        var rest = new HeldSubnet(IPNetwork.Parse("128.0.0.0/1"), "somebody else");
        var elsewhere = new HeldSubnet(IPNetwork.Parse("10.0.0.0/8"), "nobody we asked for");

        var result = AddressSpace.Create(DefaultPools.Of(Instance)).NextFree(isIpv6: false, [rest, elsewhere, all]);

        Assert.Equal([rest], Assert.IsType<SubnetResult.Exhausted>(result).Holders);
    }

    [Theory]
    [InlineData("10.1.0.0/16", "network a")]
    [InlineData("10.1.2.0/24", "network a")]
    [InlineData("10.0.0.0/8", "network a")]
    [InlineData("10.2.0.128/25", null)]
    [InlineData("10.2.0.0/24", "network b")]
    [InlineData("10.2.0.127/32", "network b")]
    [InlineData("9.0.0.0/8", null)]
    [InlineData("11.0.0.0/8", null)]
    [InlineData("fd00::/16", "network c")]
    [InlineData("::/0", "network c")]
    [InlineData("fd00:0:0:1::/64", null)]
    [InlineData("0.0.0.0/0", "network a")]
    public void An_overlap_names_the_holder(string prefix, string? holder)
    {
        var space = AddressSpace.Create(DefaultPools.Of(Instance))
            .Hold(IPNetwork.Parse("10.1.0.0/16"), "network a")
            .Hold(IPNetwork.Parse("10.2.0.0/25"), "network b")
            .Hold(IPNetwork.Parse("fd00::/64"), "network c");

        Assert.Equal(holder, space.Overlapping(IPNetwork.Parse(prefix))?.Holder);
    }

    [Fact]
    public void Holding_what_overlaps_breaks_an_invariant()
    {
        var space = Filled(1);

        var exception = Assert.Throws<InvariantException>(() => space.Hold(IPNetwork.Parse("172.16.0.0/12"), "network x"));
        Assert.Equal("network x was granted 172.16.0.0/12, which overlaps 172.17.0.0/24 (network n0)", exception.Message);
    }

    [Fact]
    public void Only_the_very_prefix_is_released()
    {
        var space = AddressSpace.Create(DefaultPools.Of(Instance)).Hold(IPNetwork.Parse("172.17.0.0/16"), "network a");

        Assert.Same(space, space.Release(IPNetwork.Parse("172.17.0.0/24")));
        Assert.Same(space, space.Release(IPNetwork.Parse("172.18.0.0/16")));
        Assert.Equal("172.17.0.0/24", Next(space.Release(IPNetwork.Parse("172.17.0.0/16"))));
    }

    [Fact]
    public void A_piece_is_free_when_the_last_small_prefix_in_it_is()
    {
        var space = AddressSpace.Create(DefaultPools.Of(Instance))
            .Hold(IPNetwork.Parse("172.17.0.0/26"), "network a")
            .Hold(IPNetwork.Parse("172.17.0.192/26"), "network b");

        Assert.Equal("172.17.1.0/24", Next(space));
        space = space.Release(IPNetwork.Parse("172.17.0.0/26"));
        Assert.Equal("172.17.1.0/24", Next(space));
        Assert.Equal("172.17.0.0/24", Next(space.Release(IPNetwork.Parse("172.17.0.192/26"))));
    }

    [Fact]
    public void Ipv6_subnets_are_slices_of_a_unique_local_prefix_of_the_instance()
    {
        var pool = DefaultPools.Ipv6(Instance);

        // printf 0badcafe | sha256sum begins 1f018b0d35c47ba7: the low 40 bits of these eight bytes follow fd.
        Assert.Equal("fd0d:35c4:7ba7::/48 in /64", pool.ToString());
        Assert.Equal(pool, DefaultPools.Ipv6(Instance));
        Assert.NotEqual(pool, DefaultPools.Ipv6("0badcaff"));

        var space = AddressSpace.Create([pool]);
        for (var i = 0; i < 3; i++)
        {
            var found = Assert.IsType<SubnetResult.Found>(space.NextFree(isIpv6: true, [])).Subnet;
            Assert.Equal(64, found.PrefixLength);
            Assert.Equal(Prefix.ToNumber(pool.Prefix.BaseAddress) + ((UInt128)i << 64), Prefix.ToNumber(found.BaseAddress));
            space = space.Hold(found, $"network {i}");
        }

        Assert.Equal("there is no pool of that family", space.NextFree(isIpv6: false, []).ToString());
    }

    [Theory]
    [InlineData(16, "172.18.0.0/16")]
    [InlineData(24, "172.17.2.0/24")]
    [InlineData(28, "172.17.2.0/28")]
    [InlineData(14, "172.20.0.0/14")]
    [InlineData(13, "172.24.0.0/13")]
    public void A_size_alone_gets_the_next_free_subnet_of_that_size(int length, string expected) =>
        Assert.Equal(expected, ((SubnetResult.Found)Filled(2).NextFree(isIpv6: false, [], length)).Subnet.ToString());

    [Fact]
    public void A_size_that_no_pool_has_is_told_apart_from_one_that_is_used_up()
    {
        Assert.StartsWith(
            "no pool is as large as a /12; there are 172.17.0.0/16 in /24, ",
            Filled(0).NextFree(isIpv6: false, [], 12).ToString(),
            StringComparison.Ordinal);
        var space = AddressSpace.Create([new SubnetPool(IPNetwork.Parse("10.0.0.0/24"), 25)]).Hold(IPNetwork.Parse("10.0.0.77/32"), "network a");
        Assert.Equal(
            "no /24 is left in 10.0.0.0/24 in /25; in use: 10.0.0.77/32 (network a)", space.NextFree(isIpv6: false, [], 24).ToString());
        Assert.Equal("10.0.0.128/25", ((SubnetResult.Found)space.NextFree(isIpv6: false, [], 25)).Subnet.ToString());
    }

    [Fact]
    public void The_last_subnet_of_all_addresses_is_found()
    {
        var space = AddressSpace.Create([new SubnetPool(IPNetwork.Parse("ffff::/16"), 64)])
            .Hold(IPNetwork.Parse("ffff::/17"), "network a").Hold(IPNetwork.Parse("ffff:8000::/18"), "network b");

        Assert.Equal("ffff:c000::/18", ((SubnetResult.Found)space.NextFree(isIpv6: true, [], 18)).Subnet.ToString());
        space = space.Hold(IPNetwork.Parse("ffff:c000::/18"), "network c");
        Assert.IsType<SubnetResult.Exhausted>(space.NextFree(isIpv6: true, [], 128));
    }

    [Fact]
    public void Configured_pools_replace_the_built_in_ones_and_leave_Ipv6_its_own_only_if_they_have_none()
    {
        SubnetPool v4 = new(IPNetwork.Parse("10.0.0.0/8"), 24), v6 = new(IPNetwork.Parse("fd99::/32"), 64);

        Assert.Equal([v4, DefaultPools.Ipv6(Instance)], DefaultPools.Of(Instance, [v4]));
        Assert.Equal([v6], DefaultPools.Of(Instance, [v6]));
        Assert.Equal(DefaultPools.Of(Instance), DefaultPools.Of(Instance, []));
    }

    [Fact]
    public void A_pool_is_cut_into_pieces_no_larger_than_itself()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SubnetPool(IPNetwork.Parse("10.0.0.0/16"), 15));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SubnetPool(IPNetwork.Parse("10.0.0.0/16"), 33));
        Assert.Equal(new SubnetPool(IPNetwork.Parse("10.0.0.0/16"), 16), new SubnetPool(IPNetwork.Parse("10.0.0.0/16"), 16));
    }

    [Fact]
    public void Exhausted_results_compare_by_content()
    {
        var space = AddressSpace.Create([new SubnetPool(IPNetwork.Parse("10.0.0.0/24"), 24)]).Hold(IPNetwork.Parse("10.0.0.0/24"), "a");

        Assert.Equal(space.NextFree(false, []), space.NextFree(false, []));
        Assert.Equal(space.NextFree(false, []).GetHashCode(), space.NextFree(false, []).GetHashCode());
    }

    internal static AddressSpace Filled(int count)
    {
        var space = AddressSpace.Create(DefaultPools.Of(Instance));
        for (var i = 0; i < count; i++)
        {
            space = space.Hold(IPNetwork.Parse(Next(space)), $"network n{i}");
        }

        return space;
    }

    internal static string Next(AddressSpace space, params HeldSubnet[] reserved) =>
        Assert.IsType<SubnetResult.Found>(space.NextFree(isIpv6: false, reserved)).Subnet.ToString();
}
