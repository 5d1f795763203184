using System.Net;
using Networking.Model;

namespace Networking.Drivers.Tests;

public sealed class NetworkValidationTests
{
    private readonly BridgeDriver _driver = new();

    [Theory]
    [InlineData("web")]
    [InlineData("0")]
    [InlineData("a_b.c-D9")]
    [InlineData("Bridge")]
    public void Names_that_are_fine(string name) => Assert.True(_driver.Validate(Sample.Spec(name)).IsValid);

    [Theory]
    [InlineData("", "name.invalid")]
    [InlineData("-a", "name.invalid")]
    [InlineData("a b", "name.invalid")]
    [InlineData("a/b", "name.invalid")]
    [InlineData("bücher", "name.invalid")]
    [InlineData("bridge", "name.predefined")]
    [InlineData("host", "name.predefined")]
    [InlineData("none", "name.predefined")]
    [InlineData("default", "name.predefined")]
    public void Names_that_are_not(string name, string code) => Assert.Equal([code], Codes(Sample.Spec(name)));

    [Fact]
    public void A_name_has_at_most_128_bytes()
    {
        Assert.Empty(Codes(Sample.Spec(new string('a', 128))));
        Assert.Equal(["name.invalid"], Codes(Sample.Spec(new string('a', 129))));
    }

    [Fact]
    public void A_network_needs_a_family() => Assert.Equal(["family.none"], Codes(Sample.Spec() with { Ipv4 = false }));

    [Theory]
    [InlineData("10.20.0.0/16")]
    [InlineData("10.20.0.0/30")]
    [InlineData("10.20.0.0/31")]
    [InlineData("240.0.0.0/8")]
    [InlineData("fd00::/64")]
    [InlineData("fd00::/127")]
    public void Subnets_that_are_fine(string subnet) => Assert.Empty(Codes(With(subnet)));

    [Theory]
    [InlineData("0.7.0.0/16", "overlaps 0.0.0.0/8 (unspecified)")]
    [InlineData("127.5.0.0/16", "overlaps 127.0.0.0/8 (loopback)")]
    [InlineData("169.254.0.0/16", "overlaps 169.254.0.0/16 (link-local)")]
    [InlineData("239.0.0.0/16", "overlaps 224.0.0.0/4 (multicast)")]
    [InlineData("128.0.0.0/1", "overlaps 169.254.0.0/16 (link-local) and 224.0.0.0/4 (multicast) and 255.255.255.255/32 (broadcast)")]
    [InlineData("0.0.0.0/0", "overlaps 0.0.0.0/8 (unspecified) and 127.0.0.0/8 (loopback) and 169.254.0.0/16 (link-local) and 224.0.0.0/4 (multicast) and 255.255.255.255/32 (broadcast)")]
    [InlineData("::/0", "overlaps ::/128 (unspecified) and ::1/128 (loopback) and ::ffff:0:0/96 (IPv4-mapped) and fe80::/10 (link-local) and ff00::/8 (multicast)")]
    [InlineData("::ffff:0:0/112", "overlaps ::ffff:0:0/96 (IPv4-mapped)")]
    [InlineData("fe80::/64", "overlaps fe80::/10 (link-local)")]
    [InlineData("fe80::/48", "overlaps fe80::/10 (link-local)")]
    [InlineData("fe80::1:0/112", "overlaps fe80::/10 (link-local)")]
    [InlineData("ff05::/64", "overlaps ff00::/8 (multicast)")]
    public void Subnets_that_no_endpoint_can_live_in(string subnet, string words)
    {
        var problem = Assert.Single(_driver.Validate(With(subnet)).Problems);
        Assert.Equal("subnet.special", problem.Code);
        Assert.EndsWith(words, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.20.0.0/32", "a /31 fits the gateway and one endpoint, a /24 fits 253 endpoints")]
    [InlineData("fd00::/128", "a /127 fits the gateway and one endpoint, a /120 fits 254 endpoints")]
    public void Subnets_that_are_too_small_say_what_fits(string subnet, string hint)
    {
        var problem = Assert.Single(_driver.Validate(With(subnet)).Problems);
        Assert.Equal(("subnet.too-small", hint), (problem.Code, problem.Hint));
    }

    [Fact]
    public void At_most_one_subnet_a_family() => Assert.Equal(["subnet.too-many"], Codes(With("10.0.0.0/24", "10.0.1.0/24", "fd00::/64")));

    [Fact]
    public void A_subnet_of_a_family_that_is_off()
    {
        Assert.Equal(["subnet.family-off"], Codes(With("fd00::/64") with { Ipv6 = false }));
        Assert.Equal(["subnet.family-off"], Codes(With("10.0.0.0/24") with { Ipv4 = false }));
    }

    [Theory]
    [InlineData("10.20.0.0/24", "10.20.0.254", null)]
    [InlineData("10.20.0.0/31", "10.20.0.0", null)]
    [InlineData("10.20.0.0/31", "10.20.0.1", null)]
    [InlineData("10.20.0.0/24", "10.20.1.1", "gateway.outside")]
    [InlineData("10.20.0.0/24", "fd00::1", "gateway.outside")]
    [InlineData("10.20.0.0/24", "10.20.0.0", "gateway.unusable")]
    [InlineData("10.20.0.0/24", "10.20.0.255", "gateway.unusable")]
    [InlineData("fd00::/64", "fd00::", "gateway.unusable")]
    [InlineData("fd00::/64", "fd00::ffff:ffff:ffff:ffff", null)]
    [InlineData("fd00::/64", "fe80::1", "gateway.outside")]
    public void Gateways(string subnet, string gateway, string? code)
    {
        var spec = Sample.Spec() with { Ipv6 = true, Subnets = [new SubnetSpec(IPNetwork.Parse(subnet), IPAddress.Parse(gateway))] };
        Assert.Equal(code is null ? [] : [code], Codes(spec));
    }

    [Fact]
    public void Every_problem_is_named_at_once_and_each_has_code_field_message_and_hint()
    {
        var spec = new NetworkSpec
        {
            Name = "host",
            Ipv4 = false,
            Subnets = [new SubnetSpec(IPNetwork.Parse("127.0.0.0/32"), IPAddress.Parse("10.0.0.1"))],
            Options = Sample.Options(("icc", "maybe"), ("mtu", "12"), ("colour", "red")),
        };

        var problems = _driver.Validate(spec).Problems;

        Assert.Equal(
            [
                "name.predefined", "family.none", "subnet.family-off", "subnet.special", "subnet.too-small", "gateway.outside",
                "option.unknown", "option.value", "option.value",
            ],
            problems.Select(static p => p.Code));
        Assert.All(problems, static p => Assert.True(p is { Field.Length: > 0, Message.Length: > 0, Hint.Length: > 0 }, p.ToString()));
    }

    [Fact]
    public void An_mtu_below_1280_needs_a_network_without_ipv6()
    {
        var small = Sample.Spec() with { Options = Sample.Options(("mtu", "1279")) };

        Assert.Empty(Codes(small));
        var problem = Assert.Single(_driver.Validate(small with { Ipv6 = true }).Problems);
        Assert.Equal(("option.value", "-o mtu"), (problem.Code, problem.Field));
        Assert.Equal("option mtu: '1279' is too small for IPv6, which is on for this network", problem.Message);
    }

    private static NetworkSpec With(params string[] subnets) =>
        Sample.Spec() with { Ipv6 = true, Subnets = [.. subnets.Select(static s => new SubnetSpec(IPNetwork.Parse(s)))] };

    private IEnumerable<string> Codes(NetworkSpec spec) => _driver.Validate(spec).Problems.Select(static p => p.Code);
}
