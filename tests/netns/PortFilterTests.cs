using System.Net;
using System.Net.Sockets;
using Networking.Netlink;

namespace Networking.Netns.Tests;

/// <summary>What a filter of reserved ports lets in, by itself; what comes of it for who reserves a port is in <see cref="PortTests"/>.</summary>
public sealed class PortFilterTests
{
    private static readonly TimeSpan LongEnoughToArrive = TimeSpan.FromMilliseconds(300);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_may_not_load_programs_filters_by_the_classic_form_which_lets_in_the_same(bool isClassic)
    {
        await using var lab = Lab.Open();
        using var address = await HostIpv6Address.AddAsync("fd00:77::1");
        foreach (var (takesLoopback, source, isHeard) in new[] { (true, "::1", true), (true, "fd00:77::1", false), (false, "::1", false) })
        {
            using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp) { DualMode = false };
            var number = (int)socket.Handle;
            var errno = isClassic ? PortFilter.AttachClassic(number, takesLoopback)
                : takesLoopback ? PortFilter.AttachIpv6LoopbackSources(number)
                : PortFilter.AttachNothing(number);
            socket.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
            using var client = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
            client.Bind(new IPEndPoint(IPAddress.Parse(source), 0));
            _ = await client.SendToAsync("?"u8.ToArray(), new IPEndPoint(IPAddress.Parse(source), ((IPEndPoint)socket.LocalEndPoint!).Port), Lab.Cancel); // bound

            Assert.Equal((0, isHeard), (errno, socket.Poll(LongEnoughToArrive, SelectMode.SelectRead)));
        }
    }
}
