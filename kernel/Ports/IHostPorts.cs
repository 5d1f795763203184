using System.Collections.Immutable;
using System.Net;
using Networking.Model;

namespace Networking.Kernel;

/// <summary>One port of one address of the host that shall be nobody else's.</summary>
/// <param name="Protocol">Transport protocol.</param>
/// <param name="Address">
/// The address; the unspecified one for all of its family. <see cref="IPAddress.IPv6Any"/> is IPv6 alone: IPv4 is claimed apart.
/// </param>
/// <param name="Port">1 to 65535.</param>
/// <param name="IsForwarded">
/// True if connections that reach the socket are to be accepted by the forwarder, from anywhere; else from <c>::1</c> only,
/// for the kernel cannot rewrite those, and everything else that gets here while no rule stands is dropped in silence.
/// </param>
public sealed record PortClaim(PortProtocol Protocol, IPAddress Address, int Port, bool IsForwarded = false);

/// <summary>A socket of somebody that stands in the way of a claim.</summary>
/// <param name="Address">Its local address.</param>
/// <param name="Port">Its local port.</param>
/// <param name="ProcessId">Whose, if it can be seen.</param>
/// <param name="ProcessName">Name of that process, if it can be seen.</param>
public sealed record PortHolder(IPAddress Address, int Port, int? ProcessId, string? ProcessName)
{
    /// <summary>Who, in words for people: <c>process nginx (pid 812)</c>.</summary>
    public string Who => ProcessId is { } pid ? $"process {ProcessName ?? "?"} (pid {pid})" : "a socket whose process cannot be seen";
}

/// <summary>What stands in the way of a claim.</summary>
public enum PortRefusalReason
{
    /// <summary>Another socket has the port (EADDRINUSE).</summary>
    Taken,

    /// <summary>The host does not have the address (EADDRNOTAVAIL).</summary>
    NoSuchAddress,

    /// <summary>The kernel does not speak the address's family (EAFNOSUPPORT), or not yet.</summary>
    NoSuchFamily,

    /// <summary>The kernel does not speak the protocol (EPROTONOSUPPORT, ESOCKTNOSUPPORT).</summary>
    NoSuchProtocol,

    /// <summary>The process or the host has no descriptors or memory left (EMFILE, ENFILE, ENOMEM, ENOBUFS); what is behind was not tried.</summary>
    NoRoom,

    /// <summary>Anything else; the error tells.</summary>
    Other,
}

/// <summary>Why a claim could not be had.</summary>
/// <param name="Claim">Which.</param>
/// <param name="Reason">What kind of trouble.</param>
/// <param name="Error">What the kernel said to binding it.</param>
/// <param name="Holder">Who holds it, for EADDRINUSE; null if nobody was found.</param>
public sealed record PortRefusal(PortClaim Claim, PortRefusalReason Reason, KernelError Error, PortHolder? Holder);

/// <summary>
/// A bound socket that keeps a port for us. Disposing it gives the port back. Its owner keeps it; who accepts from it asks
/// the room that made it, for this one knows no sockets.
/// </summary>
public interface IPortReservation : IDisposable
{
    /// <summary>What it keeps.</summary>
    PortClaim Claim { get; }
}

/// <summary>Ports of the host's own namespace. Claims that are bound are safe from every other process.</summary>
public interface IHostPorts
{
    /// <summary>
    /// Binds a socket for each claim. All or none: on refusal nothing stays bound and every claim that failed is told.
    /// A protocol the kernel does not know (SCTP without its module) is a refusal with EPROTONOSUPPORT. When the process or
    /// the host has no descriptors or memory left (EMFILE, ENFILE, ENOMEM, ENOBUFS) the claims behind are not tried.
    /// </summary>
    (ImmutableArray<IPortReservation> Reservations, ImmutableArray<PortRefusal> Refusals) Reserve(ImmutableArray<PortClaim> claims);

    /// <summary>
    /// Who stands in the way of the claims, by the kernel's list of sockets (NETLINK_SOCK_DIAG), binding nothing: for
    /// requests with more ports than sockets should be spent on. Costs one dump a protocol and family.
    /// </summary>
    ImmutableArray<PortRefusal> Check(ImmutableArray<PortClaim> claims);

    /// <summary>
    /// The ports that are given when nobody asks for a number, as the kernel says now: an administrator may change them at
    /// any time.
    /// </summary>
    LocalPorts ReadLocalPorts();
}
