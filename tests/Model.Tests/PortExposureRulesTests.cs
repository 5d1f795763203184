using System.Net;

namespace Networking.Model.Tests;

/// <summary>Which client each exposure means.</summary>
public sealed class PortExposureRulesTests
{
    [Theory]
    [InlineData("127.0.0.1", PortExposure.Loopback)]
    [InlineData("127.255.255.255", PortExposure.Loopback)]
    [InlineData("::1", PortExposure.Loopback)]
    [InlineData("::ffff:127.0.0.1", PortExposure.Loopback)]
    [InlineData("10.0.0.0", PortExposure.Lan)]
    [InlineData("10.255.255.255", PortExposure.Lan)]
    [InlineData("100.64.0.1", PortExposure.Lan)]
    [InlineData("100.127.255.255", PortExposure.Lan)]
    [InlineData("169.254.1.1", PortExposure.Lan)]
    [InlineData("172.16.0.1", PortExposure.Lan)]
    [InlineData("172.31.255.255", PortExposure.Lan)]
    [InlineData("192.168.0.1", PortExposure.Lan)]
    [InlineData("::ffff:192.168.0.1", PortExposure.Lan)]
    [InlineData("fc00::1", PortExposure.Lan)]
    [InlineData("fdff:ffff::1", PortExposure.Lan)]
    [InlineData("fe80::1", PortExposure.Lan)]
    [InlineData("febf::1", PortExposure.Lan)]
    [InlineData("9.255.255.255", PortExposure.World)]
    [InlineData("11.0.0.0", PortExposure.World)]
    [InlineData("100.63.255.255", PortExposure.World)]
    [InlineData("100.128.0.0", PortExposure.World)]
    [InlineData("172.15.255.255", PortExposure.World)]
    [InlineData("172.32.0.0", PortExposure.World)]
    [InlineData("192.169.0.0", PortExposure.World)]
    [InlineData("8.8.8.8", PortExposure.World)]
    [InlineData("::ffff:8.8.8.8", PortExposure.World)]
    [InlineData("2001:db8::1", PortExposure.World)]
    [InlineData("fec0::1", PortExposure.World)]
    [InlineData("fbff::1", PortExposure.World)]
    [InlineData("::2", PortExposure.World)]
    public void A_client_reaches_ports_that_are_exposed_as_far_as_it_is_away(string client, PortExposure least)
    {
        var address = IPAddress.Parse(client);
        foreach (var exposure in Enum.GetValues<PortExposure>())
        {
            Assert.Equal(exposure >= least, PortExposureRules.Admits(exposure, address, static _ => false, static _ => false));
            Assert.True(PortExposureRules.Admits(exposure, address, static _ => true, static _ => false));
            Assert.Equal(
                exposure >= (least == PortExposure.World ? PortExposure.Lan : least),
                PortExposureRules.Admits(exposure, address, static _ => false, static _ => true));
        }
    }

    [Fact]
    public void Nobody_is_asked_about_an_address_that_says_it_itself()
    {
        static bool Never(IPAddress address) => throw new InvalidOperationException($"{address} was asked about");

        Assert.True(PortExposureRules.Admits(PortExposure.World, IPAddress.Parse("2001:db8::1"), Never, Never));
        Assert.True(PortExposureRules.Admits(PortExposure.Lan, IPAddress.Parse("fd00::1"), Never, Never));
        Assert.True(PortExposureRules.Admits(PortExposure.Loopback, IPAddress.IPv6Loopback, Never, Never));
    }

    [Fact]
    public void The_prefixes_fill_a_set_as_they_are()
    {
        foreach (var prefixes in new[] { PortExposureRules.LanPrefixes4, PortExposureRules.LanPrefixes6 })
        {
            for (var i = 1; i < prefixes.Length; i++)
            {
                Assert.True(Prefix.ToNumber(Prefix.LastAddress(prefixes[i - 1])) < Prefix.ToNumber(prefixes[i].BaseAddress));
            }
        }
    }
}
