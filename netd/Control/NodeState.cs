using System.Collections.Immutable;
using System.Net;
using Networking.Dns;
using Networking.Drivers;
using Networking.Ipam;
using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Firewall;
using Networking.Netd.Ports;

namespace Networking.Netd.Control;

/// <summary>
/// Everything the daemon has granted, as one immutable value. The controller's loop replaces it; readers take it once per
/// request. Persistent maps throughout: a change copies a path, never the whole.
/// </summary>
internal sealed record NodeState
{
    public required NodeRecord Node { get; init; }

    /// <summary>Grows with every change of intent; scopes report which one they have reached.</summary>
    public long Revision { get; init; }

    /// <summary>The revision that last changed what is asked of the node itself.</summary>
    public long NodeRevision { get; init; }

    public ImmutableDictionary<NetworkId, NetworkEntry> Networks { get; init; } = ImmutableDictionary<NetworkId, NetworkEntry>.Empty;

    public ImmutableDictionary<string, NetworkId> NetworkNames { get; init; } = ImmutableDictionary<string, NetworkId>.Empty;

    /// <summary>Devices that one network has to itself.</summary>
    public ImmutableDictionary<string, NetworkId> LinkNames { get; init; } = ImmutableDictionary<string, NetworkId>.Empty;

    /// <summary>The subnets of the network whose device has this name; null if it is no network's.</summary>
    public IEnumerable<IPNetwork>? SubnetsOn(string link) =>
        LinkNames.TryGetValue(link, out var id) ? Networks[id].Record.Subnets.Select(static s => s.Prefix) : null;

    /// <summary>Interfaces of the host that networks stand on, and may share.</summary>
    public ParentLinks Parents { get; init; } = ParentLinks.None;

    public ImmutableDictionary<SandboxId, SandboxEntry> Sandboxes { get; init; } = ImmutableDictionary<SandboxId, SandboxEntry>.Empty;

    public ImmutableDictionary<string, SandboxId> SandboxNames { get; init; } = ImmutableDictionary<string, SandboxId>.Empty;

    public ImmutableDictionary<NetNs, SandboxId> SandboxNamespaces { get; init; } = ImmutableDictionary<NetNs, SandboxId>.Empty;

    public ImmutableDictionary<ScopeId, SandboxId> SandboxScopes { get; init; } = ImmutableDictionary<ScopeId, SandboxId>.Empty;

    public ImmutableDictionary<EndpointId, EndpointRecord> Endpoints { get; init; } = ImmutableDictionary<EndpointId, EndpointRecord>.Empty;

    /// <summary>What every sandbox may call everything else; of the same moment as the rest.</summary>
    public NameSnapshot Names { get; init; } = NameSnapshot.Empty;

    /// <summary>Subnets in use, by whom.</summary>
    public required AddressSpace Subnets { get; init; }

    /// <summary>Ports of the host in use, by whom.</summary>
    public HostPortTable HostPorts { get; init; } = HostPortTable.Empty;

    /// <summary>Chains of others that drop by default and are to let our packets pass; as last looked at.</summary>
    public ImmutableArray<ForeignChain> ForeignChains { get; init; } = [];

    /// <summary>Interfaces for which others have rules about forwarded packets.</summary>
    public ImmutableArray<ForeignLink> ForeignLinks { get; init; } = [];

    /// <summary>What the host's firewall is, and why.</summary>
    public FirewallChoice Firewall { get; init; } = FirewallChoice.Nftables;

    /// <summary>Whether chains of others are asked at all.</summary>
    public bool AsksForeignChains { get; init; }

    /// <summary>Bits of the mark by which they know our packets.</summary>
    public uint AdmissionMark { get; init; }

    /// <summary>How long a released address rests (<see cref="PoolRules.Rest"/>); zero for not at all.</summary>
    public TimeSpan AddressRest { get; init; }

    /// <summary>Networks whose packets meet the host: as long as there is one, the node has a firewall.</summary>
    public int Routed { get; init; }

    /// <summary>Networks that need the host to forward IPv4.</summary>
    public int Forwarding4 { get; init; }

    /// <summary>Networks that need the host to forward IPv6.</summary>
    public int Forwarding6 { get; init; }

    /// <summary>Which scope puts back a value of an adopted device that its network needs no more.</summary>
    public ImmutableDictionary<string, ScopeId> Owed { get; init; } = ImmutableDictionary<string, ScopeId>.Empty;

    /// <summary>Values of adopted devices that an earlier run had changed and not put back; nothing but when the daemon starts.</summary>
    public ImmutableArray<string> OwedAtStart { get; init; } = [];

    /// <summary>How many networks were made: without those that are always there.</summary>
    public int MadeNetworks => Networks.Values.Count(static n => !n.Traits.IsPredefined);

