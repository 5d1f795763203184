using System.Net;
using System.Net.Sockets;
using Networking.Daemon.Tests.Staging;

namespace Networking.Daemon.Tests.Matrix;

/// <summary>One try to reach something from somewhere.</summary>
/// <param name="From">Where it starts.</param>
/// <param name="Transport">What it sends.</param>
/// <param name="To">Where to; an echo request has no port.</param>
internal sealed record Probe(Place From, Transport Transport, IPEndPoint To)
{
    /// <summary>What an echo request was answered with: who the far end saw is not told.</summary>
    public const string Echoed = "echo";

    /// <summary>Opens the socket; called inside the namespace.</summary>
    public Socket Open()
    {
        var isIpv6 = To.AddressFamily == AddressFamily.InterNetworkV6;
        return Transport switch
        {
            Transport.Tcp => new Socket(To.AddressFamily, SocketType.Stream, ProtocolType.Tcp),
            Transport.Udp => new Socket(To.AddressFamily, SocketType.Dgram, ProtocolType.Udp),
            _ => new Socket(To.AddressFamily, SocketType.Raw, isIpv6 ? ProtocolType.IcmpV6 : ProtocolType.Icmp),
        };
    }

    public override string ToString() => $"{From.Name} → {To}/{Transport}";
}
