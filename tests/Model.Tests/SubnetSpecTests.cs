using System.Collections.Immutable;
using System.Net;

namespace Networking.Model.Tests;

public sealed class SubnetSpecTests
{
    private static readonly IPNetwork s_prefix = IPNetwork.Parse("10.20.0.0/16");

    [Theory]
    [InlineData("0.0.0.0/24", true)]
    [InlineData("::/64", true)]
    [InlineData("0.0.0.0/1", true)]
    [InlineData("0.0.0.0/0", false)]
    [InlineData("::/0", false)]
    [InlineData("0.1.0.0/16", false)]
    [InlineData("10.0.0.0/8", false)]
    public void A_prefix_of_zeros_is_a_size_unless_it_is_everything(string prefix, bool isSizeOnly) =>
        Assert.Equal(isSizeOnly, new SubnetSpec(IPNetwork.Parse(prefix)).IsSizeOnly);

    [Fact]
    public void Specs_and_records_compare_by_content()
    {
        var spec = new SubnetSpec(s_prefix) { Range = IPNetwork.Parse("10.20.4.0/24"), AuxAddresses = Aux("nas", "10.20.0.7") };
        var record = new SubnetRecord(s_prefix, null) { Range = spec.Range, AuxAddresses = spec.AuxAddresses };

        Assert.Equal(spec, spec with { AuxAddresses = Aux("nas", "10.20.0.7") });
        Assert.Equal(spec.GetHashCode(), (spec with { AuxAddresses = Aux("nas", "10.20.0.7") }).GetHashCode());
        Assert.NotEqual(spec, spec with { AuxAddresses = Aux("nas", "10.20.0.8") });
        Assert.NotEqual(spec, spec with { Range = null });
        Assert.NotEqual(spec, spec with { Gateway = IPAddress.Parse("10.20.0.1") });
        Assert.Equal(record, record with { AuxAddresses = Aux("nas", "10.20.0.7") });
        Assert.Equal(record.GetHashCode(), (record with { AuxAddresses = Aux("nas", "10.20.0.7") }).GetHashCode());
        Assert.NotEqual(record, record with { AuxAddresses = Aux("tv", "10.20.0.7") });
        Assert.NotEqual(record, record with { Range = null });
    }

    [Fact]
    public void Sandboxes_route_by_the_gateway_unless_an_auxiliary_address_says_otherwise()
    {
        var plain = new SubnetRecord(s_prefix, IPAddress.Parse("10.20.0.1"));

        Assert.Equal(plain.Gateway, plain.DefaultGateway);
        Assert.Equal(IPAddress.Parse("10.20.0.9"), (plain with { AuxAddresses = Aux(AuxiliaryName.DefaultGateway4, "10.20.0.9") }).DefaultGateway);
        Assert.Equal(plain.Gateway, (plain with { AuxAddresses = Aux(AuxiliaryName.DefaultGateway6, "fe80::9") }).DefaultGateway);
        var six = new SubnetRecord(IPNetwork.Parse("fd00::/64"), null) { AuxAddresses = Aux(AuxiliaryName.DefaultGateway6, "fe80::9") };
        Assert.Equal(IPAddress.Parse("fe80::9"), six.DefaultGateway);
    }

    private static ImmutableSortedDictionary<string, IPAddress> Aux(string name, string address) =>
        ImmutableSortedDictionary<string, IPAddress>.Empty.Add(name, IPAddress.Parse(address));
}
