using System.Collections.Immutable;
using System.Net;
using Networking.Ipam;
using Networking.Model;
using Networking.Model.Api;

namespace Networking.Netd.Tests.Ipam;

/// <summary>Which subnet a network gets, and why it does not.</summary>
public sealed class SubnetClaimTests
{
    [Fact]
    public void Three_hundred_networks_come_around_what_the_host_has_and_none_is_refused_by_a_vpn()
    {
        var node = new Node();
        node.AddLink("ens3", "172.17.3.9", 24);
        node.Resolvers.Add(IPAddress.Parse("172.17.5.53"));
        var subnets = new List<IPNetwork>();
        for (var i = 0; i < 300; i++)
        {
            if (i == 150)
            {
                node.AddRoute("10.0.0.0/8", "172.17.3.1", "ens3");
                node.AddRoute("172.20.0.0/14", "172.17.3.1", "ens3");
                node.AddRoute("172.18.7.0/24", null, "eth9");
                node.AddRoute("0.0.0.0/1", "10.8.0.1", "tun0");
                node.AddRoute("128.0.0.0/1", null, "wg0");
            }

            var (created, problems) = node.Create(new CreateNetworkRequest { Name = $"n{i}" });
            Assert.True(created is not null, string.Join('\n', problems));
            Assert.Empty(created.Warnings);
            subnets.Add(created.Network.Ipv4!.Prefix);
        }

        Assert.Equal(300, subnets.Distinct().Count());
        string[] avoided = ["172.17.3.0/24", "172.17.5.53/32", "172.18.7.0/24"];
        Assert.DoesNotContain(subnets, s => avoided.Any(a => Prefix.Overlaps(IPNetwork.Parse(a), s)));
    }

    [Fact]
    public void When_routes_lead_everywhere_networks_are_granted_with_a_warning_the_fewest_first()
    {
        var node = new Node();
        node.AddLink("ens3", "192.0.2.2", 24);
        node.AddRoute("172.16.0.0/12", "192.0.2.1", "ens3");
        node.AddRoute("192.168.0.0/16", null, "wg0");

        var (created, _) = node.Create(new CreateNetworkRequest { Name = "a" });
        Assert.Equal("172.17.0.0/24", created!.Network.Ipv4!.Prefix.ToString());
        Assert.Equal(
            "subnet 172.17.0.0/24 overlaps 172.16.0.0/12 of a route by 192.0.2.1 on ens3: this host no longer reaches what is there under "
            + "addresses of the network (no subnet without such a route was free)",
            Assert.Single(created.Warnings));
    }

    [Fact]
    public void What_is_left_by_networks_of_the_host_alone_refuses_and_names_them()
    {
        var node = new Node(new SubnetPool(IPNetwork.Parse("10.0.0.0/23"), 24));
        node.AddLink("ens3", "10.0.1.2", 24);
        _ = node.Network("first");

        var (created, problems) = node.Create(new CreateNetworkRequest { Name = "second" });
        Assert.Null(created);
        var problem = Assert.Single(problems);
        Assert.Equal("subnet.exhausted", problem.Code);
        Assert.Equal(
            "IPv4: no subnet is left in 10.0.0.0/23 in /24; in use: 10.0.0.0/24 (network first), 10.0.1.0/24 (the host's interface ens3)",
            problem.Message);
        Assert.False(node.State.NetworkNames.ContainsKey("second"));
    }

    [Theory]
    [InlineData("10.20.0.0/16", "10.20.4.0/24")]
    [InlineData("10.20.0.0/16", null)]
    [InlineData("10.20.4.0/24", "10.20.4.128/25")]
    [InlineData("10.0.0.0/8", "10.99.0.0/24")]
    public void Pools_that_overlap_are_refused_also_with_an_ip_range(string subnet, string? range)
    {
        var node = new Node();
        _ = node.Create(new CreateNetworkRequest { Name = "holder", Subnets = ["10.20.0.0/16"], IpRanges = ["10.20.9.0/24"] });

        var (created, problems) = node.Create(new CreateNetworkRequest { Name = "b", Subnets = [subnet], IpRanges = range is null ? [] : [range] });
        Assert.Null(created);
        Assert.Equal(("subnet.overlap", $"subnet {subnet} overlaps 10.20.0.0/16 of network holder"), (problems.Single().Code, problems.Single().Message));
    }

    [Fact]
    public void An_asked_subnet_meets_networks_and_interfaces_and_both_are_named()
    {
        var node = new Node();
        node.AddLink("ens3", "10.1.2.3", 24);
        _ = node.Network("a", "10.1.0.0/24");
        _ = node.Network("b", "10.1.1.0/24");

        var (_, problems) = node.Create(new CreateNetworkRequest { Name = "c", Subnets = ["10.1.0.0/16"] });
        Assert.Equal(
            [
                "subnet 10.1.0.0/16 overlaps 10.1.0.0/24 of network a, 10.1.1.0/24 of network b",
                "subnet 10.1.0.0/16 overlaps 10.1.2.0/24 of the host's interface ens3",
            ],
            problems.Select(static p => p.Message));
    }

