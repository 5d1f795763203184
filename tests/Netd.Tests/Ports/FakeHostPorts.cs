using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netd.Tests.Ports;

/// <summary>A host whose ports are numbers in a set: who holds what, and which families and protocols there are.</summary>
internal sealed class FakeHostPorts : IHostPorts
{
    private readonly HashSet<(PortProtocol Protocol, IPAddress Address, int Port)> _bound = [];

    /// <summary>Ports of another process, of every address.</summary>
    public HashSet<(PortProtocol Protocol, int Port)> Foreign { get; } = [];

    public bool HasIpv6 { get; set; } = true;

    public bool HasSctp { get; set; } = true;

    public HashSet<IPAddress> Addresses { get; } = [IPAddress.Any, IPAddress.IPv6Any, IPAddress.Loopback, IPAddress.IPv6Loopback];

    public LocalPorts Local { get; set; } = new(new PortRange(32768, 32777), []);

    /// <summary>How many sockets there may be.</summary>
    public int Room { get; set; } = int.MaxValue;

    public int Bound => _bound.Count;

    public int Checks { get; private set; }

    /// <summary>Goes before each look-up; may throw, as the real one does when the kernel does not answer.</summary>
    public Action Checking { get; set; } = static () => { };

    public (ImmutableArray<IPortReservation> Reservations, ImmutableArray<PortRefusal> Refusals) Reserve(ImmutableArray<PortClaim> claims)
    {
        var refusals = claims.Select(Refusal).OfType<PortRefusal>().ToImmutableArray();
        if (!refusals.IsEmpty)
        {
            return ([], refusals);
        }

        if (claims.Length > Room - Bound)
        {
            return ([], [Refused(claims[Math.Max(Room - Bound, 0)], PortRefusalReason.NoRoom, 24, "EMFILE")]); // those behind are not tried
        }

        Assert.All(claims, c => Assert.True(_bound.Add((c.Protocol, c.Address, c.Port)), $"{c} was bound twice"));
        return ([.. claims.Select(c => new Reservation(this, c))], []);
    }

    public ImmutableArray<PortRefusal> Check(ImmutableArray<PortClaim> claims)
    {
        Checks++;
        Checking();
        return [.. claims.Select(Refusal).OfType<PortRefusal>()];
    }

    public LocalPorts ReadLocalPorts() => Local;

    private PortRefusal? Refusal(PortClaim claim)
    {
        var isIpv6 = claim.Address.AddressFamily == AddressFamily.InterNetworkV6;
        return isIpv6 && !HasIpv6 ? Refused(claim, PortRefusalReason.NoSuchFamily, 97, "EAFNOSUPPORT")
            : claim.Protocol == PortProtocol.Sctp && !HasSctp ? Refused(claim, PortRefusalReason.NoSuchProtocol, 93, "EPROTONOSUPPORT")
            : !Addresses.Contains(claim.Address) ? Refused(claim, PortRefusalReason.NoSuchAddress, 99, "EADDRNOTAVAIL")
            : Foreign.Contains((claim.Protocol, claim.Port)) ? Refused(claim, PortRefusalReason.Taken, 98, "EADDRINUSE") with { Holder = new PortHolder(claim.Address, claim.Port, 812, "nginx") }
            : _bound.Contains((claim.Protocol, claim.Address, claim.Port)) ? Refused(claim, PortRefusalReason.Taken, 98, "EADDRINUSE")
            : null;
    }

    private static PortRefusal Refused(PortClaim claim, PortRefusalReason reason, int errno, string name) =>
        new(claim, reason, new KernelError(errno, name, $"bind {claim.Address} port {claim.Port}"), null);

    private sealed class Reservation(FakeHostPorts host, PortClaim claim) : IPortReservation
    {
        public PortClaim Claim { get; } = claim;

        public void Dispose() => host._bound.Remove((Claim.Protocol, Claim.Address, Claim.Port));
    }
}
