using System.Net;
using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Cluster;

namespace Networking.Netd.Tests.Cluster;

public sealed class ClusterAddressTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1:7946")]
    [InlineData("192.0.2.1:9000", "192.0.2.1:9000")]
    [InlineData("2001:db8::1", "[2001:db8::1]:7946")]
    [InlineData("[2001:db8::1]:9000", "[2001:db8::1]:9000")]
    public void An_address_is_read_with_the_usual_port_where_none_is_said(string text, string expected)
    {
        Assert.Null(ClusterAddress.TryRead(text, out var endPoint));
        Assert.Equal(expected, endPoint.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("host")]
    [InlineData("10.1")]
    [InlineData("7946")]
    [InlineData("192.0.2.1:0")]
    [InlineData("192.0.2.1:70000")]
    public void What_is_no_address_is_refused_with_an_example(string text) =>
        Assert.Contains("is not an address such as 192.0.2.1", ClusterAddress.TryRead(text, out _), StringComparison.Ordinal);

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("224.0.0.1")]
    [InlineData("[ff02::1]:7946")]
    public void Nobody_is_reached_at_every_address_or_at_a_group(string text) => Assert.NotNull(ClusterAddress.TryReadPeer(text, out _));

    [Fact]
    public void The_address_of_the_default_routes_interface_is_advertised()
    {
        var facts = Facts(("eth0", "192.0.2.7"), ("eth1", "198.51.100.7")) with { Routes = [new HostRoute(IPNetwork.Parse("0.0.0.0/0"), IPAddress.Parse("198.51.100.1"), "eth1", 4)] };
        Assert.Equal("198.51.100.7:7946", ClusterAddress.Choose(facts, ClusterAddress.Everywhere)?.ToString());
    }

    [Fact]
    public void Without_a_default_route_only_one_interface_is_no_guess()
    {
        Assert.Equal("192.0.2.7:7946", ClusterAddress.Choose(Facts(("eth0", "192.0.2.7")), ClusterAddress.Everywhere)?.ToString());
        Assert.Null(ClusterAddress.Choose(Facts(("eth0", "192.0.2.7"), ("eth1", "198.51.100.7")), ClusterAddress.Everywhere));
        Assert.Equal("127.0.0.1:9", ClusterAddress.Choose(Facts(), IPEndPoint.Parse("127.0.0.1:9"))?.ToString());
    }

    private static HostFacts Facts(params (string Name, string Address)[] links) => new()
    {
        Links = [.. links.Select(static l => new HostLink(l.Name, string.Empty, null, 1500, null, [new InterfaceAddress(IPAddress.Parse(l.Address), 24)]))],
    };
}
