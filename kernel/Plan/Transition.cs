using System.Collections.Immutable;
using System.Net;
using Networking.Model;

namespace Networking.Kernel;

/// <summary>
/// Something done once because the state changed, that leaves no object behind: an announcement, a conntrack flush.
/// Derived by the planner only; idempotent, best effort, with a status. A closed union.
/// </summary>
public abstract record Transition
{
    private protected Transition()
    {
    }

    /// <summary>Where it is done.</summary>
    public required NetNs Namespace { get; init; }
}

/// <summary>Tells the segment about new addresses: gratuitous ARP (RFC 5227) and unsolicited neighbour advertisement (RFC 4861 7.2.6).</summary>
public sealed record AnnounceTransition : Transition
{
    /// <summary>The interface that sends.</summary>
    public required string Link { get; init; }

    /// <summary>Its hardware address.</summary>
    public required MacAddress Mac { get; init; }

    /// <summary>How often, and how far apart.</summary>
    public required AnnouncePolicy Policy { get; init; }

    /// <summary>The addresses to announce.</summary>
    public required ImmutableArray<InterfaceAddress> Addresses { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"! announce {string.Join(", ", Addresses)} at {Mac} on {Link} [{Namespace}]";

    /// <summary>Compares addresses by content.</summary>
    public bool Equals(AnnounceTransition? other) =>
        other is not null && Namespace == other.Namespace && Link == other.Link && Mac == other.Mac && Addresses.SequenceEqual(other.Addresses);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Namespace, Link, Mac, Addresses.Length);
}

/// <summary>
/// Forgets connections that came to a port of the host: the kernel would go on sending their packets where they went before
/// the port was published, moved or closed (FACTS P20, T30). It names the host's address and port, never the target's, and
/// no address where the port is published on all.
/// </summary>
/// <remarks>
/// Of UDP every connection; of the others only those that nothing translates: they began while the port led nowhere, and
/// however often their first packet is sent again, the kernel does not look at the rules a second time.
/// </remarks>
public sealed record ConntrackFlushTransition : Transition
{
    /// <summary>Transport protocol.</summary>
    public PortProtocol Protocol { get; init; } = PortProtocol.Udp;

    /// <summary>Whether connections that are translated are left alone.</summary>
    public bool SparesTranslated => Protocol != PortProtocol.Udp;

    /// <summary>Whether IPv6 connections are meant.</summary>
    public required bool IsIpv6 { get; init; }

    /// <summary>Destination address of the connection's first packet; null for any.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>Destination ports of the connection's first packet.</summary>
    public required PortRange Ports { get; init; }

    /// <inheritdoc/>
    public override string ToString() =>
        $"! forget connections to {Address?.ToString() ?? (IsIpv6 ? "any IPv6 address" : "any IPv4 address")} port {Ports}/{Protocol.Word()} [{Namespace}]";
}
