using System.Collections.Immutable;
using System.Net;
using Networking.Ipam;
using Networking.Model.Api;
using Networking.Netd.Control;
using Networking.Netd.Ipam;

namespace Networking.Netd.Tests.Ipam;

/// <summary>What <c>netctl ipam ls</c> and <c>why</c> say.</summary>
public sealed class AddressInquiryTests
{
    private readonly Node _node = new();

    public AddressInquiryTests()
    {
        _node.AddLink("ens3", "192.0.2.2", 24);
        _node.AddRoute("10.0.0.0/8", "192.0.2.1", "ens3");
        _node.AddRoute("0.0.0.0/1", "192.0.2.1", "ens3");
        _node.Resolvers.Add(IPAddress.Parse("172.17.0.53"));
        _ = _node.Create(new CreateNetworkRequest
        {
            Name = "app",
            Subnets = ["10.20.0.0/24"],
            IpRanges = ["10.20.0.128/25"],
            AuxAddresses = ImmutableSortedDictionary<string, string>.Empty.Add("nas", "10.20.0.9"),
        });
        _ = _node.Address("app", "x");
        _ = _node.Address("app", "y");
        _node.Disconnect("app", "x");
    }

    [Theory]
    [InlineData("10.20.0.129", "leased", "of network app (10.20.0.0/24) is leased to endpoint")]
    [InlineData("10.20.0.129", "leased", "for boot boot-1")]
    [InlineData("10.20.0.128", "resting", "was released and rests until 2026-01-01 00:01:00Z")]
    [InlineData("10.20.0.1", "reserved", "is the gateway, which device br-")]
    [InlineData("10.20.0.9", "reserved", "is the auxiliary address nas: it is never leased")]
    [InlineData("10.20.0.255", "reserved", "is the broadcast address")]
    [InlineData("10.20.0.200", "free", "10.20.0.200 of network app (10.20.0.0/24) is free.")]
    [InlineData("10.20.0.7", "free", "it is outside the range, so only who asks for it gets it")]
    [InlineData("10.20.0.7", "free", "a route by 192.0.2.1 on ens3 leads to 10.0.0.0/8")]
    [InlineData("192.0.2.2", "host", "It is an address of the host's interface ens3.")]
    [InlineData("192.0.2.77", "host", "192.0.2.0/24 is a network of the host's interface ens3: no other network can overlap it.")]
    [InlineData("172.17.0.53", "host", "172.17.0.53 is a name server of the host: no subnet with it is chosen.")]
    [InlineData("172.17.1.9", "free", "It is in 172.17.1.0/24 of pool 172.17.0.0/16 in /24, which the next network gets that asks for none.")]
    [InlineData("172.17.9.9", "free", "It is in 172.17.9.0/24 of pool 172.17.0.0/16 in /24; the next network that asks for none gets 172.17.1.0/24.")]
    [InlineData("8.8.8.8", "free", "It is in no pool: only a network that asks for a subnet gets it.")]
    [InlineData("127.0.0.1", "unusable", "127.0.0.1 is in 127.0.0.0/8 (loopback): no endpoint can be reached by it.")]
    [InlineData("10.20.0.0/24", "taken", "10.20.0.0/24 is the subnet of network app.")]
    [InlineData("10.16.0.0/12", "taken", "10.20.0.0/24 of network app overlaps it.")]
    [InlineData("10.16.0.0/12", "taken", "A network created with 10.16.0.0/12 is refused.")]
    [InlineData("192.0.2.128/25", "host", "192.0.2.0/24 is a network of the host's interface ens3")]
    [InlineData("10.30.0.0/16", "warned", "10.30.0.0/16 is free: a network created with it gets it, with a warning.")]
    [InlineData("172.20.0.0/16", "free", "172.20.0.0/16 is free: a network created with it gets it.")]
    [InlineData("172.20.0.0/16", "free", "It begins with 172.20.0.0/24 of pool 172.20.0.0/14 in /24; the next network")]
    [InlineData("224.0.0.0/8", "unusable", "224.0.0.0/4 (multicast) overlaps it")]
    [InlineData("10.20.0.129/32", "leased", "of network app")]
    public void An_address_or_subnet_says_who_has_it_and_what_is_in_its_way(string asked, string state, string line)
    {
        var why = _node.Why(asked);

        Assert.Equal(state, why.State);
        Assert.Contains(why.Lines, l => l.Contains(line, StringComparison.Ordinal));
    }

