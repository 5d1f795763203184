using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>A socket of the host's namespace as the kernel lists it.</summary>
/// <param name="Address">Its local address.</param>
/// <param name="Port">Its local port.</param>
/// <param name="IsListening">True for the listening ones of TCP and SCTP.</param>
/// <param name="IsIpv6Only">True if IPv4 cannot reach it: IPV6_V6ONLY.</param>
/// <param name="Inode">Its number among open files; zero if no process holds it any more.</param>
internal sealed record HostSocket(IPAddress Address, int Port, bool IsListening, bool IsIpv6Only, uint Inode)
{
    private const int MessageBytes = 72; // struct inet_diag_msg
    private const byte Listening = 10; // TCP_LISTEN
    private const ushort Ipv6OnlyAttribute = 11; // INET_DIAG_SKV6ONLY

    /// <summary>Reads struct inet_diag_msg; null for a family that is not IP.</summary>
    /// <exception cref="WireFormatException">It is cut short.</exception>
    public static HostSocket? Read(ReadOnlySpan<byte> body)
    {
        if (body.Length < MessageBytes)
        {
            throw new WireFormatException(body.Length, "a listed socket is cut short");
        }

        var addressBytes = body[0] switch // idiag_family
        {
            SocketName.Ipv4Family => 4,
            SocketName.Ipv6Family => 16,
            _ => 0,
        };
        if (addressBytes == 0)
        {
            return null;
        }

        var isIpv6Only = false;
        var attributes = new AttributeReader(body[MessageBytes..]);
        while (attributes.MoveNext())
        {
            isIpv6Only |= attributes.Type == Ipv6OnlyAttribute && attributes.GetByte() != 0;
        }

        return new HostSocket(
            new IPAddress(body.Slice(8, addressBytes)), // id.idiag_src
            BinaryPrimitives.ReadUInt16BigEndian(body[4..]), // id.idiag_sport
            body[1] == Listening, // idiag_state
            isIpv6Only,
            BinaryPrimitives.ReadUInt32LittleEndian(body[68..])); // idiag_inode
    }

    /// <summary>
    /// True if a socket bound as the claim wants would meet this one, by the kernel's rule (ipv6_rcv_saddr_equal): any
    /// address meets every one of its family, and an IPv6 socket on any address has all of IPv4 too unless it says otherwise.
    /// </summary>
    public bool StandsInTheWayOf(PortClaim claim)
    {
        if (Port != claim.Port)
        {
            return false;
        }

        var own = Address.IsIPv4MappedToIPv6 ? Address.MapToIPv4() : Address;
        if (claim.Address.AddressFamily == own.AddressFamily)
        {
            return IsAny(own) || IsAny(claim.Address) || own.Equals(claim.Address);
        }

        // A claim of IPv6 is of IPv6 alone, so only one of IPv4 can meet the other family.
        return claim.Address.AddressFamily == AddressFamily.InterNetwork && IsAny(own) && !IsIpv6Only;
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
