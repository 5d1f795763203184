using System.Net;
using Networking.Model;

namespace Networking.Netd.Ports;

/// <summary>A published port whose host side is claimed; the endpoint's address is leased in the step that commits it.</summary>
/// <param name="Protocol">Transport protocol.</param>
/// <param name="Binding">Host address and path.</param>
/// <param name="HostPorts">Ports on the host.</param>
/// <param name="TargetFirst">First port in the sandbox.</param>
/// <param name="Exposure">Who may reach it.</param>
internal sealed record PortGrant(PortProtocol Protocol, PortBinding Binding, PortRange HostPorts, int TargetFirst, PortExposure Exposure)
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
    };

    /// <summary>As people write it: <c>0.0.0.0:8080/tcp</c>.</summary>
    public override string ToString() => PortText.Of(Binding.HostAddress, HostPorts, Protocol);
}
