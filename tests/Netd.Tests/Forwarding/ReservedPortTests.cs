using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Forwarding;
using Networking.Netlink;

namespace Networking.Netd.Tests.Forwarding;

/// <summary>The forwarder on ports that the kernel keeps: an IPv6 client of the host, a target that has IPv4 only.</summary>
public sealed class ReservedPortTests
{
    private const int Port = 18_200;

    [Theory]
    [InlineData("::", false, PortExposure.World)]
    [InlineData("::", true, PortExposure.Loopback)]
    [InlineData("::1", false, PortExposure.Lan)]
    public async Task A_process_of_the_host_reaches_an_IPv4_target_by_the_IPv6_loopback_address(string claimed, bool isForwarded, PortExposure exposure)
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs root");
        var directory = Directory.CreateTempSubdirectory("netd-ports-");
        await using var world = NetlinkWorld.Open(directory.FullName, static _ => null);
        await using var lab = new ForwarderLab();
        await using var forwarder = new PortForwarder(
            new ForwarderOptions(), TimeProvider.System,
            static (e, client, _) => PortExposureRules.Admits(e, client, HostAddress.IsOwn, static _ => false), NullLogger.Instance);
        var (target, datagrams) = (lab.Target(), lab.Target(ProtocolType.Udp));
        var reservations = Reserve(world.Ports, IPAddress.Parse(claimed), isForwarded);
        forwarder.Add(reservations[0], (IPEndPoint)target.LocalEndPoint!, exposure); // bound
        forwarder.Add(reservations[1], (IPEndPoint)datagrams.LocalEndPoint!, exposure); // bound

        using var client = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(IPAddress.IPv6Loopback, Port, ForwarderLab.Cancel);
        using var accepted = await target.AcceptAsync(ForwarderLab.Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(10), ForwarderLab.Cancel);
        await accepted.SendAsync("hello"u8.ToArray(), ForwarderLab.Cancel);
        Assert.Equal(5, await ForwarderLab.ReceiveAsync(client, new byte[9]));

        using var sender = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
        await sender.ConnectAsync(IPAddress.IPv6Loopback, Port, ForwarderLab.Cancel); // hears answers from there alone
        await sender.SendAsync("question"u8.ToArray(), ForwarderLab.Cancel);
        var question = await datagrams.ReceiveFromAsync(new byte[99], new IPEndPoint(IPAddress.Any, 0), ForwarderLab.Cancel);
        await datagrams.SendToAsync("answer"u8.ToArray(), question.RemoteEndPoint, ForwarderLab.Cancel);
        Assert.Equal(6, await ForwarderLab.ReceiveAsync(sender, new byte[99]));

        foreach (var reservation in reservations)
        {
            await forwarder.RemoveAsync(reservation);
            reservation.Dispose();
        }

        directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("192.0.2.1", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("fe80::1", false)]
    public void The_hosts_own_addresses_are_told_from_others(string address, bool isOwn) =>
        Assert.Equal(isOwn, HostAddress.IsOwn(IPAddress.Parse(address)));

    private static ImmutableArray<IPortReservation> Reserve(IHostPorts ports, IPAddress address, bool isForwarded)
    {
        var (reservations, refusals) = ports.Reserve(
            [new PortClaim(PortProtocol.Tcp, address, Port, isForwarded), new PortClaim(PortProtocol.Udp, address, Port, isForwarded)]);
        Assert.Empty(refusals);
        return reservations;
    }
}
