using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Kernel;

/// <summary>
/// Something done once because the state changed, that leaves no object behind: an announcement, a conntrack flush.
/// Derived by the planner only; idempotent, best effort, with a status. A closed union.
/// </summary>
public abstract record Transition
{
    private protected Transition()
    {
    }

    /// <summary>Where it is done.</summary>
    public required NetNs Namespace { get; init; }
}

/// <summary>Tells the segment about new addresses: gratuitous ARP (RFC 5227) and unsolicited neighbour advertisement (RFC 4861 7.2.6).</summary>
public sealed record AnnounceTransition : Transition
{
    /// <summary>The interface that sends.</summary>
    public required string Link { get; init; }

    /// <summary>Its hardware address.</summary>
    public required MacAddress Mac { get; init; }

    /// <summary>How often, and how far apart.</summary>
    public required AnnouncePolicy Policy { get; init; }

    /// <summary>The addresses to announce.</summary>
    public required ImmutableArray<InterfaceAddress> Addresses { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"! announce {string.Join(", ", Addresses)} at {Mac} on {Link} [{Namespace}]";

    /// <summary>Compares addresses by content.</summary>
    public bool Equals(AnnounceTransition? other) =>
        other is not null && Namespace == other.Namespace && Link == other.Link && Mac == other.Mac && Addresses.SequenceEqual(other.Addresses);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Namespace, Link, Mac, Addresses.Length);
}
