using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>The drivers there are. They are pure and have no state, so there is one of each.</summary>
public static class NetworkDrivers
{
    /// <summary>All of them, by name.</summary>
    public static ImmutableSortedDictionary<string, INetworkDriver> All { get; } = new INetworkDriver[]
    {
        new BridgeDriver(),
        new MacvlanDriver(),
        PredefinedDriver.Host,
        PredefinedDriver.None,
    }.ToImmutableSortedDictionary(static d => d.Name, static d => d, StringComparer.Ordinal);

    /// <summary>The driver of a network that was judged before.</summary>
    public static INetworkDriver Of(NetworkSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return All[spec.Driver];
    }

    /// <summary>What a network that was judged before is to the rest of the daemon.</summary>
    public static NetworkTraits TraitsOf(NetworkSpec spec) => Of(spec).TraitsOf(spec);
}
