using System.Net;

namespace Networking.Netd.Ipam;

/// <summary>How firmly something of the host stands in the way of a subnet.</summary>
internal enum ObstacleKind
{
    /// <summary>A network that the host is on: never overlapped, neither by choice nor when asked.</summary>
    Connected,

    /// <summary>A name server of the host: never inside a chosen subnet, warned about in one that was asked for.</summary>
    Resolver,

    /// <summary>
    /// A route out of an interface, without a gateway and without an address of ours in it, as a tunnel has: avoided while
    /// anything else is free, warned about else.
    /// </summary>
    OnLink,

    /// <summary>A route through a gateway: avoided and warned about likewise, and given up before <see cref="OnLink"/> is.</summary>
    Routed,

    /// <summary>
    /// A route that stands for everything, as full-tunnel VPNs make two of: 0.0.0.0/1 and 128.0.0.0/1, 2000::/3. No subnet is
    /// outside all of them, so they say nothing about any (FACTS T29).
    /// </summary>
    Everything,
}

/// <summary>Something of the host that a subnet may overlap.</summary>
/// <param name="Prefix">Its addresses.</param>
/// <param name="Kind">How firmly it stands there.</param>
/// <param name="Holder">What it is, in words for people: <c>the host's interface ens3</c>, <c>a route by 10.8.0.1 on tun0</c>.</param>
/// <param name="Link">Its interface; empty if it has none.</param>
internal sealed record HostObstacle(IPNetwork Prefix, ObstacleKind Kind, string Holder, string Link)
{
    /// <summary>True if its interface is a device of ours, by the alias.</summary>
    public bool IsOurs { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Prefix} of {Holder}";
}
