using System.Collections.Immutable;
using System.Net;

namespace Networking.Netd.Control;

/// <summary>Where resolvers of ours answer inside sandboxes.</summary>
internal static class ResolverAddresses
{
    /// <summary>In a namespace that netd made: nobody else is there.</summary>
    public static ImmutableArray<IPAddress> Ours { get; } = [IPAddress.Parse("127.0.0.11")];

    /// <summary>In a namespace of somebody else's, who may have a resolver already: the first that is free.</summary>
    public static ImmutableArray<IPAddress> All { get; } = [Ours[0], IPAddress.Parse("127.0.0.12")];
}
