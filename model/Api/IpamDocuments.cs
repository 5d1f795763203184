using System.Collections.Immutable;

namespace Networking.Model.Api;

/// <summary>Answer of <c>GET /v1/ipam</c>. Counts are decimal text: an IPv6 subnet has more addresses than a JSON number holds.</summary>
public sealed record IpamDocument
{
    /// <summary>Where subnets come from, in the order in which they are used.</summary>
    public ImmutableArray<IpamPoolDocument> Pools { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The subnets of all networks, by network.</summary>
    public ImmutableArray<IpamSubnetDocument> Subnets { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Who owns which addresses of the pools that the cluster shares, by pool and address, as far as this node has heard.</summary>
    public ImmutableArray<IpamRangeDocument> Ranges { get; init => field = value.IsDefault ? [] : value; } = [];
}

/// <summary>A range of a pool that the cluster shares.</summary>
public sealed record IpamRangeDocument
{
    /// <summary>The pool's name.</summary>
    public required string Pool { get; init; }

    /// <summary>All addresses of the pool.</summary>
    public required string Prefix { get; init; }

    /// <summary>The first address of the range.</summary>
    public required string First { get; init; }

    /// <summary>The last.</summary>
    public required string Last { get; init; }

    /// <summary>How many it has, as decimal text.</summary>
    public required string Size { get; init; }

    /// <summary>Id of the node that owns it.</summary>
    public required string Owner { get; init; }

    /// <summary>True if that is the node asked.</summary>
    public bool IsThis { get; init; }

    /// <summary>How many addresses its owner has free in this pool, in all its ranges; null if it did not say.</summary>
    public string? OwnerFree { get; init; }
}

/// <summary>A prefix that subnets are taken from.</summary>
public sealed record IpamPoolDocument
{
    /// <summary>The prefix.</summary>
    public required string Prefix { get; init; }

    /// <summary>Who owns its ranges: <c>this node</c> owns all of a pool that it does not share.</summary>
    public required string Owner { get; init; }

    /// <summary>Prefix length of a subnet taken from it.</summary>
    public required int SubnetLength { get; init; }

    /// <summary>How many subnets it has, as decimal text.</summary>
    public required string Size { get; init; }

    /// <summary>How many of them networks have an address of.</summary>
    public required string Held { get; init; }

    /// <summary>How many more of them overlap a network, route or name server of the host.</summary>
    public required string Avoided { get; init; }

    /// <summary>How many are neither.</summary>
    public required string Free { get; init; }
}

/// <summary>A subnet of a network and its addresses in figures.</summary>
public sealed record IpamSubnetDocument
{
    /// <summary>The prefix.</summary>
    public required string Prefix { get; init; }

    /// <summary>Name of its network.</summary>
    public required string Network { get; init; }

    /// <summary>Id of its network.</summary>
    public required string NetworkId { get; init; }

    /// <summary>The gateway, which the network's device carries.</summary>
    public string? Gateway { get; init; }

    /// <summary>What sandboxes route by, where that is not the gateway.</summary>
    public string? DefaultGateway { get; init; }

    /// <summary>Where addresses are chosen from, if not from the whole prefix.</summary>
    public string? Range { get; init; }

    /// <summary><c>next</c>: the next after the last; <c>serial</c>: the lowest free.</summary>
    public required string Order { get; init; }

    /// <summary>How many addresses are leased, as decimal text.</summary>
    public required string Leased { get; init; }

    /// <summary>How many were released and rest.</summary>
    public required string Resting { get; init; }

    /// <summary>How many can be chosen: in the range, neither leased nor set aside nor resting.</summary>
    public required string Free { get; init; }

    /// <summary>What of the host overlaps it, such as a route that came later; the first few.</summary>
    public ImmutableArray<string> Conflicts { get; init => field = value.IsDefault ? [] : value; } = [];
}

/// <summary>Answer of <c>GET /v1/ipam/networks/{ref}</c>.</summary>
public sealed record IpamNetworkDocument
{
    /// <summary>Name of the network.</summary>
    public required string Network { get; init; }

    /// <summary>Id of the network.</summary>
    public required string NetworkId { get; init; }

    /// <summary>Its subnets.</summary>
    public ImmutableArray<IpamSubnetDocument> Subnets { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Every address that is leased, set aside or resting, IPv4 first, in order.</summary>
    public ImmutableArray<IpamAddressDocument> Addresses { get; init => field = value.IsDefault ? [] : value; } = [];
}

/// <summary>An address that is not free.</summary>
public sealed record IpamAddressDocument
{
    /// <summary>The address.</summary>
    public required string Address { get; init; }

    /// <summary><c>leased</c>, <c>reserved</c> or <c>resting</c>.</summary>
    public required string State { get; init; }

    /// <summary>What a reserved address is, such as <c>gateway</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>Name of the endpoint that holds the lease.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Id of that endpoint.</summary>
    public string? EndpointId { get; init; }

    /// <summary>Name of the endpoint's sandbox.</summary>
    public string? Sandbox { get; init; }

    /// <summary>Id of that sandbox.</summary>
    public string? SandboxId { get; init; }

    /// <summary>The boot with which the lease ends.</summary>
    public string? BootId { get; init; }

    /// <summary>Since when it is leased.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Until when it rests.</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <summary>Answer of <c>GET /v1/ipam/why</c>.</summary>
public sealed record IpamWhyDocument
{
    /// <summary>The address or prefix asked about.</summary>
    public required string Asked { get; init; }

    /// <summary>
    /// Of an address: <c>leased</c>, <c>reserved</c>, <c>resting</c>, <c>free</c>. Of a prefix: what creating a network with it would
    /// end in, <c>taken</c>, <c>warned</c>, <c>free</c>. Of both: <c>host</c> where the host itself is there, <c>unusable</c>.
    /// </summary>
    public required string State { get; init; }

    /// <summary>Who holds it and what is in the way, a sentence a line.</summary>
    public ImmutableArray<string> Lines { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The network that has it.</summary>
    public string? Network { get; init; }

    /// <summary>The endpoint that has it.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The sandbox of that endpoint.</summary>
    public string? Sandbox { get; init; }
}
