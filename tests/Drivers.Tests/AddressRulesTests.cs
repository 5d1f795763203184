using System.Collections.Immutable;
using System.Net;
using Networking.Model;

namespace Networking.Drivers.Tests;

/// <summary>Ranges, addresses set aside, sizes and options of address management.</summary>
public sealed class AddressRulesTests
{
    private readonly BridgeDriver _driver = new();

    [Theory]
    [InlineData("10.20.0.0/16", "10.20.4.0/24", null)]
    [InlineData("10.20.0.0/16", "10.20.0.0/16", null)]
    [InlineData("10.20.0.0/16", "10.20.0.0/32", null)]
    [InlineData("10.20.0.0/16", "10.21.0.0/24", "range.outside")]
    [InlineData("10.20.0.0/16", "10.20.0.0/15", "range.outside")]
    [InlineData("10.20.0.0/16", "fd00::/64", "range.outside")]
    [InlineData("fd00::/64", "fd00::/80", null)]
    public void A_range_is_inside_its_subnet(string subnet, string range, string? code) =>
        Assert.Equal(code is null ? [] : [code], Codes(Subnet(subnet) with { Range = IPNetwork.Parse(range) }));

    [Theory]
    [InlineData("10.20.0.0/24", "printer", "10.20.0.7", null)]
    [InlineData("10.20.0.0/24", "printer", "10.20.1.7", "aux.outside")]
    [InlineData("10.20.0.0/24", "printer", "fd00::7", "aux.outside")]
    [InlineData("10.20.0.0/24", "printer", "10.20.0.0", "aux.unusable")]
    [InlineData("10.20.0.0/24", "printer", "10.20.0.255", "aux.unusable")]
    [InlineData("10.20.0.0/24", "printer", "10.20.0.1", "aux.taken")]
    [InlineData("10.20.0.0/24", "DefaultGatewayIPv4", "10.20.0.254", null)]
    [InlineData("10.20.0.0/24", "DefaultGatewayIPv4", "10.20.0.1", "aux.taken")]
    [InlineData("10.20.0.0/24", "DefaultGatewayIPv6", "10.20.0.254", "aux.family")]
    [InlineData("fd00::/64", "DefaultGatewayIPv6", "fd00::9", null)]
    [InlineData("fd00::/64", "DefaultGatewayIPv6", "fe80::9", null)]
    [InlineData("fd00::/64", "printer", "fe80::9", "aux.outside")]
    [InlineData("fd00::/64", "printer", "fd00::", "aux.unusable")]
    [InlineData("fd00::/64", "DefaultGatewayIPv4", "fd00::9", "aux.family")]
    [InlineData("fd00::/64", "DefaultGatewayIPv6", "fd01::9", "aux.outside")]
    public void An_address_set_aside_is_one_that_an_interface_could_have(string subnet, string name, string address, string? code)
    {
        var gateway = IPAddress.Parse(subnet.StartsWith("fd", StringComparison.Ordinal) ? "fd00::1" : "10.20.0.1");
        var spec = Subnet(subnet) with { Gateway = gateway, AuxAddresses = Aux((name, address)) };

        Assert.Equal(code is null ? [] : [code], Codes(spec));
    }

    [Fact]
    public void Two_names_do_not_share_an_address()
    {
        var spec = Subnet("10.20.0.0/24") with { AuxAddresses = Aux(("a", "10.20.0.7"), ("b", "10.20.0.7")) };

        var problem = Assert.Single(Validate(spec));
        Assert.Equal("auxiliary address b=10.20.0.7 is a already", problem.Message);
    }

    [Theory]
    [InlineData("0.0.0.0/24", null)]
    [InlineData("0.0.0.0/31", null)]
    [InlineData("0.0.0.0/1", null)]
    [InlineData("::/64", null)]
    [InlineData("::/127", null)]
    [InlineData("0.0.0.0/32", "subnet.too-small")]
    [InlineData("::/128", "subnet.too-small")]
    [InlineData("0.0.0.0/0", "subnet.special")]
    [InlineData("::/0", "subnet.special")]
    public void A_size_alone_is_a_subnet_but_everything_is_none(string subnet, string? code) =>
        Assert.Equal(code is null ? [] : [code], Codes(Subnet(subnet)));

    [Fact]
    public void Nothing_inside_can_be_named_for_a_size_alone()
    {
        var spec = Subnet("0.0.0.0/24") with
        {
            Gateway = IPAddress.Parse("0.0.0.1"),
            Range = IPNetwork.Parse("0.0.0.0/25"),
            AuxAddresses = Aux(("a", "0.0.0.7")),
        };

        Assert.Equal(
            ["--gateway subnet.size-only", "--ip-range subnet.size-only", "--aux-address subnet.size-only"],
            Validate(spec).Select(static p => $"{p.Field} {p.Code}"));
    }

    [Theory]
    [InlineData("com.docker.network.ipam.serial", "true", null)]
    [InlineData("serial", "0", null)]
    [InlineData("serial", "perhaps", "option.value")]
    [InlineData("com.docker.network.ipam.seriel", "true", "option.unknown")]
    public void Options_of_address_management(string key, string value, string? code)
    {
        var spec = Sample.Spec() with { IpamOptions = Sample.Options((key, value)) };
        var problems = _driver.Validate(spec).Problems;

        Assert.Equal(code is null ? [] : [code], problems.Select(static p => p.Code));
        Assert.All(problems, p => Assert.Equal($"--ipam-opt {key}", p.Field));
        Assert.Equal(value == "true" && code is null, IpamOptions.Of(spec).IsSerial);
    }

    [Fact]
    public void Every_mistake_is_named_at_once()
    {
        var spec = Subnet("10.20.0.0/24") with
        {
            Gateway = IPAddress.Parse("10.20.0.0"),
            Range = IPNetwork.Parse("10.21.0.0/24"),
            AuxAddresses = Aux(("a", "10.20.0.0"), ("b", "10.30.0.7"), ("DefaultGatewayIPv6", "10.20.0.9")),
        };

        Assert.Equal(
            ["gateway.unusable", "range.outside", "aux.family", "aux.unusable", "aux.taken", "aux.outside"],
            Codes(spec));
        Assert.All(Validate(spec), static p => Assert.True(p is { Field.Length: > 0, Message.Length: > 0, Hint.Length: > 0 }, p.ToString()));
    }

    private static SubnetSpec Subnet(string prefix) => new(IPNetwork.Parse(prefix));

    private static ImmutableSortedDictionary<string, IPAddress> Aux(params (string Name, string Address)[] pairs) =>
        pairs.ToImmutableSortedDictionary(static p => p.Name, static p => IPAddress.Parse(p.Address), StringComparer.Ordinal);

    private IEnumerable<string> Codes(SubnetSpec subnet) => Validate(subnet).Select(static p => p.Code);

    private ImmutableArray<Problem> Validate(SubnetSpec subnet) =>
        _driver.Validate(Sample.Spec() with { Ipv6 = true, Subnets = [subnet] }).Problems;
}