    [Fact]
    public void An_asked_subnet_over_a_route_or_a_name_server_is_granted_with_a_warning()
    {
        var node = new Node();
        node.AddRoute("10.0.0.0/8", "192.0.2.1", "ens3");
        node.AddRoute("0.0.0.0/1", "192.0.2.1", "ens3");
        node.Resolvers.Add(IPAddress.Parse("10.20.0.53"));

        var (created, _) = node.Create(new CreateNetworkRequest { Name = "a", Subnets = ["10.20.0.0/16"] });
        Assert.StartsWith(
            "subnet 10.20.0.0/16 overlaps 10.20.0.53/32 of a name server of the host, 10.0.0.0/8 of a route by 192.0.2.1 on ens3: ",
            Assert.Single(created!.Warnings),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_size_alone_is_taken_from_the_pools()
    {
        var node = new Node();
        _ = node.Network("first");
        var network = node.Network("sized", "0.0.0.0/28", "::/72");

        Assert.Equal("172.17.1.0/28", network.Ipv4!.Prefix.ToString());
        Assert.Equal(("172.17.1.1", 72), (network.Ipv4.Gateway!.ToString(), network.Ipv6!.Prefix.PrefixLength));
        var (_, problems) = node.Create(new CreateNetworkRequest { Name = "huge", Subnets = ["0.0.0.0/8"] });
        Assert.StartsWith("IPv4: no pool is as large as a /8; there are 172.17.0.0/16 in /24, ", problems.Single().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_gateway_is_the_first_address_that_is_not_set_aside()
    {
        var node = new Node();
        var (created, _) = node.Create(new CreateNetworkRequest
        {
            Name = "a",
            Subnets = ["10.20.0.0/29"],
            AuxAddresses = Aux(("nas", "10.20.0.1"), ("DefaultGatewayIPv4", "10.20.0.6")),
        });

        var subnet = created!.Network.Ipv4!;
        Assert.Equal(("10.20.0.2", "10.20.0.6"), (subnet.Gateway!.ToString(), subnet.DefaultGateway!.ToString()));
        Assert.Equal(["10.20.0.3", "10.20.0.4", "10.20.0.5"], new[] { "x", "y", "z" }.Select(s => node.Address("a", s)));
        Assert.Equal(
            "network a: no address is free in 10.20.0.0/29; 3 are leased, the rest is reserved", node.Connect("a", "w").Problems.Single().Message);
        Assert.Equal(
            "address 10.20.0.1 of subnet 10.20.0.0/29 cannot be given: it is the auxiliary address nas",
            node.Connect("a", "w", "10.20.0.1").Problems.Single().Message);
        var view = node.State.ToView(node.State.Sandboxes.Values.First());
        Assert.Equal("10.20.0.6", view.Endpoints.Single().Gateway4!.ToString());
    }

    [Theory]
    [InlineData("10.20.0.0/31", "nas=10.20.0.0", "an endpoint")]
    [InlineData("10.20.0.0/31", "a=10.20.0.0 b=10.20.0.1", "a gateway")]
    [InlineData("10.20.0.0/30", "a=10.20.0.1 b=10.20.0.2", "a gateway")]
    [InlineData("fd00::/127", "a=fd00::1", "an endpoint")]
    public void A_subnet_without_room_is_refused(string subnet, string aux, string what)
    {
        var pairs = aux.Split(' ').Select(static a => (a.Split('=')[0], a.Split('=')[1])).ToArray();
        var (_, problems) = new Node().Create(new CreateNetworkRequest { Name = "a", Ipv4 = subnet.StartsWith("10", StringComparison.Ordinal), Subnets = [subnet], AuxAddresses = Aux(pairs) });

        Assert.Equal(("subnet.full", $"subnet {subnet} has no address left for {what} beside those set aside"), (problems.Single().Code, problems.Single().Message));
    }

    [Theory]
    [InlineData("10.20.0.0/31", "10.20.0.0", "10.20.0.1")]
    [InlineData("10.20.0.0/30", "10.20.0.1", "10.20.0.2")]
    public void The_smallest_subnets_hold_a_gateway_and_an_endpoint(string subnet, string gateway, string address)
    {
        var node = new Node();

        Assert.Equal(gateway, node.Network("a", subnet).Ipv4!.Gateway!.ToString());
        Assert.Equal(address, node.Address("a", "x"));
        Assert.Equal("address.exhausted", node.Connect("a", "y").Problems.Single().Code);
    }

    [Fact]
    public void Every_mistake_of_a_request_is_named_at_once()
    {
        var (_, problems) = new Node().Create(new CreateNetworkRequest
        {
            Name = "-",
            Subnets = ["10.20.1.0/16", "10.21.0.0/24", "banana"],
            Gateways = ["10.21.0.0", "10.21.0.9", "1.2.3.4"],
            IpRanges = ["10.21.0.0/16", "10.22.0.0/24", "10.21.0.128/25", "x"],
            AuxAddresses = Aux(("a", "10.21.0.255"), ("b", "10.30.0.1"), ("c", "kiwi")),
            IpamOptions = Aux(("serial", "perhaps"), ("order", "best")),
        });

        Assert.Equal(
            [
                "aux.invalid", "aux.outside", "aux.unusable", "gateway.outside", "gateway.twice", "gateway.unusable", "name.invalid", "option.unknown",
                "option.value", "range.invalid", "range.outside", "range.outside", "range.twice", "subnet.invalid", "subnet.invalid",
            ],
            problems.Select(static p => p.Code).Order(StringComparer.Ordinal));
    }

    private static ImmutableSortedDictionary<string, string> Aux(params (string Name, string Address)[] pairs) =>
        pairs.ToImmutableSortedDictionary(static p => p.Name, static p => p.Address, StringComparer.Ordinal);
}
