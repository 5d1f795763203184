using System.Net;
using System.Net.Sockets;
using Networking.Drivers;
using Networking.Model;

namespace Networking.Netd.Ports;

/// <summary>One host address that a port is published on, and by what it gets to the sandbox from there.</summary>
/// <param name="HostAddress">The address; the unspecified one for all of its family.</param>
/// <param name="IsTargetIpv6">Which of the endpoint's addresses is meant.</param>
/// <param name="Path">By what it gets there.</param>
/// <param name="IsImplied">Nobody asked for this address by name: it is left out where the host lacks the family.</param>
internal sealed record PortBinding(IPAddress HostAddress, bool IsTargetIpv6, PortPath Path, bool IsImplied)
{
    /// <summary>The bindings of a port on a network; none, and a problem, if it cannot be published there.</summary>
    public static IReadOnlyList<PortBinding> Of(NetworkRecord network, BridgeOptions options, PublishSpec spec, ICollection<Problem> problems)
    {
        var asked = spec.HostAddress ?? options.HostBinding4;
        var addresses = asked is null ? [IPAddress.Any, IPAddress.IPv6Any] : new[] { asked };
        var bindings = addresses
            .Select(a => Of(network, options, a, spec.Protocol, isImplied: asked is null))
            .OfType<PortBinding>()
            .ToArray();
        if (bindings.Length == 0)
        {
            problems.Add(options.InhibitsIpv4 && network.Ipv6 is null
                ? new Problem(
                    "publish.unreachable",
                    "--publish",
                    $"port {spec} cannot be published: the gateway of network {network.Spec.Name} is another machine (inhibit-ipv4), so this host has no way to its IPv4 addresses",
                    "publish it on that machine, or use another network of the sandbox")
                : new Problem(
                    "publish.unreachable",
                    "--publish",
                    $"port {spec} cannot be published at {asked}: network {network.Spec.Name} has no address of that family, and nothing carries {spec.Protocol} of its gateway mode from one family to the other",
                    "leave the address out, or use a network of that family"));
        }

        return bindings;
    }

    /// <summary>Whether this host leads to a network's addresses of a family: it has them, and their gateway is the bridge.</summary>
    public static bool IsReached(NetworkRecord network, BridgeOptions options, bool isIpv6) =>
        (isIpv6 ? network.Ipv6 : network.Ipv4) is not null && options.HasBridgeAddress(isIpv6);

    private static PortBinding? Of(NetworkRecord network, BridgeOptions options, IPAddress address, PortProtocol protocol, bool isImplied)
    {
        var isIpv6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        if (IsReached(network, options, isIpv6))
        {
            return new PortBinding(
                address, isIpv6, options.ModeOf(isIpv6) == GatewayMode.Routed ? PortPath.Direct : PortPath.Kernel, isImplied);
        }

        // The other family's packets cannot be rewritten into this one's: the forwarder accepts and connects, but not for SCTP.
        return !IsReached(network, options, !isIpv6) || options.ModeOf(!isIpv6) == GatewayMode.Routed || protocol == PortProtocol.Sctp
            ? null
            : new PortBinding(address, !isIpv6, PortPath.Forwarder, isImplied);
    }
}
