using System.Net;

namespace Networking.Model.Tests;

/// <summary>Ports, ranges of them, and how they are written.</summary>
public sealed class PortTests
{
    [Theory]
    [InlineData("1", 1, 1)]
    [InlineData("65535", 65535, 65535)]
    [InlineData("8000-8010", 8000, 8010)]
    [InlineData("80-80", 80, 80)]
    public void A_range_is_read(string text, int first, int last)
    {
        Assert.True(PortRange.TryParse(text, out var range, out var problem), problem);
        Assert.Equal(new PortRange(first, last), range);
        Assert.Equal(last - first + 1, range.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("65536")]
    [InlineData("80-")]
    [InlineData("-80")]
    [InlineData("90-80")]
    [InlineData("80-90-100")]
    [InlineData("x")]
    public void A_range_that_is_none_is_refused_in_words(string text)
    {
        Assert.False(PortRange.TryParse(text, out var range, out var problem));
        Assert.False(string.IsNullOrEmpty(problem));
        Assert.Equal(0, range.Count);
    }

    [Theory]
    [InlineData("0.0.0.0", "10.20.0.2", "0.0.0.0:8080-8081 -> 10.20.0.2:80-81/udp")]
    [InlineData("::", "fd00::2", "[::]:8080-8081 -> [fd00::2]:80-81/udp")]
    public void A_published_port_says_where_from_and_where_to(string host, string target, string expected)
    {
        var port = new PublishedPort
        {
            Protocol = PortProtocol.Udp,
            HostAddress = IPAddress.Parse(host),
            HostPorts = new PortRange(8080, 8081),
            TargetAddress = IPAddress.Parse(target),
            TargetFirst = 80,
            Exposure = PortExposure.World,
        };

        Assert.Equal(expected, port.ToString());
        Assert.True(port.IsAnyAddress);
        Assert.False(port.IsUnshifted);
    }
}
