using System.Net;
using System.Net.Sockets;

namespace Networking.Netd.Forwarding;

/// <summary>Tells the host's own addresses from others, by asking the kernel each time: nothing to keep, nothing to go stale.</summary>
internal static class HostAddress
{
    /// <summary>
    /// True if the host has the address: then, and only then, does a datagram to it leave from it. No packet is sent.
    /// (Binding to it would tell as well, but not where net.ipv6.ip_nonlocal_bind is set.)
    /// </summary>
    public static bool IsOwn(IPAddress address)
    {
        using var probe = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            probe.Connect(new IPEndPoint(address, 9)); // discard; any port will do
            return probe.LocalEndPoint is IPEndPoint local && local.Address.Equals(address);
        }
        catch (SocketException)
        {
            return false; // no way there: not the host's
        }
    }
}
