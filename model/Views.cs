using System.Collections.Immutable;
using System.Net;

namespace Networking.Model;

/// <summary>What pure code sees of a network: granted claims only, nothing left to choose.</summary>
/// <param name="Network">The network as committed.</param>
/// <param name="OwnerTag">Mark of this daemon instance, <c>netd:xxxxxxxx</c>; the start of every link alias of ours.</param>
public sealed record NetworkView(NetworkRecord Network, string OwnerTag)
{
    /// <inheritdoc cref="NodeView.OriginalSysctls"/>
    public ImmutableSortedDictionary<string, string> OriginalSysctls { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}

/// <summary>What pure code sees of an endpoint.</summary>
/// <param name="Endpoint">The endpoint as committed.</param>
/// <param name="Namespace">The namespace its interface lives in.</param>
public sealed record EndpointView(EndpointRecord Endpoint, NetNs Namespace)
{
    /// <summary>New interfaces of that namespace come without IPv6, unless it is turned on for them.</summary>
    public bool IsIpv6Off { get; init; }
}

/// <summary>What pure code sees of a sandbox: what its endpoints decide together.</summary>
public sealed record SandboxView
{
    /// <summary>The sandbox as committed.</summary>
    public required SandboxRecord Sandbox { get; init; }

    /// <summary>Where its resolver's sockets are, in its namespace; null without one.</summary>
    public IPEndPoint? Resolver { get; init; }

    /// <summary>Its endpoints with their networks, in any order.</summary>
    public ImmutableArray<SandboxEndpointView> Endpoints { get; init; } = [];
}

/// <summary>One endpoint of a sandbox, with what gateway election needs of it.</summary>
/// <param name="NetworkName">Last tie-break of the election.</param>
/// <param name="IsInternal">An internal network gives no default route.</param>
/// <param name="Interface">Interface name in the sandbox.</param>
/// <param name="GatewayPriority">Higher wins.</param>
/// <param name="Gateway4">IPv4 gateway; null if the network has none.</param>
/// <param name="Gateway6">IPv6 gateway; null if the network has none.</param>
public sealed record SandboxEndpointView(
    string NetworkName,
    bool IsInternal,
    string Interface,
    int GatewayPriority,
    IPAddress? Gateway4,
    IPAddress? Gateway6);

/// <summary>What pure code sees of the node.</summary>
public sealed record NodeView
{
    /// <summary>Mark of this daemon instance, <c>netd:xxxxxxxx</c>.</summary>
    public required string OwnerTag { get; init; }

    /// <summary>Whether any network's packets meet the host: even an internal one's need the node's firewall.</summary>
    public bool NeedsFirewall { get; init; }

    /// <summary>Whether any network needs the host to forward IPv4.</summary>
    public bool NeedsForwarding4 { get; init; }

    /// <summary>Whether any network needs the host to forward IPv6.</summary>
    public bool NeedsForwarding6 { get; init; }

    /// <summary>Host sysctls from before we changed them, by path below /proc/sys.</summary>
    public ImmutableSortedDictionary<string, string> OriginalSysctls { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Those that a network had changed which is gone, or needs them no more, when the daemon starts: they are still to be put back.</summary>
    public ImmutableArray<string> OwedSysctls { get; init; } = [];

    /// <summary>Chains of others that drop forwarded packets by default, and are to accept those with our mark; none if netd may not ask them.</summary>
    public ImmutableArray<ForeignChain> ForeignChains { get; init; } = [];

    /// <summary>Interfaces for which others have rules about forwarded packets, ordered.</summary>
    public ImmutableArray<ForeignLink> ForeignLinks { get; init; } = [];

    /// <summary>Bits of a packet's mark by which foreign chains know what our own has let pass.</summary>
    public uint AdmissionMark { get; init; }

    /// <summary>Interfaces with an IPv6 default route learnt from router advertisements: they need accept_ra=2 once we forward.</summary>
    public ImmutableArray<string> RouterAdvertisementInterfaces { get; init; } = [];
}

/// <summary>A chain of somebody else that takes one rule of ours.</summary>
/// <param name="Family">Family of its table as nft writes it: <c>ip</c>, <c>ip6</c> or <c>inet</c>.</param>
/// <param name="Table">Its table.</param>
/// <param name="Chain">Its name.</param>
public sealed record ForeignChain(string Family, string Table, string Chain);

/// <summary>An interface for which somebody else has rules about forwarded packets of a family, such as Docker for <c>docker0</c>.</summary>
/// <param name="IsIpv6">The family.</param>
/// <param name="Name">Its name.</param>
/// <param name="IsGuarded">
/// Whether those rules judge whatever leaves by it (they send all of it to a chain of their own, or drop it): then what
/// sandboxes send there is theirs to judge, too.
/// </param>
public sealed record ForeignLink(bool IsIpv6, string Name, bool IsGuarded);
