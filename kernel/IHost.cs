using System.Collections.Immutable;
using System.Net;
using Networking.Model;

namespace Networking.Kernel;

/// <summary>An interface of the host, as far as claims need to know it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">The kernel's word for its kind (IFLA_INFO_KIND), empty for hardware and loopback.</param>
/// <param name="Alias">Its alias, if it has one.</param>
/// <param name="MtuBytes">Its MTU.</param>
/// <param name="Master">Name of the bridge it is a port of, if any.</param>
/// <param name="Addresses">Its addresses.</param>
public sealed record HostLink(
    string Name, string Kind, string? Alias, int MtuBytes, string? Master, ImmutableArray<InterfaceAddress> Addresses)
{
    /// <summary>Whether it is administratively up (IFF_UP).</summary>
    public bool IsUp { get; init; } = true;

    /// <summary>Its hardware address.</summary>
    public MacAddress Mac { get; init; }

    /// <summary>The interface of the same namespace that it stands on (IFLA_LINK), if any.</summary>
    public string? Below { get; init; }

    /// <summary>Whether nothing else may stand on that interface (a macvlan or macvtap in mode passthru).</summary>
    public bool IsAlone { get; init; }
}

/// <summary>A route of the host to a prefix that is on-link or goes through a gateway.</summary>
public sealed record HostRoute(IPNetwork Destination, IPAddress? Gateway, string Link, byte Protocol);

/// <summary>What the daemon must know of the host's namespace before it grants claims.</summary>
public sealed record HostFacts
{
    /// <summary>All interfaces, ordered by name.</summary>
    public ImmutableArray<HostLink> Links { get; init; } = [];

    /// <summary>Unicast routes of the main table, both families.</summary>
    public ImmutableArray<HostRoute> Routes { get; init; } = [];

    /// <summary>Interfaces with an IPv6 default route learnt from router advertisements (RTPROT_RA).</summary>
    public ImmutableArray<string> RouterAdvertisementLinks { get; init; } = [];

    /// <summary>The sysctls asked for that exist, by path below /proc/sys.</summary>
    public ImmutableSortedDictionary<string, string> Sysctls { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}

/// <summary>Reads the host's own namespace.</summary>
public interface IHost
{
    /// <summary>Reads interfaces, addresses, routes and the sysctls named (paths below /proc/sys).</summary>
    Task<HostFacts> ReadAsync(ImmutableArray<string> sysctls, CancellationToken cancellationToken);
}
