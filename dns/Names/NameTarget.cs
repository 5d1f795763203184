using System.Collections.Immutable;
using System.Net;

namespace Networking.Dns;

/// <summary>One of those who share a name.</summary>
/// <param name="Key">Whose it is: an endpoint's id, or a service's name.</param>
/// <param name="FullName"><c>NAME.NETWORK</c>, as a plain name on the wire, in lower case.</param>
/// <param name="Ipv4">IPv4 address; null without one.</param>
/// <param name="Ipv6">IPv6 address; null without one.</param>
/// <param name="Ports">Ports it serves on.</param>
public sealed record NameTarget(string Key, ImmutableArray<byte> FullName, IPAddress? Ipv4, IPAddress? Ipv6, ImmutableArray<ServicePort> Ports)
{
    /// <summary>Orders targets by whose they are, so that a set holds each once and gives the nth at once.</summary>
    internal static readonly IComparer<NameTarget> ByKey =
        Comparer<NameTarget>.Create(static (one, other) => string.CompareOrdinal(one.Key, other.Key));
}
