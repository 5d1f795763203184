using System.Collections.Immutable;
using Networking.Model.Api;

namespace Networking.Netd.Tests.Ipam;

/// <summary>Released addresses rest, also over a restart as far as anybody knows of them.</summary>
public sealed class AddressRestTests
{
    [Fact]
    public void A_released_address_is_not_given_again_for_a_minute()
    {
        var node = Serial();
        Assert.Equal("10.20.0.2", node.Address("a", "x"));
        node.Disconnect("a", "x");
        Assert.Equal("10.20.0.3", node.Address("a", "y"));
        node.Now += node.Rules.Rest;
        Assert.Equal("10.20.0.2", node.Address("a", "z"));
    }

    [Fact]
    public void Who_asks_for_a_resting_address_gets_it()
    {
        var node = Serial();
        _ = node.Address("a", "x");
        node.Disconnect("a", "x");

        Assert.Equal("10.20.0.2", node.Address("a", "y", "10.20.0.2"));
    }

    [Fact]
    public void A_network_that_is_full_but_for_resting_addresses_gives_the_longest_rested()
    {
        var node = Serial("10.20.0.0/29");
        foreach (var name in new[] { "a", "b", "c", "d", "e" })
        {
            _ = node.Address("a", name);
        }

        node.Disconnect("a", "d");
        node.Disconnect("a", "b");
        Assert.Equal(["10.20.0.5", "10.20.0.3"], [node.Address("a", "f"), node.Address("a", "g")]);
        Assert.Equal("address.exhausted", node.Connect("a", "h").Problems.Single().Code);
    }

    [Fact]
    public async Task What_was_lost_while_no_daemon_ran_rests_from_the_start_on()
    {
        var node = Serial();
        _ = node.Address("a", "x");
        _ = node.Address("a", "y");
        node.Lose("x");
        node.Now += TimeSpan.FromHours(1);
        await node.RestartAsync();

        Assert.Equal("10.20.0.4", node.Address("a", "z"));
        node.Now += node.Rules.Rest;
        Assert.Equal("10.20.0.2", node.Address("a", "w"));
    }

    [Fact]
    public async Task After_a_boot_nothing_rests()
    {
        var node = Serial();
        _ = node.Address("a", "x");
        await node.RestartAsync("boot-2");

        Assert.Equal(0, node.State.Networks.Values.Single(static n => !n.Traits.IsPredefined).Pools[0].RestingCount);
        Assert.Equal((UInt128)0, node.State.Networks.Values.Single(static n => !n.Traits.IsPredefined).Pools[0].LeasedCount);
    }

    [Fact]
    public async Task Range_order_and_addresses_set_aside_survive_a_restart()
    {
        var node = new Node();
        _ = node.Create(new CreateNetworkRequest
        {
            Name = "a",
            Subnets = ["10.20.0.0/24"],
            IpRanges = ["10.20.0.16/28"],
            AuxAddresses = ImmutableSortedDictionary<string, string>.Empty.Add("nas", "10.20.0.16"),
            IpamOptions = ImmutableSortedDictionary<string, string>.Empty.Add("serial", "true"),
        });
        Assert.Equal(["10.20.0.17", "10.20.0.18"], [node.Address("a", "x"), node.Address("a", "y")]);
        await node.RestartAsync();
        node.Disconnect("a", "x");
        node.Now += node.Rules.Rest;

        Assert.Equal(["10.20.0.17", "10.20.0.19"], [node.Address("a", "z"), node.Address("a", "w")]);
        Assert.Equal("10.20.0.200", node.Address("a", "v", "10.20.0.200"));
    }

    private static Node Serial(string subnet = "10.20.0.0/24")
    {
        var node = new Node();
        var (created, problems) = node.Create(new CreateNetworkRequest
        {
            Name = "a",
            Subnets = [subnet],
            IpamOptions = ImmutableSortedDictionary<string, string>.Empty.Add("com.docker.network.ipam.serial", "true"),
        });
        Assert.True(created is not null, string.Join('\n', problems));
        return node;
    }
}
