using System.Net;
using System.Runtime.InteropServices;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink.Tests.Ports;

/// <summary>The kernel's list of sockets, and which of them keep a port from us.</summary>
public sealed class HostSocketTests
{
    // What Linux 6.18 answers to "ss -tln6 sport = 8080" for "socat TCP6-LISTEN:8080,bind=[::],ipv6only=0": struct inet_diag_msg,
    // then INET_DIAG_SHUTDOWN, _SKV6ONLY, _MARK, _CGROUP_ID and _SOCKOPT.
    private const string Listening =
        "0a0a0000" + "1f900000" + "00000000000000000000000000000000" + "00000000000000000000000000000000" + "00000000" + "8e74000000000000"
        + "00000000" + "00000000" + "05000000" + "00000000" + "f3935a00"
        + "0500080000000000" + "05000b0000000000" + "08000f0000000000" + "0c0015000100000000000000" + "0600160012000000";

    [Fact]
    public void A_listed_socket_is_read()
    {
        Assert.Equal(
            new HostSocket(IPAddress.IPv6Any, 8080, IsListening: true, IsIpv6Only: false, Inode: 5936115),
            HostSocket.Read(Convert.FromHexString(Listening)));
        Assert.Equal(
            new HostSocket(IPAddress.IPv6Any, 8080, IsListening: true, IsIpv6Only: true, Inode: 5936115),
            HostSocket.Read(Convert.FromHexString(Listening.Replace("05000b0000", "05000b0001", StringComparison.Ordinal))));
        Assert.Null(HostSocket.Read(Convert.FromHexString("11" + Listening[2..])));
    }

    [Fact]
    public void A_listed_socket_that_is_cut_short_is_malformed()
    {
        var bytes = Convert.FromHexString(Listening);
        for (var length = 0; length < 72; length++)
        {
            Assert.Throws<WireFormatException>(() => HostSocket.Read(bytes.AsSpan(0, length)));
        }

        Assert.Throws<WireFormatException>(() => HostSocket.Read(bytes.AsSpan(0, bytes.Length - 4)));
    }

    [Fact]
    public void A_request_has_the_size_of_the_kernels() =>
        Assert.Equal((56, 8), (Marshal.SizeOf<SocketRequest>(), (int)Marshal.OffsetOf<SocketRequest>(nameof(SocketRequest.Identity)))); // struct inet_diag_req_v2

    [Theory]
    [InlineData("0.0.0.0", "0.0.0.0", false, true)]
    [InlineData("0.0.0.0", "192.0.2.1", false, true)]
    [InlineData("192.0.2.1", "0.0.0.0", false, true)]
    [InlineData("192.0.2.1", "192.0.2.1", false, true)]
    [InlineData("192.0.2.1", "192.0.2.2", false, false)]
    [InlineData("192.0.2.1", "::", false, true)]
    [InlineData("192.0.2.1", "::", true, false)]
    [InlineData("0.0.0.0", "::", false, true)]
    [InlineData("0.0.0.0", "2001:db8::1", false, false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", false, true)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.2", false, false)]
    [InlineData("0.0.0.0", "::ffff:192.0.2.2", false, true)]
    [InlineData("::", "0.0.0.0", false, false)]
    [InlineData("::", "::ffff:192.0.2.1", false, false)]
    [InlineData("::", "::", false, true)]
    [InlineData("::", "2001:db8::1", true, true)]
    [InlineData("2001:db8::1", "::", true, true)]
    [InlineData("2001:db8::1", "2001:db8::2", true, false)]
    [InlineData("2001:db8::1", "0.0.0.0", false, false)]
    public void Addresses_meet_as_the_kernel_says(string claimed, string held, bool isIpv6Only, bool meets)
    {
        var socket = new HostSocket(IPAddress.Parse(held), 80, IsListening: true, isIpv6Only, Inode: 1);

        Assert.Equal(meets, socket.StandsInTheWayOf(new PortClaim(PortProtocol.Tcp, IPAddress.Parse(claimed), 80)));
        Assert.False(socket.StandsInTheWayOf(new PortClaim(PortProtocol.Tcp, IPAddress.Parse(claimed), 81)));
    }

    [Theory]
    [InlineData("32768\t60999\n", "\n", "32768-60999", "")]
    [InlineData("40000 40009", "8080,9000-9010\n", "40000-40009", "8080 9000-9010")]
    [InlineData("", "", "49153-65535", "")]
    [InlineData(null, null, "49153-65535", "")]
    [InlineData("60999 32768", "0,1,x,5-4", "49153-65535", "1")]
    [InlineData("1", "65535", "49153-65535", "65535")]
    public void What_the_kernel_says_of_free_ports_is_read(string? range, string? reserved, string expectedRange, string expectedReserved)
    {
        var local = LocalPortFiles.Parse(range, reserved);

        Assert.Equal((expectedRange, expectedReserved), (local.Range.ToString(), string.Join(' ', local.Reserved)));
    }
}
