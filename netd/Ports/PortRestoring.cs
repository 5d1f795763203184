using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netd.Ports;

/// <summary>What became of an endpoint's sockets at a start.</summary>
/// <param name="Reservations">Those there are.</param>
/// <param name="News">Type and text of an event for each that there is not.</param>
internal sealed record RestoredPorts(ImmutableArray<IPortReservation> Reservations, ImmutableArray<(string Type, string Message)> News);

/// <summary>
/// Binds after a restart what was bound before it: first what netd serves by itself, for there the socket is the service, then single
/// ports before ranges. One that cannot be had takes none of the others with it.
/// </summary>
internal static class PortRestoring
{
    private const int AtOnce = 256; // a refusal gives back what was bound with it
    private const int ToldMax = 16;

    /// <summary>Binds, and says what could not be.</summary>
    /// <param name="host">Ports of the host.</param>
    /// <param name="endpoint">Whose.</param>
    /// <param name="socketsLeft">How many may be bound.</param>
    public static RestoredPorts Restore(IHostPorts host, EndpointRecord endpoint, int socketsLeft)
    {
        // Earlier versions did not write down what was only checked; they had no sockets for so large a range.
        var claims = endpoint.Ports
            .Where(static p => p.TakesHostPorts && !p.IsOnlyChecked && p.HostPorts.Count <= PortLimits.ServedMax)
            .OrderByDescending(PortService.IsNeeded)
            .ThenBy(static p => p.HostPorts.Count)
            .SelectMany(static p => Enumerable.Range(p.HostPorts.First, p.HostPorts.Count)
                .Select(n => (Port: p, Claim: new PortClaim(p.Protocol, p.HostAddress, n, p.Path == PortPath.Forwarder))))
            .ToImmutableArray();
        var reservations = ImmutableArray.CreateBuilder<IPortReservation>(Math.Min(claims.Length, socketsLeft));
        var refusals = new Dictionary<PortClaim, PortRefusal?>();
        foreach (var some in claims.Take(socketsLeft).Select(static c => c.Claim).Chunk(AtOnce))
        {
            if (!TryBind(host, [.. some], reservations, refusals))
            {
                break;
            }
        }

        var had = reservations.Select(static r => r.Claim).ToHashSet();
        return new RestoredPorts(reservations.ToImmutable(), Tell(endpoint, claims.Where(c => !had.Contains(c.Claim)), refusals));
    }

    // False if nothing more can be bound at all: no descriptors, no memory.
    private static bool TryBind(
        IHostPorts host, ImmutableArray<PortClaim> claims, ImmutableArray<IPortReservation>.Builder reservations, Dictionary<PortClaim, PortRefusal?> refusals)
    {
        var isEnd = false;
        while (!claims.IsEmpty)
        {
            var (bound, refused) = host.Reserve(claims);
            reservations.AddRange(bound);
            if (refused.IsEmpty)
            {
                break;
            }

            foreach (var refusal in refused)
            {
                refusals[refusal.Claim] = refusal;
            }

            // Behind the one that found no room nothing was tried; what was before it can be had.
            var tried = refused.FirstOrDefault(static r => r.Reason == PortRefusalReason.NoRoom) is { } last ? claims[..claims.IndexOf(last.Claim)] : claims;
            isEnd |= tried.Length < claims.Length;
            claims = [.. tried.Where(c => !refusals.ContainsKey(c))];
        }

        return !isEnd;
    }

    private static ImmutableArray<(string Type, string Message)> Tell(
        EndpointRecord endpoint, IEnumerable<(PublishedPort Port, PortClaim Claim)> lost, Dictionary<PortClaim, PortRefusal?> refusals)
    {
        var all = lost
            .Select(l => (l.Port, l.Claim, Refusal: refusals.GetValueOrDefault(l.Claim)))
            .GroupBy(static l => (l.Port, Who: WhoOf(l.Refusal), Why: WhyOf(l.Refusal)))
            .Select(g => NewsOf(endpoint, g.Key.Port, PortRuns.Of(g.Select(static l => l.Claim.Port)), g.Key.Who, g.Key.Why))
            .ToImmutableArray();
        return all.Length <= ToldMax ? all
            : [.. all.Take(ToldMax), ("port.unserved", $"and {all.Length - ToldMax} more host ports of endpoint {endpoint.Name} have no socket: netctl ports shows them")];
    }

    private static string? WhoOf(PortRefusal? refusal) =>
        refusal is { Reason: PortRefusalReason.Taken } ? refusal.Holder?.Who ?? "a socket that could not be found" : null;

    private static string WhyOf(PortRefusal? refusal) => refusal switch
    {
        null => "netd has no sockets left for it (half of LimitNOFILE are for ports)",
        { Reason: PortRefusalReason.NoSuchAddress } => "the host has no such address now",
        _ => refusal.Error.KernelText ?? refusal.Error.ErrnoName,
    };

    private static (string Type, string Message) NewsOf(EndpointRecord endpoint, PublishedPort port, ImmutableArray<PortRange> numbers, string? who, string why)
    {
        var what = numbers is [var range]
            ? $"host port {PortText.Of(port.HostAddress, range, port.Protocol)} of endpoint {endpoint.Name}"
            : $"host ports {PortRuns.Text(numbers)} of {PortText.Of(port.HostAddress, port.HostPorts, port.Protocol)} of endpoint {endpoint.Name}";
        var reach = !PortService.IsNeeded(port) ? "packets from outside still reach the endpoint"
            : PortService.IsAll(port) ? "nobody reaches the endpoint there"
            : "packets from outside still reach the endpoint, from ::1 it is not reached";
        const string next = "netctl update with --unpublish and --publish binds it anew";
        return who is null
            ? ("port.unserved", $"{what} could not be bound again, {why}; {reach}; {next}")
            : ("port.taken", $"{what} was taken by {who} while netd did not run; {reach}; once it is free, {next}");
    }
}
