using System.Net;
using System.Net.Sockets;

namespace Networking.Netlink;

/// <summary>Address families as the kernel numbers them.</summary>
internal static class WireFamily
{
    public const byte Unspecified = 0; // AF_UNSPEC
    public const byte Inet = 2; // AF_INET
    public const byte Bridge = 7; // AF_BRIDGE
    public const byte Inet6 = 10; // AF_INET6

    public static byte Of(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? Inet6 : Inet;
}
