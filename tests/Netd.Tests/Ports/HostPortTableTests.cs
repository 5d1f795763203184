using System.Net;
using Networking.Model;
using Networking.Netd.Ports;

namespace Networking.Netd.Tests.Ports;

public sealed class HostPortTableTests
{
    private static readonly IPAddress[] s_addresses =
        [IPAddress.Any, IPAddress.IPv6Any, IPAddress.Parse("192.0.2.1"), IPAddress.Parse("192.0.2.2"), IPAddress.Parse("2001:db8::1")];

    [Theory]
    [InlineData("0.0.0.0", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "0.0.0.0", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("::", "0.0.0.0", false)]
    [InlineData("::", "2001:db8::1", true)]
    public void An_unspecified_address_meets_every_one_of_its_family(string held, string asked, bool isMet)
    {
        var table = HostPortTable.Empty.Hold(new EndpointId("a"), [Port(held, 80, 80)]);

        Assert.Equal(isMet, table.Holder(PortProtocol.Tcp, IPAddress.Parse(asked), new PortRange(80, 80)) is not null);
        Assert.Null(table.Holder(PortProtocol.Udp, IPAddress.Parse(asked), new PortRange(80, 80)));
    }

    // Against the simplest thing that can be right: a list that is looked through.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_answers_as_a_list_would(int seed)
    {
        var random = new Random(seed);
        var table = HostPortTable.Empty;
        var list = new List<(EndpointId Endpoint, PublishedPort Port)>();
        var granted = 0;
        for (var step = 0; step < 2000; step++)
        {
            if (list.Count > 0 && random.Next(3) == 0)
            {
                var gone = list[random.Next(list.Count)];
                table = table.Release([gone.Port]);
                _ = list.Remove(gone);
                continue;
            }

            var first = random.Next(1, 300);
            var port = Port(s_addresses[random.Next(s_addresses.Length)].ToString(), first, first + random.Next(20)) with
            {
                Protocol = random.Next(2) == 0 ? PortProtocol.Tcp : PortProtocol.Udp,
            };
            var expected = list.Where(held => Meets(held.Port, port)).Select(static held => held.Endpoint).ToHashSet();
            var holder = table.Holder(port.Protocol, port.HostAddress, port.HostPorts);

            Assert.Equal(expected.Count > 0, holder is not null);
            Assert.Equal(expected, table.Holders(port.Protocol, port.HostAddress, port.HostPorts).Select(static h => h.Endpoint).ToHashSet());
            if (holder is not null)
            {
                Assert.Contains(holder.Endpoint, expected);
                continue;
            }

            granted++;
            var endpoint = new EndpointId($"e{step}");
            table = table.Hold(endpoint, [port]);
            list.Add((endpoint, port));
        }

        Assert.True(granted > 100, $"only {granted} of 2000 were granted");
        Assert.Null(table.Release(list.Select(static l => l.Port)).Holder(PortProtocol.Tcp, IPAddress.Any, new PortRange(1, 65535)));
    }

    [Fact]
    public void A_direct_port_takes_no_host_port()
    {
        var port = Port("0.0.0.0", 80, 80) with { Path = PortPath.Direct };

        var table = HostPortTable.Empty.Hold(new EndpointId("a"), [port]).Hold(new EndpointId("b"), [port]);

        Assert.Null(table.Holder(PortProtocol.Tcp, IPAddress.Any, new PortRange(80, 80)));
    }

    private static bool Meets(PublishedPort one, PublishedPort other) =>
        one.Protocol == other.Protocol && one.HostPorts.Overlaps(other.HostPorts) && one.IsIpv6 == other.IsIpv6
        && (one.IsAnyAddress || other.IsAnyAddress || one.HostAddress.Equals(other.HostAddress));

    private static PublishedPort Port(string host, int first, int last) => new()
    {
        Protocol = PortProtocol.Tcp,
        HostAddress = IPAddress.Parse(host),
        HostPorts = new PortRange(first, last),
        TargetAddress = IPAddress.Parse("172.20.0.2"),
        TargetFirst = 80,
        Exposure = PortExposure.Lan,
    };
}
