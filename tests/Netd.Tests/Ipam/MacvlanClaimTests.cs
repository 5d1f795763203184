using System.Collections.Immutable;
using Networking.Model;
using Networking.Model.Api;

namespace Networking.Netd.Tests.Ipam;

/// <summary>What a network on the host's own segment is granted of it.</summary>
public sealed class MacvlanClaimTests
{
    private readonly Node _node = new();

    public MacvlanClaimTests()
    {
        _node.AddLink("eth0", "192.0.2.10", 24);
        _node.AddLink("eth1", "198.51.100.10", 24);
    }

    [Fact]
    public void The_parents_own_subnet_is_granted_and_another_interfaces_is_not()
    {
        var (created, problems) = _node.Create(Lan("lan", ["192.0.2.0/24"], gateways: ["192.0.2.1"]));
        Assert.True(created is not null, string.Join('\n', problems));
        Assert.Equal("192.0.2.1", created.Network.Ipv4!.Gateway!.ToString());
        Assert.Equal("192.0.2.10", created.Network.Ipv4.AuxAddresses["host-eth0"].ToString());
        Assert.Equal(("eth0", true), (created.Network.LinkName, created.Network.AdoptsLink));
        Assert.Equal("subnet.host", Assert.Single(_node.Create(Lan("other", ["198.51.100.0/24"])).Problems).Code);
    }

    [Fact]
    public void Without_a_gateway_none_is_set_aside_and_nobody_routes()
    {
        var (created, _) = _node.Create(Lan("lan", ["10.7.0.0/30"]));
        Assert.Null(created!.Network.Ipv4!.Gateway);
        Assert.Equal("10.7.0.1/30", _node.Connect("lan", "a").Endpoint!.Ipv4!.ToString());
        Assert.Equal("10.7.0.2/30", _node.Connect("lan", "b").Endpoint!.Ipv4!.ToString());
        Assert.Equal("address.exhausted", Assert.Single(_node.Connect("lan", "c").Problems).Code);
    }

    [Fact]
    public void The_shim_gets_the_address_asked_for_or_one_of_the_range_and_nobody_else_gets_it()
    {
        var (chosen, _) = _node.Create(Lan("chosen", ["192.0.2.0/24"], ranges: ["192.0.2.192/27"], options: ("host-shim", "true")));
        Assert.Equal("192.0.2.192", chosen!.Network.Ipv4!.AuxAddresses[AuxiliaryName.HostShim].ToString());
        Assert.Equal("192.0.2.193/24", _node.Connect("chosen", "a").Endpoint!.Ipv4!.ToString());
        Assert.Equal("address.reserved", Assert.Single(_node.Connect("chosen", "b", ip: "192.0.2.192").Problems).Code);
        Assert.Equal("address.reserved", Assert.Single(_node.Connect("chosen", "b", ip: "192.0.2.10").Problems).Code); // the host's own

        var asked = Lan("asked", ["10.9.0.0/24"], options: ("host-shim", "true")) with
        {
            AuxAddresses = ImmutableSortedDictionary<string, string>.Empty.Add(AuxiliaryName.HostShim, "10.9.0.250"),
        };
        Assert.Equal("10.9.0.250", _node.Create(asked).Created!.Network.Ipv4!.AuxAddresses[AuxiliaryName.HostShim].ToString());
    }

    [Fact]
    public void Subnets_of_one_request_do_not_overlap_each_other_and_all_are_released_together()
    {
        Assert.Equal("subnet.overlap", Assert.Single(_node.Create(Lan("twice", ["10.8.0.0/16", "10.8.4.0/24"])).Problems).Code);
        var (created, _) = _node.Create(Lan("many", ["10.8.0.0/24", "10.8.1.0/24", "fd08::/64", "fd09::/64"]));
        Assert.Equal(["10.8.0.0/24", "fd08::/64", "10.8.1.0/24", "fd09::/64"], created!.Network.Subnets.Select(static s => s.Prefix.ToString()));
        Assert.Equal("subnet.overlap", Assert.Single(_node.Create(Lan("later", ["10.8.1.128/25"])).Problems).Code);
        _node.Remove("many");
        Assert.Empty(_node.State.Subnets.Held);
        Assert.Empty(_node.State.Parents.All);
    }

    [Fact]
    public void An_address_rests_in_the_subnet_it_is_of()
    {
        _ = _node.Create(Lan("many", ["10.8.0.0/24", "10.8.1.0/24"]));
        _ = _node.Connect("many", "a", ip: "10.8.1.9");
        _node.Disconnect("many", "a");
        var entry = _node.State.Networks[_node.State.NetworkNames["many"]];
        Assert.Equal([0, 1], entry.Pools.Select(static p => p.RestingCount));
    }

    private static CreateNetworkRequest Lan(
        string name,
        ImmutableArray<string> subnets,
        ImmutableArray<string> gateways = default,
        ImmutableArray<string> ranges = default,
        params (string Key, string Value)[] options)
    {
        return new CreateNetworkRequest
        {
            Name = name,
            Driver = "macvlan",
            Subnets = subnets,
            Gateways = gateways,
            IpRanges = ranges,
            Options = options.Append(("parent", "eth0")).ToImmutableSortedDictionary(static o => o.Item1, static o => o.Item2),
        };
    }
}
