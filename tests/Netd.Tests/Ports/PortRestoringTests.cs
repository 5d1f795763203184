using System.Collections.Immutable;
using System.Net;
using Networking.Model;
using Networking.Netd.Ports;

namespace Networking.Netd.Tests.Ports;

public sealed class PortRestoringTests
{
    private readonly FakeHostPorts _host = new();

    [Fact]
    public void Everything_that_was_bound_is_bound_again_and_nothing_else()
    {
        var restored = Restore([.. Both(8000, 600), .. Both(9000, 600), Port("0.0.0.0", 20000, 2000) with { IsOnlyChecked = true }]);

        Assert.Equal((2400, 2400), (_host.Bound, restored.Reservations.Length));
        Assert.Empty(restored.News);
    }

    [Fact]
    public void What_another_has_taken_is_told_with_what_it_means_and_takes_nothing_with_it()
    {
        _ = _host.Foreign.Add((PortProtocol.Tcp, 9005));
        _ = _host.Foreign.Add((PortProtocol.Tcp, 9006));

        var restored = Restore([.. Both(8000, 1), .. Both(9000, 600)]);

        Assert.Equal(2 + 1196, restored.Reservations.Length);
        Assert.Equal(
            [
                "port.taken: host port [::]:9005-9006/tcp of endpoint web was taken by process nginx (pid 812) while netd did not run; packets from outside still reach the endpoint, from ::1 it is not reached; once it is free, netctl update with --unpublish and --publish binds it anew",
                "port.taken: host port 0.0.0.0:9005-9006/tcp of endpoint web was taken by process nginx (pid 812) while netd did not run; packets from outside still reach the endpoint; once it is free, netctl update with --unpublish and --publish binds it anew",
            ],
            restored.News.Select(static n => $"{n.Type}: {n.Message}"));
    }

    [Theory]
    [InlineData(700, int.MaxValue)] // the kernel says so
    [InlineData(int.MaxValue, 700)] // we do
    public void With_too_few_descriptors_what_netd_serves_comes_first_and_the_rest_is_told(int room, int left)
    {
        _host.Room = room;

        var restored = Restore([.. Both(8000, 600), .. Both(9000, 50).Select(static p => p with { Path = p.IsIpv6 ? PortPath.Forwarder : PortPath.Kernel })], left);

        Assert.Equal(700, restored.Reservations.Length);
        Assert.Equal(650, restored.Reservations.Count(static r => r.Claim.Address.Equals(IPAddress.IPv6Any)));
        Assert.Equal(50, restored.Reservations.Count(static r => r.Claim is { Port: >= 9000, IsForwarded: false }));
        Assert.All(restored.News, static n => Assert.Equal("port.unserved", n.Type));
        Assert.All(restored.News, static n => Assert.Contains("0.0.0.0:8", n.Message, StringComparison.Ordinal));
        Assert.NotEmpty(restored.News);
    }

    [Fact]
    public void Numbers_are_told_as_ranges() => Assert.Equal("1-3, 5, 7-8", PortRuns.Text(PortRuns.Of([1, 2, 3, 5, 7, 8])));

    private RestoredPorts Restore(ImmutableArray<PublishedPort> ports, int left = int.MaxValue) => PortRestoring.Restore(
        _host,
        WebEndpoint.With(ports),
        left);

    private static PublishedPort[] Both(int first, int count) => [Port("0.0.0.0", first, count), Port("::", first, count)];

    private static PublishedPort Port(string host, int first, int count) => new()
    {
        Protocol = PortProtocol.Tcp,
        HostAddress = IPAddress.Parse(host),
        HostPorts = new PortRange(first, first + count - 1),
        TargetAddress = IPAddress.Parse("172.20.0.2"),
        TargetFirst = first,
        Exposure = PortExposure.Lan,
    };
}
