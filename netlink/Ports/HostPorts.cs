using System.Collections.Immutable;
using System.Net.Sockets;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>
/// Ports of the daemon's own namespace, kept by real sockets: what the kernel has bound to us it gives to nobody else, whatever
/// that program knows of containers.
/// </summary>
/// <remarks>
/// Sockets are opened in the calling thread. Threads of this room enter other namespaces for raw calls only and are home
/// before anything else runs; the first socket of each request is asked all the same where it was born.
/// </remarks>
internal sealed class HostPorts : IHostPorts
{
    private readonly ulong _homeCookie;

    /// <param name="homeCookie">SO_NETNS_COOKIE of the daemon's namespace.</param>
    public HostPorts(ulong homeCookie) => _homeCookie = homeCookie;

    /// <inheritdoc/>
    public (ImmutableArray<IPortReservation> Reservations, ImmutableArray<PortRefusal> Refusals) Reserve(ImmutableArray<PortClaim> claims)
    {
        var reservations = ImmutableArray.CreateBuilder<IPortReservation>(claims.Length);
        var refused = new List<(PortClaim Claim, int Errno)>();
        foreach (var claim in claims)
        {
            if (PortSocket.TryOpen(claim, out var errno) is { } socket)
            {
                CheckHome(socket, isFirst: reservations.Count == 0);
                reservations.Add(new PortReservation(claim, socket));
                continue;
            }

            refused.Add((claim, errno));
            if (ReasonOf(errno) == PortRefusalReason.NoRoom)
            {
                break;
            }
        }

        if (refused.Count == 0)
        {
            return (reservations.ToImmutable(), []);
        }

        foreach (var reservation in reservations)
        {
            reservation.Dispose();
        }

        return ([], Refusals(refused));
    }

    /// <inheritdoc/>
    public ImmutableArray<PortRefusal> Check(ImmutableArray<PortClaim> claims)
    {
        var holders = FindHolders(claims, SocketDump.Bound);
        return [.. claims.Where(holders.ContainsKey).Select(claim => new PortRefusal(claim, PortRefusalReason.Taken, ErrorOf(claim, Errno.AddressInUse), holders[claim]))];
    }

    /// <inheritdoc/>
    public LocalPorts ReadLocalPorts() => LocalPortFiles.Read();

    private static ImmutableArray<PortRefusal> Refusals(List<(PortClaim Claim, int Errno)> refused)
    {
        var holders = NameHolders([.. refused.Where(static r => r.Errno == Errno.AddressInUse).Select(static r => r.Claim)]);
        return [.. refused.Select(r => new PortRefusal(
            r.Claim, ReasonOf(r.Errno), ErrorOf(r.Claim, r.Errno), r.Errno == Errno.AddressInUse ? holders.GetValueOrDefault(r.Claim) : null))];
    }

    private static Dictionary<PortClaim, PortHolder> NameHolders(ImmutableArray<PortClaim> claims)
    {
        try
        {
            return FindHolders(claims, SocketDump.Everything);
        }
        catch (KernelException)
        {
            return []; // the refusal counts, with or without a name
        }
    }

    private static PortRefusalReason ReasonOf(int errno) => errno switch
    {
        Errno.AddressInUse => PortRefusalReason.Taken,
        Errno.AddressNotAvailable => PortRefusalReason.NoSuchAddress,
        Errno.FamilyNotSupported => PortRefusalReason.NoSuchFamily,
        Errno.ProtocolNotSupported or Errno.SocketTypeNotSupported => PortRefusalReason.NoSuchProtocol,
        Errno.ProcessFilesExhausted or Errno.SystemFilesExhausted or Errno.NoMemory or Errno.NoBuffers => PortRefusalReason.NoRoom,
        _ => PortRefusalReason.Other,
    };

    private static KernelError ErrorOf(PortClaim claim, int errno) => SystemCalls.ErrorOf(
        errno,
        $"reserve port {claim.Port}/{claim.Protocol.Word()} of {claim.Address}",
        errno switch
        {
            Errno.AddressInUse => "another socket has it",
            Errno.AddressNotAvailable => "the host does not have this address, or not yet",
            Errno.ProtocolNotSupported => "the kernel does not speak this protocol",
            Errno.ProcessFilesExhausted => "the process may not open more sockets (LimitNOFILE)",
            Errno.SystemFilesExhausted => "the host may not open more files (fs.file-max)",
            _ => null,
        });

    /// <summary>One dump a protocol and family, however many claims; one walk through the processes for all holders.</summary>
    private static Dictionary<PortClaim, PortHolder> FindHolders(ImmutableArray<PortClaim> claims, uint states)
    {
        var holders = new Dictionary<PortClaim, PortHolder>();
        if (claims.IsEmpty)
        {
            return holders;
        }

        var sockets = new Dictionary<PortClaim, HostSocket>();
        using var netlink = NetlinkSocket.Open(NetlinkProtocol.SocketDiagnosis);
        foreach (var ofProtocol in claims.GroupBy(static claim => claim.Protocol))
        {
            FindSockets(netlink, [.. ofProtocol.Distinct()], states, sockets);
        }

        var owners = SocketOwners.Find(sockets.Values.Select(static socket => socket.Inode));
        foreach (var (claim, socket) in sockets)
        {
            var owner = owners.TryGetValue(socket.Inode, out var found) ? found : default((int ProcessId, string? Name)?);
            holders[claim] = new PortHolder(socket.Address, socket.Port, owner?.ProcessId, owner?.Name);
        }

        return holders;
    }

    private static void FindSockets(NetlinkSocket netlink, PortClaim[] claims, uint states, Dictionary<PortClaim, HostSocket> found)
    {
        var ports = new PortRange(claims.Min(static claim => claim.Port), claims.Max(static claim => claim.Port));
        var sockets = SocketDump.Read(netlink, claims[0].Protocol, SocketName.Ipv6Family, ports, states);
        if (claims.Any(static claim => claim.Address.AddressFamily == AddressFamily.InterNetwork))
        {
            sockets.AddRange(SocketDump.Read(netlink, claims[0].Protocol, SocketName.Ipv4Family, ports, states));
        }

        // Who listens before whom it talks to, and one with a process before one that is ending.
        var byPort = sockets.OrderByDescending(static socket => socket.IsListening).ThenByDescending(static socket => socket.Inode != 0)
            .ToLookup(static socket => socket.Port);
        foreach (var claim in claims)
        {
            if (byPort[claim.Port].FirstOrDefault(socket => socket.StandsInTheWayOf(claim)) is { } socket)
            {
                found[claim] = socket;
            }
        }
    }

    private void CheckHome(FileDescriptor socket, bool isFirst)
    {
        if (isFirst)
        {
            Invariant.Check(SystemCalls.NetnsCookieOf(socket) == _homeCookie, "a port of the host was asked for by a thread that is not at home");
        }
    }
}