    public string OwnerTag => Ownership.TagOf(Node.InstanceId);

    public NodeView ToView() => new()
    {
        OwnerTag = OwnerTag,
        NeedsFirewall = Routed > 0,
        NeedsForwarding4 = Forwarding4 > 0,
        NeedsForwarding6 = Forwarding6 > 0,
        OriginalSysctls = Node.OriginalSysctls,
        OwedSysctls = OwedAtStart,
        ForeignChains = ForeignChains,
        ForeignLinks = ForeignLinks,
        AdmissionMark = AdmissionMark,
        RouterAdvertisementInterfaces = HostSysctls.AdvertisementLinks(Node),
    };

    public NetworkView ToView(NetworkEntry network) => new(network.Record, OwnerTag) { OriginalSysctls = Node.OriginalSysctls };

    public EndpointView ToView(EndpointRecord endpoint)
    {
        var sandbox = Sandboxes[endpoint.SandboxId].Record;
        return new EndpointView(endpoint, sandbox.Namespace) { IsIpv6Off = HostSysctls.IsIpv6OffIn(sandbox) };
    }

    public SandboxView ToView(SandboxEntry sandbox) => new()
    {
        Sandbox = sandbox.Record,
        Resolver = sandbox.Endpoints.IsEmpty ? null : sandbox.Resolver,
        Endpoints =
        [
            .. sandbox.Endpoints.Select(id => Endpoints[id]).Select(e => ToView(e, Networks[e.NetworkId].Record)),
        ],
    };

    // The router of the subnet that its address is in: a network may have several.
    private static SandboxEndpointView ToView(EndpointRecord endpoint, NetworkRecord network) => new(
        network.Spec.Name,
        network.Spec.Internal,
        endpoint.Interface,
        endpoint.Spec.GatewayPriority,
        network.SubnetOf(endpoint.Ipv4?.Address)?.DefaultGateway,
        network.SubnetOf(endpoint.Ipv6?.Address)?.DefaultGateway);
}

/// <summary>A network with its leases.</summary>
/// <param name="Record">As committed.</param>
/// <param name="Traits">What it is to the rest of the daemon.</param>
/// <param name="Pools">The addresses of its subnets, of each family the first subnet's first.</param>
internal sealed record NetworkEntry(NetworkRecord Record, NetworkTraits Traits, ImmutableArray<AddressPool> Pools)
{
    /// <summary>The pool that an address is of; null if it is of none.</summary>
    public AddressPool? PoolOf(IPAddress? address) =>
        address is null ? null : Pools.FirstOrDefault(p => Prefix.Contains(p.Prefix, address));

    /// <summary>The pools of a family, in the order in which addresses are chosen from them.</summary>
    public IEnumerable<AddressPool> PoolsOf(bool isIpv6) =>
        Pools.Where(p => Prefix.BitsOf(p.Prefix.BaseAddress) == (isIpv6 ? 128 : 32));

    /// <summary>With a pool in the place of the one of its prefix, or beside the others.</summary>
    public NetworkEntry With(AddressPool pool) => this with
    {
        Pools = Pools.FirstOrDefault(p => p.Prefix.Equals(pool.Prefix)) is { } old ? Pools.Replace(old, pool) : Pools.Add(pool),
    };

    /// <summary>Without the pool of a prefix.</summary>
    public NetworkEntry Without(IPNetwork prefix) => this with { Pools = Pools.RemoveAll(p => p.Prefix.Equals(prefix)) };

    /// <summary>Names of its endpoints.</summary>
    public ImmutableDictionary<string, EndpointId> EndpointNames { get; init; } = ImmutableDictionary<string, EndpointId>.Empty;

    /// <summary>Who holds an address.</summary>
    public ImmutableDictionary<IPAddress, EndpointId> Leases { get; init; } = ImmutableDictionary<IPAddress, EndpointId>.Empty;

    /// <summary>Who has a hardware address; one of several by a state that an older netd has granted.</summary>
    public ImmutableDictionary<MacAddress, EndpointId> Macs { get; init; } = ImmutableDictionary<MacAddress, EndpointId>.Empty;

    public string Name => Record.Spec.Name;
}

/// <summary>A sandbox with its endpoints.</summary>
/// <param name="Record">As committed.</param>
/// <param name="ForeignLinks">Interfaces that stood in its namespace when it was opened and are not ours.</param>
internal sealed record SandboxEntry(SandboxRecord Record, ImmutableArray<string> ForeignLinks)
{
    /// <summary>Where its resolver's sockets are, claimed with its first endpoint; null if none could be opened.</summary>
    public IPEndPoint? Resolver { get; init; }

    /// <summary>Its endpoints in the order of their making.</summary>
    public ImmutableArray<EndpointId> Endpoints { get; init; } = [];
}
