using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Networking.Model;

/// <summary>A subnet as granted: the prefix, and the gateway that the bridge carries and sandboxes route by.</summary>
/// <param name="Prefix">The prefix, host bits clear.</param>
/// <param name="Gateway">The gateway's address inside the prefix; null on a network without one.</param>
public sealed record SubnetRecord(IPNetwork Prefix, IPAddress? Gateway)
{
    /// <summary>Addresses are chosen from here only; null for the whole prefix.</summary>
    public IPNetwork? Range { get; init; }

    /// <summary>Addresses set aside, by name; inside the prefix, but for a link-local <see cref="AuxiliaryName.DefaultGateway6"/>.</summary>
    public ImmutableSortedDictionary<string, IPAddress> AuxAddresses { get; init; } = ImmutableSortedDictionary<string, IPAddress>.Empty;

    /// <summary>The address that sandboxes route by: an auxiliary address of that meaning, else the gateway.</summary>
    public IPAddress? DefaultGateway => AuxAddresses.GetValueOrDefault(
        AuxiliaryName.DefaultGatewayOf(Prefix.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6)) ?? Gateway;

    /// <summary>Compares by content.</summary>
    public bool Equals(SubnetRecord? other) =>
        other is not null && Prefix.Equals(other.Prefix) && Equals(Gateway, other.Gateway) && Nullable.Equals(Range, other.Range)
        && AuxAddresses.SequenceEqual(other.AuxAddresses);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Prefix, Gateway, Range, AuxAddresses.Count);
}
