using System.Net;
using System.Net.Sockets;

namespace Networking.Model;

/// <summary>A port that a user asked to publish; nothing in it was chosen by the daemon.</summary>
public sealed record PublishSpec
{
    /// <summary>Ports in the sandbox.</summary>
    public required PortRange Target { get; init; }

    /// <summary>
    /// Ports on the host: as many as <see cref="Target"/>, paired in order; or, for a single target, any one of these.
    /// Null for any free ones of the kernel's local port range.
    /// </summary>
    public PortRange? Published { get; init; }

    /// <summary>Transport protocol.</summary>
    public PortProtocol Protocol { get; init; } = PortProtocol.Tcp;

    /// <summary>
    /// Address of the host; the unspecified address of a family for all of that family's. Null for the network's
    /// <c>host_binding_ipv4</c> if it has one, else all addresses of both families (FACTS 1.7, T21).
    /// </summary>
    public IPAddress? HostAddress { get; init; }

    /// <summary>Who may reach it; null for the default of the network, else of the daemon.</summary>
    public PortExposure? Exposure { get; init; }

    /// <summary>
    /// As it is written after <c>--publish</c>: <c>[::1]:8080:80/tcp</c>, or, if it says who may reach it,
    /// <c>published=8080,target=80,protocol=tcp,expose=lan</c>. Reading that again gives an equal specification.
    /// </summary>
    public override string ToString()
    {
        var protocol = Protocol.Word();
        if (Exposure is { } exposure)
        {
            return string.Concat(
                Published is { } ports ? $"published={ports}," : string.Empty,
                $"target={Target},protocol={protocol}",
                HostAddress is null ? string.Empty : $",ip={HostAddress}",
                $",expose={exposure.Word()}");
        }

        var address = HostAddress switch
        {
            null => string.Empty,
            { AddressFamily: AddressFamily.InterNetworkV6 } => $"[{HostAddress}]:",
            _ => $"{HostAddress}:",
        };
        var published = Published is { } range ? $"{range}:" : address.Length == 0 ? string.Empty : ":";
        return $"{address}{published}{Target}/{protocol}";
    }
}
