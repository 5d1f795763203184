using System.Collections.Immutable;
using System.Net;

namespace Networking.Model;

/// <summary>How a sandbox asks for names that are not ours, as far as a user says so of a network or an endpoint.</summary>
public sealed record DnsSpec
{
    /// <summary>Most servers: the C library takes no more of a resolv.conf either.</summary>
    public const int ServersMax = 3;

    /// <summary>The search list that has no domain in it; the last word of <c>--dns-search</c> that says so.</summary>
    public const string NoSearch = ".";

    /// <summary>Servers to ask, from inside the sandbox, in this order; none for the host's own.</summary>
    public ImmutableArray<IPAddress> Servers { get; init; } = [];

    /// <summary>Domains to search; none for the host's own, <see cref="NoSearch"/> alone for no domain at all.</summary>
    public ImmutableArray<string> Search { get; init; } = [];

    /// <summary>Options of resolv.conf such as <c>ndots:2</c>; none for the host's own.</summary>
    public ImmutableArray<string> Options { get; init; } = [];

    /// <summary>Nothing said.</summary>
    public static DnsSpec Empty { get; } = new();

    /// <summary>Compares by content.</summary>
    public bool Equals(DnsSpec? other) =>
        other is not null && Servers.SequenceEqual(other.Servers) && Search.SequenceEqual(other.Search) && Options.SequenceEqual(other.Options);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Servers.Length, Search.Length, Options.Length);
}
