using System.Net;
using Networking.Model;

namespace Networking.Netd.Ports;

/// <summary>
/// What of a published port netd serves by itself, from a socket that is bound: clients of the other family, and those at ::1,
/// whose packets the kernel sends nowhere else.
/// </summary>
internal static class PortService
{
    /// <summary>True if at least some clients reach the port through the forwarder alone.</summary>
    public static bool IsNeeded(PortProtocol protocol, PortPath path, IPAddress host) => protocol != PortProtocol.Sctp
        && (path == PortPath.Forwarder || (path == PortPath.Kernel && (host.Equals(IPAddress.IPv6Any) || host.Equals(IPAddress.IPv6Loopback))));

    /// <summary>True if all clients do, so that nobody reaches the port without it.</summary>
    public static bool IsAll(PortProtocol protocol, PortPath path, IPAddress host) =>
        IsNeeded(protocol, path, host) && (path == PortPath.Forwarder || !host.Equals(IPAddress.IPv6Any));

    /// <inheritdoc cref="IsNeeded(PortProtocol, PortPath, IPAddress)"/>
    public static bool IsNeeded(PublishedPort port) => IsNeeded(port.Protocol, port.Path, port.HostAddress);

    /// <inheritdoc cref="IsAll(PortProtocol, PortPath, IPAddress)"/>
    public static bool IsAll(PublishedPort port) => IsAll(port.Protocol, port.Path, port.HostAddress);
}