    [Fact]
    public void A_route_that_takes_over_everything_is_nothing_to_mention() =>
        Assert.DoesNotContain(_node.Why("8.8.8.8").Lines, static l => l.Contains("0.0.0.0/1", StringComparison.Ordinal));

    [Theory]
    [InlineData("banana")]
    [InlineData("10.20.0.7/24")]
    [InlineData("10.20.0.0/33")]
    [InlineData("")]
    public void What_is_neither_is_refused(string asked) =>
        Assert.Equal((400, "address.invalid"), (Refused(asked).HttpStatus, Refused(asked).Problems[0].Code));

    [Fact]
    public void Pools_and_subnets_are_counted()
    {
        var ipam = IpamDocuments.Of(_node.State, _node.Obstacles, _node.Now);

        Assert.Equal(("172.17.0.0/16", "256", "0", "1", "255"), (ipam.Pools[0].Prefix, ipam.Pools[0].Size, ipam.Pools[0].Held, ipam.Pools[0].Avoided, ipam.Pools[0].Free));
        var subnet = Assert.Single(ipam.Subnets);
        Assert.Equal(("1", "1", "125", "next"), (subnet.Leased, subnet.Resting, subnet.Free, subnet.Order)); // the last one is the broadcast address
        Assert.Equal(("10.20.0.128/25", "10.20.0.1", null), (subnet.Range, subnet.Gateway, subnet.DefaultGateway));
        Assert.Equal(["10.0.0.0/8 of a route by 192.0.2.1 on ens3"], subnet.Conflicts);
    }

    [Fact]
    public void The_addresses_of_a_network_are_listed_with_their_owners_in_order()
    {
        var network = _node.State.Networks.Values.Single();
        var document = IpamDocuments.Of(_node.State, network, _node.Obstacles, _node.Now);

        Assert.Equal(
            [
                "10.20.0.0 reserved network address", "10.20.0.1 reserved gateway", "10.20.0.9 reserved auxiliary address nas",
                "10.20.0.128 resting ", "10.20.0.129 leased ", "10.20.0.255 reserved broadcast address",
            ],
            document.Addresses.Select(static a => $"{a.Address} {a.State} {a.Reason}"));
        var leased = document.Addresses.Single(static a => a.State == "leased");
        Assert.Equal(("/run/netns/y", Node.Boot, _node.Now), (leased.Sandbox, leased.BootId, leased.Since));
        Assert.Equal(_node.Now + _node.Rules.Rest, document.Addresses.Single(static a => a.State == "resting").Until);
        Assert.DoesNotContain(
            IpamDocuments.Of(_node.State, network, _node.Obstacles, _node.Now + _node.Rules.Rest).Addresses, static a => a.State == "resting");
    }

    [Fact]
    public void The_figures_of_a_large_subnet_are_whole()
    {
        _ = _node.Network("six", "172.30.0.0/24", "fd00::/48");

        Assert.Equal("1208925819614629174706174", IpamDocuments.Of(_node.State, _node.Obstacles, _node.Now).Subnets.Last().Free); // 2^80 - 2
    }

    [Fact]
    public void A_long_answer_names_twenty_and_the_count()
    {
        var node = new Node(new SubnetPool(IPNetwork.Parse("10.0.0.0/16"), 24));
        for (var i = 0; i < 30; i++)
        {
            _ = node.Network($"n{i}");
        }

        var lines = node.Why("10.0.0.0/8").Lines;
        Assert.Contains("So do 10 more subnets.", lines);
        Assert.Equal(22, lines.Length);
    }

    private Refusal Refused(string asked) => Assert.Throws<RefusedException>(() => _node.Why(asked)).Refusal;
}
