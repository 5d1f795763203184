using System.Collections.Immutable;
using System.Net;

namespace Networking.Model;

/// <summary>What a user asked a network to be. Nothing in it was chosen by the daemon.</summary>
public sealed record NetworkSpec
{
    /// <summary>Name, unique on this node: 1–128 of <c>[a-zA-Z0-9_.-]</c>, first one alphanumeric.</summary>
    public required string Name { get; init; }

    /// <summary>Driver, <c>bridge</c> by default.</summary>
    public string Driver { get; init; } = "bridge";

    /// <summary>Whether endpoints get an IPv4 address.</summary>
    public bool Ipv4 { get; init; } = true;

    /// <summary>Whether endpoints get an IPv6 address.</summary>
    public bool Ipv6 { get; init; }

    /// <summary>No route to or from outside the network.</summary>
    public bool Internal { get; init; }

    /// <summary>Subnets asked for, at most one a family for a bridge; a family without one gets the next free pool.</summary>
    public ImmutableArray<SubnetSpec> Subnets { get; init; } = [];

    /// <summary>Options of address management by name, such as <c>com.docker.network.ipam.serial</c> (FACTS 1.3).</summary>
    public ImmutableSortedDictionary<string, string> IpamOptions { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Driver options by name; Docker's names are accepted (FACTS 1.3).</summary>
    public ImmutableSortedDictionary<string, string> Options { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>How its sandboxes ask for names that are not ours, unless their endpoint says otherwise.</summary>
    public DnsSpec Dns { get; init; } = DnsSpec.Empty;

    /// <summary>The user's own labels.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Compares by content.</summary>
    public bool Equals(NetworkSpec? other) =>
        other is not null
        && (Name, Driver, Ipv4, Ipv6, Internal) == (other.Name, other.Driver, other.Ipv4, other.Ipv6, other.Internal)
        && Subnets.SequenceEqual(other.Subnets)
        && IpamOptions.SequenceEqual(other.IpamOptions)
        && Options.SequenceEqual(other.Options)
        && Dns.Equals(other.Dns)
        && Labels.SequenceEqual(other.Labels);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Driver, Ipv4, Ipv6, Internal, Subnets.Length, Options.Count, Labels.Count);
}

/// <summary>What a user asked an endpoint to be.</summary>
public sealed record EndpointSpec
{
    /// <summary>Name of the endpoint, unique on its network; null for one made from its id.</summary>
    public string? Name { get; init; }

    /// <summary>Static IPv4 address; null for the next free one.</summary>
    public IPAddress? Ipv4 { get; init; }

    /// <summary>Static IPv6 address; null for the next free one.</summary>
    public IPAddress? Ipv6 { get; init; }

    /// <summary>Hardware address; null for a random one.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>Interface name in the sandbox, at most 15 bytes; null for the prefix and the lowest free number.</summary>
    public string? InterfaceName { get; init; }

    /// <summary>Gateway election: the higher wins (FACTS 1.2).</summary>
    public int GatewayPriority { get; init; }

    /// <summary>Further names of this endpoint on its network.</summary>
    public ImmutableArray<string> Aliases { get; init; } = [];

    /// <summary>The service it is a task of; null if of none. All tasks answer to its name, and to <c>tasks.SERVICE</c>.</summary>
    public string? Service { get; init; }

    /// <summary>What its processes believe their host to be called; also a name of it on its network. Null for its name.</summary>
    public string? Hostname { get; init; }

    /// <summary>Names that mean something in its sandbox alone: what is asked for, to the name it stands for.</summary>
    public ImmutableSortedDictionary<string, string> Links { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>How its sandbox asks for names that are not ours; what it does not say, its network does.</summary>
    public DnsSpec Dns { get; init; } = DnsSpec.Empty;

    /// <summary>Ports to publish on the host, as many as 4,096 entries and 65,535 ports.</summary>
    public ImmutableArray<PublishSpec> Publish { get; init; } = [];

    /// <summary>Interface sysctls, <c>net.ipv4.conf.IFNAME.x</c> to value (FACTS 1.2).</summary>
    public ImmutableSortedDictionary<string, string> Sysctls { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Driver options by name.</summary>
    public ImmutableSortedDictionary<string, string> Options { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}
