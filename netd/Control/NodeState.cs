using System.Collections.Immutable;
using System.Net;
using Networking.Ipam;
using Networking.Kernel;
using Networking.Model;
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

    public ImmutableDictionary<NetworkId, NetworkEntry> Networks { get; init; } = ImmutableDictionary<NetworkId, NetworkEntry>.Empty;

    public ImmutableDictionary<string, NetworkId> NetworkNames { get; init; } = ImmutableDictionary<string, NetworkId>.Empty;

    public ImmutableDictionary<string, NetworkId> LinkNames { get; init; } = ImmutableDictionary<string, NetworkId>.Empty;

    public ImmutableDictionary<SandboxId, SandboxEntry> Sandboxes { get; init; } = ImmutableDictionary<SandboxId, SandboxEntry>.Empty;

    public ImmutableDictionary<string, SandboxId> SandboxNames { get; init; } = ImmutableDictionary<string, SandboxId>.Empty;

    public ImmutableDictionary<NetNs, SandboxId> SandboxNamespaces { get; init; } = ImmutableDictionary<NetNs, SandboxId>.Empty;

    public ImmutableDictionary<ScopeId, SandboxId> SandboxScopes { get; init; } = ImmutableDictionary<ScopeId, SandboxId>.Empty;

    public ImmutableDictionary<EndpointId, EndpointRecord> Endpoints { get; init; } = ImmutableDictionary<EndpointId, EndpointRecord>.Empty;

    /// <summary>Subnets in use, by whom.</summary>
    public required AddressSpace Subnets { get; init; }

    /// <summary>Ports of the host in use, by whom.</summary>
    public HostPortTable HostPorts { get; init; } = HostPortTable.Empty;

    /// <summary>Chains of others that drop by default and are to let our packets pass; as last looked at.</summary>
    public ImmutableArray<ForeignChain> ForeignChains { get; init; } = [];

    /// <summary>Bits of the mark by which they know our packets.</summary>
    public uint AdmissionMark { get; init; }
    /// <summary>How long a released address rests (<see cref="PoolRules.Rest"/>); zero for not at all.</summary>
    public TimeSpan AddressRest { get; init; }

    /// <summary>Networks that need the host to forward IPv4.</summary>
    public int Forwarding4 { get; init; }

    /// <summary>Networks that need the host to forward IPv6.</summary>
    public int Forwarding6 { get; init; }

    public string OwnerTag => Ownership.TagOf(Node.InstanceId);

    public NodeView ToView() => new()
    {
        OwnerTag = OwnerTag,
        HasNetworks = !Networks.IsEmpty,
        NeedsForwarding4 = Forwarding4 > 0,
        NeedsForwarding6 = Forwarding6 > 0,
        OriginalSysctls = Node.OriginalSysctls,
        ForeignChains = ForeignChains,
        AdmissionMark = AdmissionMark,
        RouterAdvertisementInterfaces = HostSysctls.AdvertisementLinks(Node),
    };

    public NetworkView ToView(NetworkEntry network) => new(network.Record, OwnerTag);

    public EndpointView ToView(EndpointRecord endpoint) => new(endpoint, Sandboxes[endpoint.SandboxId].Record.Namespace);

    public SandboxView ToView(SandboxEntry sandbox) => new()
    {
        Sandbox = sandbox.Record,
        Endpoints =
        [
            .. sandbox.Endpoints.Select(id => Endpoints[id]).Select(e => new SandboxEndpointView(
                Networks[e.NetworkId].Record.Spec.Name,
                Networks[e.NetworkId].Record.Spec.Internal,
                e.Interface,
                e.Spec.GatewayPriority,
                Networks[e.NetworkId].Record.Ipv4?.DefaultGateway,
                Networks[e.NetworkId].Record.Ipv6?.DefaultGateway)),
        ],
    };
}

/// <summary>A network with its leases.</summary>
internal sealed record NetworkEntry(NetworkRecord Record, AddressPool? Pool4, AddressPool? Pool6)
{
    /// <summary>Names of its endpoints.</summary>
    public ImmutableDictionary<string, EndpointId> EndpointNames { get; init; } = ImmutableDictionary<string, EndpointId>.Empty;

    /// <summary>Who holds an address.</summary>
    public ImmutableDictionary<IPAddress, EndpointId> Leases { get; init; } = ImmutableDictionary<IPAddress, EndpointId>.Empty;

    public string Name => Record.Spec.Name;
}

/// <summary>A sandbox with its endpoints.</summary>
/// <param name="Record">As committed.</param>
/// <param name="ForeignLinks">Interfaces that stood in its namespace when it was opened and are not ours.</param>
internal sealed record SandboxEntry(SandboxRecord Record, ImmutableArray<string> ForeignLinks)
{
    /// <summary>Its endpoints in the order of their making.</summary>
    public ImmutableArray<EndpointId> Endpoints { get; init; } = [];
}
