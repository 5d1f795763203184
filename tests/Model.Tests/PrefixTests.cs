using System.Net;

namespace Networking.Model.Tests;

public sealed class PrefixTests
{
    [Theory]
    [InlineData("10.20.0.0/16")]
    [InlineData("0.0.0.0/0")]
    [InlineData("192.0.2.7/32")]
    [InlineData("fd00:1::/64")]
    [InlineData("::/0")]
    [InlineData("2001:db8::1/128")]
    public void Prefixes_without_host_bits_are_read(string text)
    {
        Assert.True(Prefix.TryParse(text, out var network, out var problem));
        Assert.Equal((text, null), (network.ToString(), problem));
    }

    [Theory]
    [InlineData("10.20.1.0/16", "'10.20.1.0/16' has host bits set; did you mean 10.20.0.0/16?")]
    [InlineData("10.20.0.1/31", "'10.20.0.1/31' has host bits set; did you mean 10.20.0.0/31?")]
    [InlineData("1.2.3.4/0", "'1.2.3.4/0' has host bits set; did you mean 0.0.0.0/0?")]
    [InlineData("fd00:1::5/64", "'fd00:1::5/64' has host bits set; did you mean fd00:1::/64?")]
    [InlineData("10.20.0.0", "'10.20.0.0' is not a prefix; write it as address/length, such as 10.20.0.0/16")]
    [InlineData("", "'' is not a prefix; write it as address/length, such as 10.20.0.0/16")]
    [InlineData(null, "'' is not a prefix; write it as address/length, such as 10.20.0.0/16")]
    [InlineData("10.20.0.0/33", "'10.20.0.0/33' has no prefix length between 0 and 32")]
    [InlineData("10.20.0.0/-1", "'10.20.0.0/-1' has no prefix length between 0 and 32")]
    [InlineData("10.20.0.0/016", "'10.20.0.0/016' has no prefix length between 0 and 32")]
    [InlineData("10.20.0.0/ 16", "'10.20.0.0/ 16' has no prefix length between 0 and 32")]
    [InlineData("10.20.0.0/", "'10.20.0.0/' has no prefix length between 0 and 32")]
    [InlineData("10.20.0.0/16/8", "'10.20.0.0/16/8' has no prefix length between 0 and 32")]
    [InlineData("fd00::/129", "'fd00::/129' has no prefix length between 0 and 128")]
    [InlineData("10.20/16", "'10.20' is not a full IPv4 address; did you mean 10.0.0.20?")]
    [InlineData("010.0.0.0/8", "'010.0.0.0' is not a full IPv4 address; did you mean 8.0.0.0?")]
    [InlineData("0x0a.0.0.0/8", "'0x0a.0.0.0' is not a full IPv4 address; did you mean 10.0.0.0?")]
    [InlineData("example/16", "'example' is not an IP address")]
    [InlineData("fe80::%eth0/64", "'fe80::%eth0' is not an IP address")]
    [InlineData("[fd00::]:80/64", "'[fd00::]:80' is not an IP address")]
    [InlineData("::ffff:10.0.0.0/104", "'::ffff:10.0.0.0' is an IPv4-mapped address; write 10.0.0.0")]
    public void What_is_wrong_is_said_with_what_was_probably_meant(string? text, string expected)
    {
        Assert.False(Prefix.TryParse(text, out _, out var problem));
        Assert.Equal(expected, problem);
    }

    [Fact]
    public void An_interface_address_keeps_its_host_bits()
    {
        Assert.True(Prefix.TryParseInterface("10.20.1.9/16", out var address, out _));
        Assert.Equal("10.20.1.9/16", address?.ToString());
        Assert.Equal(IPNetwork.Parse("10.20.0.0/16"), address?.Network);
        Assert.False(address?.IsIpv6);
        Assert.False(Prefix.TryParseInterface("10.20.1.9", out _, out var problem));
        Assert.NotNull(problem);
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.255.255.255")]
    [InlineData("10.0.0.0/31", "10.0.0.1")]
    [InlineData("10.0.0.7/32", "10.0.0.7")]
    [InlineData("0.0.0.0/0", "255.255.255.255")]
    [InlineData("fd00::/64", "fd00::ffff:ffff:ffff:ffff")]
    [InlineData("::/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    public void The_last_address(string prefix, string last) =>
        Assert.Equal(IPAddress.Parse(last), Prefix.LastAddress(IPNetwork.Parse(prefix)));

    [Theory]
    [InlineData("10.0.0.0/8", "10.1.0.0/16", true)]
    [InlineData("10.0.0.0/16", "10.1.0.0/16", false)]
    [InlineData("0.0.0.0/0", "10.1.0.0/16", true)]
    [InlineData("0.0.0.0/0", "::/0", false)]
    [InlineData("fd00::/64", "fd00::/48", true)]
    [InlineData("fd00::/8", "::ffff:0:0/96", false)]
    [InlineData("fd00::/128", "::ffff:0:0/96", false)]
    [InlineData("::ffff:0:0/96", "::ffff:a00:0/112", true)]
    public void Overlaps_are_the_same_from_both_sides(string left, string right, bool expected)
    {
        Assert.Equal(expected, Prefix.Overlaps(IPNetwork.Parse(left), IPNetwork.Parse(right)));
        Assert.Equal(expected, Prefix.Overlaps(IPNetwork.Parse(right), IPNetwork.Parse(left)));
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.1.2.3", true)]
    [InlineData("10.0.0.0/8", "11.0.0.0", false)]
    [InlineData("0.0.0.0/0", "::", false)]
    [InlineData("fd00::/8", "::ffff:0:0", false)]
    [InlineData("::/0", "::ffff:10.0.0.1", true)]
    [InlineData("fd00::1/128", "fd00::1", true)]
    public void A_prefix_contains_what_shares_its_bits(string prefix, string address, bool expected) =>
        Assert.Equal(expected, Prefix.Contains(IPNetwork.Parse(prefix), IPAddress.Parse(address)));

    [Fact]
    public void Numbers_and_addresses_turn_into_each_other()
    {
        var random = new Random(9);
        for (var i = 0; i < 1000; i++)
        {
            var bytes = new byte[i % 2 == 0 ? 4 : 16];
            random.NextBytes(bytes);
            var address = new IPAddress(bytes);
            Assert.Equal(address, Prefix.FromNumber(Prefix.ToNumber(address), bytes.Length == 16));
        }
    }
}
