using System.Collections.Immutable;
using System.Net;

namespace Networking.Model;

/// <summary>A subnet asked for.</summary>
/// <param name="Prefix">The prefix, host bits clear; see <see cref="IsSizeOnly"/>.</param>
/// <param name="Gateway">The gateway address asked for; null for the first of the prefix that is free.</param>
public sealed record SubnetSpec(IPNetwork Prefix, IPAddress? Gateway = null)
{
    /// <summary>Addresses are chosen from here only; null for the whole prefix (FACTS 1.10, Specific address).</summary>
    public IPNetwork? Range { get; init; }

    /// <summary>
    /// Addresses set aside for something else, by the name given for them; see <see cref="AuxiliaryName"/> for those with a
    /// meaning.
    /// </summary>
    public ImmutableSortedDictionary<string, IPAddress> AuxAddresses { get; init; } = ImmutableSortedDictionary<string, IPAddress>.Empty;

    /// <summary>
    /// True for <c>0.0.0.0/24</c> or <c>::/64</c>: any free subnet of that size (FACTS 1.10, Requested size only). Everything,
    /// <c>/0</c>, is a prefix and not a size.
    /// </summary>
    public bool IsSizeOnly => Prefix.PrefixLength > 0 && (Prefix.BaseAddress.Equals(IPAddress.Any) || Prefix.BaseAddress.Equals(IPAddress.IPv6Any));

    /// <summary>Compares by content.</summary>
    public bool Equals(SubnetSpec? other) =>
        other is not null && Prefix.Equals(other.Prefix) && Equals(Gateway, other.Gateway) && Nullable.Equals(Range, other.Range)
        && AuxAddresses.SequenceEqual(other.AuxAddresses);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Prefix, Gateway, Range, AuxAddresses.Count);
}
