using System.Net;
using Networking.Daemon.Tests.Staging;

namespace Networking.Daemon.Tests.Matrix;

/// <summary>A row of a table: who tries.</summary>
/// <param name="Name">As the page calls it.</param>
/// <param name="Place">Where it is.</param>
/// <param name="Own">Its own addresses.</param>
/// <param name="Host4">The IPv4 address by which it knows the host.</param>
/// <param name="Host6">The IPv6 address by which it knows the host.</param>
internal sealed record Client(string Name, Place Place, IReadOnlyList<string> Own, string Host4, string Host6)
{
    /// <summary>Whether it speaks a family at all.</summary>
    public bool Has(bool isIpv6) => Own.Any(a => a.Contains(':', StringComparison.Ordinal) == isIpv6);

    /// <summary>Whether it is the host itself.</summary>
    public bool IsHost => Place.Name == "host";

    /// <summary>Whether it is beyond the host, with an address that is not a near one.</summary>
    public bool IsPublic => Place.Name == "world";

    /// <summary>The host's address as this client asks it.</summary>
    public IPAddress Host(bool isIpv6) => IPAddress.Parse(isIpv6 ? Host6 : Host4);
}
