using System.Collections.Immutable;
using System.Net;
using Networking.Model;

namespace Networking.Dns;

/// <summary>What an endpoint is called on its network, and where it is.</summary>
public sealed record EndpointNames
{
    /// <summary>The endpoint.</summary>
    public required EndpointId Id { get; init; }

    /// <summary>Its one name, unique on the network: what its addresses are called.</summary>
    public required string Name { get; init; }

    /// <summary>Further names, shared with whomever has them too: aliases, short id, host name.</summary>
    public ImmutableArray<string> Aliases { get; init; } = [];

    /// <summary>Services it is a task of: it is found as the service, unless that has an address of its own, and as <c>tasks.SERVICE</c>.</summary>
    public ImmutableArray<string> Services { get; init; } = [];

    /// <summary>IPv4 address; null without one.</summary>
    public IPAddress? Ipv4 { get; init; }

    /// <summary>IPv6 address; null without one.</summary>
    public IPAddress? Ipv6 { get; init; }

    /// <summary>Ports it serves on.</summary>
    public ImmutableArray<ServicePort> Ports { get; init; } = [];

    /// <summary>Every name by which it is found, in lower case, each once.</summary>
    internal IEnumerable<string> All =>
        Aliases.Prepend(Name).Concat(Services.SelectMany(static s => new[] { s, $"tasks.{s}" }))
            .Select(static n => n.ToLowerInvariant()).Distinct(StringComparer.Ordinal);

    /// <summary>Compares by content.</summary>
    public bool Equals(EndpointNames? other) =>
        other is not null && Id == other.Id && Name == other.Name && Aliases.SequenceEqual(other.Aliases) && Services.SequenceEqual(other.Services)
        && Equals(Ipv4, other.Ipv4) && Equals(Ipv6, other.Ipv6) && Ports.SequenceEqual(other.Ports);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Id, Name, Aliases.Length, Ipv4, Ipv6);
}
