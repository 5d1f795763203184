using System.Net;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netd.Ports;

/// <summary>A published port whose host side is claimed; the endpoint's address is leased in the step that commits it.</summary>
/// <param name="Protocol">Transport protocol.</param>
/// <param name="Binding">Host address and path.</param>
/// <param name="HostPorts">Ports on the host.</param>
/// <param name="TargetFirst">First port in the sandbox.</param>
/// <param name="Exposure">Who may reach it.</param>
/// <param name="IsOnlyChecked">No socket keeps it: it was looked up.</param>
internal sealed record PortGrant(
    PortProtocol Protocol, PortBinding Binding, PortRange HostPorts, int TargetFirst, PortExposure Exposure, bool IsOnlyChecked = false)
{
    /// <summary>The port as committed, or null if the endpoint has no address of the family.</summary>
    public PublishedPort? To(InterfaceAddress? ipv4, InterfaceAddress? ipv6) =>
        (Binding.IsTargetIpv6 ? ipv6 : ipv4) is { } target ? At(target.Address) : null;

    /// <summary>The port with a target address.</summary>
    public PublishedPort At(IPAddress target) => new()
    {
        Protocol = Protocol,
        HostAddress = Binding.HostAddress,
        HostPorts = HostPorts,
        TargetAddress = target,
        TargetFirst = TargetFirst,
        Exposure = Exposure,
        Path = Binding.Path,
        IsOnlyChecked = IsOnlyChecked,
    };

    /// <summary>True if ports of the host are taken for it.</summary>
    public bool TakesHostPorts => Binding.Path != PortPath.Direct;

    /// <summary>Its claims, one a port; none if no port of the host is taken.</summary>
    public IEnumerable<PortClaim> Claims() => TakesHostPorts
        ? Enumerable.Range(HostPorts.First, HostPorts.Count).Select(n => new PortClaim(Protocol, Binding.HostAddress, n, Binding.Path == PortPath.Forwarder))
        : [];

    /// <summary>As people write it: <c>0.0.0.0:8080/tcp</c>.</summary>
    public override string ToString() => PortText.Of(Binding.HostAddress, HostPorts, Protocol);
}
