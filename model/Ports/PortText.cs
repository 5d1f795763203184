using System.Net;
using System.Net.Sockets;

namespace Networking.Model;

/// <summary>Ports as people and the API write them.</summary>
public static class PortText
{
    /// <summary>The protocol's name: <c>tcp</c>, <c>udp</c> or <c>sctp</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such protocol.</exception>
    public static string Word(this PortProtocol protocol) => protocol switch
    {
        PortProtocol.Tcp => "tcp",
        PortProtocol.Udp => "udp",
        PortProtocol.Sctp => "sctp",
        _ => throw new ArgumentOutOfRangeException(nameof(protocol), protocol, null),
    };

    /// <summary>The word after <c>--expose</c>: <c>loopback</c>, <c>lan</c> or <c>world</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such exposure.</exception>
    public static string Word(this PortExposure exposure) => exposure switch
    {
        PortExposure.Loopback => "loopback",
        PortExposure.Lan => "lan",
        PortExposure.World => "world",
        _ => throw new ArgumentOutOfRangeException(nameof(exposure), exposure, null),
    };

    /// <summary>The path's name: <c>kernel</c>, <c>forwarder</c> or <c>direct</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such path.</exception>
    public static string Word(this PortPath path) => path switch
    {
        PortPath.Kernel => "kernel",
        PortPath.Forwarder => "forwarder",
        PortPath.Direct => "direct",
        _ => throw new ArgumentOutOfRangeException(nameof(path), path, null),
    };

    /// <summary><c>0.0.0.0:8080-8090</c> or <c>[::1]:80</c>.</summary>
    public static string Of(IPAddress address, PortRange ports)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]:{ports}" : $"{address}:{ports}";
    }

    /// <summary><c>0.0.0.0:8080-8090/tcp</c> or <c>[::1]:80/udp</c>.</summary>
    public static string Of(IPAddress address, PortRange ports, PortProtocol protocol) => $"{Of(address, ports)}/{protocol.Word()}";

    /// <summary><c>0.0.0.0:8080/tcp</c> or <c>[::1]:80/udp</c>.</summary>
    public static string Of(IPAddress address, int port, PortProtocol protocol) => Of(address, new PortRange(port, port), protocol);
}
