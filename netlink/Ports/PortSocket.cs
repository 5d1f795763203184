using System.Net;
using System.Net.Sockets;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>Opens the socket that keeps one port, by raw calls: five of them for IPv4, six for IPv6.</summary>
internal static unsafe class PortSocket
{
    private const int Backlog = 1024; // the kernel caps it at net.core.somaxconn; nothing is allocated for it
    private const int Stream = 1; // SOCK_STREAM
    private const int Datagram = 2; // SOCK_DGRAM
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int ReuseAddress = 2; // SO_REUSEADDR
    private const int Ipv4Level = 0; // IPPROTO_IP
    private const int FreeBind = 15; // IP_FREEBIND
    private const int Ipv6Level = 41; // IPPROTO_IPV6
    private const int Ipv6Only = 26; // IPV6_V6ONLY

    /// <summary>Opens, binds and listens in the calling thread's namespace.</summary>
    /// <param name="claim">Where.</param>
    /// <param name="errno">Why not.</param>
    /// <param name="needsAddress">
    /// False if the address, of IPv4, may be missing: a loopback that is down has none, and the socket answers once it is up.
    /// </param>
    /// <returns>The socket; null and an errno if the kernel refuses.</returns>
    public static FileDescriptor? TryOpen(PortClaim claim, out int errno, bool needsAddress = true)
    {
        var type = claim.Protocol == PortProtocol.Udp ? Datagram : Stream;
        var fd = SystemCalls.TrySocket(SocketName.FamilyOf(claim.Address), type, (int)claim.Protocol);
        if (fd < 0)
        {
            // A kernel without SCTP does not know the pair of type and protocol.
            errno = fd == -Errno.SocketTypeNotSupported ? Errno.ProtocolNotSupported : -fd;
            return null;
        }

        var socket = new FileDescriptor(fd);
        errno = needsAddress ? 0 : SetOption(fd, Ipv4Level, FreeBind);
        errno = errno == 0 ? Prepare(fd, claim) : errno;
        if (errno == 0)
        {
            return socket;
        }

        socket.Dispose();
        return null;
    }

    private static int Prepare(int fd, PortClaim claim)
    {
        if (claim.Address.AddressFamily == AddressFamily.InterNetworkV6 && SetOption(fd, Ipv6Level, Ipv6Only) is var onlyError and not 0)
        {
            return onlyError;
        }

        // Leaves connections that are ending (TIME_WAIT) out of the question. Two listening sockets exclude each other all the
        // same; two UDP sockets with it would not.
        if (claim.Protocol != PortProtocol.Udp && SetOption(fd, SocketLevel, ReuseAddress) is var reuseError and not 0)
        {
            return reuseError;
        }

        // Before bind for UDP, which receives from then on; before listen for the others.
        if (Filter(fd, claim) is var filterError and not 0)
        {
            return filterError;
        }

        return Bind(fd, claim) is var bindError and not 0 ? bindError
            : claim.Protocol == PortProtocol.Udp || Libc.listen(fd, Backlog) == 0 ? 0
            : Errno.Last;
    }

    private static int Filter(int fd, PortClaim claim)
    {
        if (claim.Protocol == PortProtocol.Sctp)
        {
            return PortFilter.AttachNothing(fd); // the forwarder does not speak it
        }

        var takesIpv6Loopback = claim.Address.Equals(IPAddress.IPv6Any) || claim.Address.Equals(IPAddress.IPv6Loopback);
        return claim.IsForwarded ? 0
            : takesIpv6Loopback ? PortFilter.AttachIpv6LoopbackSources(fd)
            : PortFilter.AttachNothing(fd);
    }

    private static int Bind(int fd, PortClaim claim)
    {
        Span<byte> address = stackalloc byte[SocketName.BytesMax];
        var length = SocketName.Write(address, claim.Address, claim.Port);
        fixed (byte* start = address)
        {
            return Libc.bind(fd, start, (uint)length) == 0 ? 0 : Errno.Last;
        }
    }

    private static int SetOption(int fd, int level, int name)
    {
        var one = 1;
        return Libc.setsockopt(fd, level, name, &one, sizeof(int)) == 0 ? 0 : Errno.Last;
    }
}
