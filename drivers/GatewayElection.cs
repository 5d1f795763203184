using System.Net;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>
/// Which endpoint of a sandbox leads to the world (FACTS 1.2). Higher priority wins, then more families with a gateway,
/// then the network's name; endpoints of internal networks never stand. Each family goes to the first that has it, so
/// IPv4 and IPv6 may leave by different endpoints.
/// </summary>
/// <param name="Ipv4">Who gives the IPv4 default route; null if nobody can.</param>
/// <param name="Ipv6">Who gives the IPv6 default route; null if nobody can.</param>
public sealed record GatewayElection(SandboxEndpointView? Ipv4, SandboxEndpointView? Ipv6)
{
    /// <summary>Holds the election; the order of the endpoints does not matter.</summary>
    public static GatewayElection Hold(IEnumerable<SandboxEndpointView> endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var order = InOrder(endpoints).Where(static e => !e.IsInternal).ToArray();
        return new GatewayElection(
            Array.Find(order, static e => e.Gateway4 is not null),
            Array.Find(order, static e => e.Gateway6 is not null));
    }

    /// <summary>All endpoints, the most preferred first: those of internal networks stand behind the others.</summary>
    public static IEnumerable<SandboxEndpointView> InOrder(IEnumerable<SandboxEndpointView> endpoints) =>
        endpoints
            .OrderBy(static e => e.IsInternal)
            .ThenByDescending(static e => e.GatewayPriority)
            .ThenByDescending(static e => Count(e.Gateway4) + Count(e.Gateway6))
            .ThenBy(static e => e.NetworkName, StringComparer.Ordinal)
            .ThenBy(static e => e.Interface, StringComparer.Ordinal); // two endpoints on one network

    private static int Count(IPAddress? gateway) => gateway is null ? 0 : 1;
}
