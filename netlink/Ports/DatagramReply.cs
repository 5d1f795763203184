using System.Buffers.Binary;
using System.Net;

namespace Networking.Netlink;

/// <summary>Sends a datagram with a source address of the caller's choice: IP_PKTINFO, IPV6_PKTINFO.</summary>
internal static unsafe class DatagramReply
{
    private const int HeaderBytes = 16; // struct cmsghdr
    private const int ControlBytesMax = HeaderBytes + 24; // aligned to eight
    private const int DoNotWait = 0x40; // MSG_DONTWAIT

    /// <summary>Sends it; 0 or an errno.</summary>
    public static int Send(int socket, ReadOnlySpan<byte> datagram, IPAddress source, IPEndPoint client)
    {
        Span<byte> name = stackalloc byte[SocketName.BytesMax];
        Span<byte> control = stackalloc byte[ControlBytesMax];
        var nameBytes = SocketName.Write(name, client.Address, client.Port);
        var controlBytes = WriteSource(control, source);
        fixed (byte* payload = datagram, to = name, from = control)
        {
            var vector = new BufferVector { Start = payload, Length = (nuint)datagram.Length };
            var message = new MessageVector
            {
                Name = to,
                NameLength = (uint)nameBytes,
                Buffers = &vector,
                BufferCount = 1,
                Control = from,
                ControlLength = (nuint)controlBytes,
            };
            nint sent;
            do
            {
                sent = Libc.sendmsg(socket, &message, DoNotWait);
            }
            while (sent < 0 && Errno.Last == Errno.Interrupted);
            return sent < 0 ? Errno.Last : 0;
        }
    }

    private static int WriteSource(Span<byte> control, IPAddress source)
    {
        control.Clear();
        var isIpv6 = SocketName.FamilyOf(source) == SocketName.Ipv6Family;
        var valueBytes = isIpv6 ? 20 : 12; // struct in6_pktinfo, struct in_pktinfo
        BinaryPrimitives.WriteUInt64LittleEndian(control, (ulong)(HeaderBytes + valueBytes));
        BinaryPrimitives.WriteInt32LittleEndian(control[8..], isIpv6 ? 41 : 0); // IPPROTO_IPV6, IPPROTO_IP
        BinaryPrimitives.WriteInt32LittleEndian(control[12..], isIpv6 ? 50 : 8); // IPV6_PKTINFO, IP_PKTINFO
        _ = source.TryWriteBytes(control[(HeaderBytes + (isIpv6 ? 0 : 4))..], out _); // ipi6_addr, ipi_spec_dst; any link
        return (HeaderBytes + valueBytes + 7) & ~7;
    }
}
