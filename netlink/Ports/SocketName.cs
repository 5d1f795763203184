using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Networking.Netlink;

/// <summary>Address and port as the kernel's calls want them.</summary>
internal static class SocketName // struct sockaddr_in, struct sockaddr_in6
{
    public const int BytesMax = 28;
    public const int Ipv4Family = 2; // AF_INET
    public const int Ipv6Family = 10; // AF_INET6

    private const int Ipv4Bytes = 16;

    public static int FamilyOf(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? Ipv6Family : Ipv4Family;

    /// <summary>Where an IPv4 socket is bound; null if it is no such socket.</summary>
    public static unsafe IPEndPoint? Of(FileDescriptor socket)
    {
        var name = stackalloc byte[BytesMax];
        uint length = BytesMax;
        return Libc.getsockname(socket.Number, name, &length) == 0 && length >= Ipv4Bytes && *(ushort*)name == Ipv4Family
            ? new IPEndPoint(new IPAddress(new ReadOnlySpan<byte>(name + 4, 4)), BinaryPrimitives.ReadUInt16BigEndian(new ReadOnlySpan<byte>(name + 2, 2)))
            : null;
    }

    /// <summary>Writes it.</summary>
    /// <returns>How many bytes it has.</returns>
    public static int Write(Span<byte> destination, IPAddress address, int port)
    {
        var isIpv6 = FamilyOf(address) == Ipv6Family;
        destination[..BytesMax].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(destination, (ushort)FamilyOf(address));
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)port);
        _ = address.TryWriteBytes(destination[(isIpv6 ? 8 : 4)..], out _); // sin6_addr, sin_addr
        if (isIpv6)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(destination[24..], (uint)address.ScopeId); // sin6_scope_id
        }

        return isIpv6 ? BytesMax : Ipv4Bytes;
    }
}
