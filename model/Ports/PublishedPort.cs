using System.Net;
using System.Net.Sockets;

namespace Networking.Model;

/// <summary>How a published port reaches its target.</summary>
public enum PortPath
{
    /// <summary>The kernel rewrites the destination.</summary>
    Kernel,

    /// <summary>The daemon's forwarder accepts and connects: what the kernel cannot translate, one family to the other.</summary>
    Forwarder,

    /// <summary>Nothing is translated: the target's own address is reached, and the host's ports are not taken.</summary>
    Direct,
}

/// <summary>A published port as granted: consecutive ports of one host address, paired in order with as many of the target.</summary>
public sealed record PublishedPort
{
    /// <summary>Transport protocol.</summary>
    public required PortProtocol Protocol { get; init; }

    /// <summary>Address of the host; the unspecified one for all of its family.</summary>
    public required IPAddress HostAddress { get; init; }

    /// <summary>Ports on the host.</summary>
    public required PortRange HostPorts { get; init; }

    /// <summary>Address in the sandbox, of the same family unless <see cref="Path"/> is the forwarder.</summary>
    public required IPAddress TargetAddress { get; init; }

    /// <summary>First port in the sandbox; the others follow in order.</summary>
    public required int TargetFirst { get; init; }

    /// <summary>Who may reach it.</summary>
    public required PortExposure Exposure { get; init; }

    /// <summary>By what it reaches the target.</summary>
    public PortPath Path { get; init; }

    /// <summary>
    /// True if no socket was bound for it: that its ports are free was looked up once. Written down, so that a restart binds what
    /// was bound, and no more.
    /// </summary>
    public bool IsOnlyChecked { get; init; }

    /// <summary>True if every host port leads to the target port of the same number.</summary>
    public bool IsUnshifted => HostPorts.First == TargetFirst;

    /// <summary>True if ports of the host are taken for it.</summary>
    public bool TakesHostPorts => Path != PortPath.Direct;

    /// <summary>True if it is published on every address of its family.</summary>
    public bool IsAnyAddress => HostAddress.Equals(IPAddress.Any) || HostAddress.Equals(IPAddress.IPv6Any);

    /// <summary>True for an IPv6 host address.</summary>
    public bool IsIpv6 => HostAddress.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>Ports in the sandbox.</summary>
    public PortRange TargetPorts => new(TargetFirst, TargetFirst + HostPorts.Count - 1);

    /// <inheritdoc/>
    public override string ToString() => $"{PortText.Of(HostAddress, HostPorts)} -> {PortText.Of(TargetAddress, TargetPorts, Protocol)}";
}
