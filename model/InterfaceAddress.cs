using System.Net;
using System.Net.Sockets;

namespace Networking.Model;

/// <summary>An address of an interface with the length of its on-link prefix, such as <c>10.20.0.2/16</c>.</summary>
public sealed record InterfaceAddress(IPAddress Address, int PrefixLength)
{
    /// <summary>True for an IPv6 address.</summary>
    public bool IsIpv6 => Address.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>The on-link prefix with all host bits cleared.</summary>
    public IPNetwork Network => Prefix.Mask(Address, PrefixLength);

    /// <inheritdoc/>
    public override string ToString() => $"{Address}/{PrefixLength}";
}
