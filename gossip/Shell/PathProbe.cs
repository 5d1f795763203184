using System.Net;
using System.Net.Sockets;

namespace Networking.Gossip.Shell;

/// <summary>
/// What the kernel knows of the paths to others. A datagram as long as the narrowest of them carries is never cut; the kernel learns of
/// narrower ones from what routers answer, and cuts into fragments what is too long meanwhile.
/// </summary>
internal static class PathProbe
{
    private const int LevelIpv4 = 0;
    private const int LevelIpv6 = 41;
    private const int MtuIpv4 = 14; // IP_MTU
    private const int MtuIpv6 = 24; // IPV6_MTU
    private const int HeadersIpv4 = 20 + 8;
    private const int HeadersIpv6 = 40 + 8;

    /// <summary>The longest UDP payload for which the path to an address needs no fragments; null if there is no route to it.</summary>
    public static int? PayloadBytes(IPEndPoint to)
    {
        try
        {
            // Connecting a datagram socket sends nothing: it asks for the route.
            using var socket = new Socket(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(to);
            Span<byte> value = stackalloc byte[sizeof(int)];
            var isIpv4 = to.AddressFamily == AddressFamily.InterNetwork;
            _ = socket.GetRawSocketOption(isIpv4 ? LevelIpv4 : LevelIpv6, isIpv4 ? MtuIpv4 : MtuIpv6, value);
            return BitConverter.ToInt32(value) - (isIpv4 ? HeadersIpv4 : HeadersIpv6);
        }
        catch (SocketException)
        {
            return null; // sending will meet it, too, and count it
        }
    }
}
