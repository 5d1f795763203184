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

    /// <summary>A network that may be wrong, without the options that its driver cannot read: what is left has traits.</summary>
    public static NetworkSpec Readable(NetworkSpec spec)
    {
        var driver = Of(spec);
        while (true)
        {
            // One that is taken off may have hidden what is wrong with another.
            var wrong = driver.Validate(spec).Problems.Select(static p => p.Field).ToHashSet();
            var options = spec.Options.RemoveRange(spec.Options.Keys.Where(k => wrong.Contains(OptionReader.FieldOf(k))));
            if (options.Count == spec.Options.Count)
            {
                return spec;
            }

            spec = spec with { Options = options };
        }
    }

    /// <summary>
    /// What of a network that is wrong can be claimed all the same: its readable options, and the subnets that are right by
    /// themselves. A family of which nothing is left is off, unless no subnet was wrong.
    /// </summary>
    /// <param name="spec">As far as it was read.</param>
    /// <param name="areSubnetsWrong">Whether some of its subnets, or of what is in them, could not be read.</param>
    public static NetworkSpec Claimable(NetworkSpec spec, bool areSubnetsWrong)
    {
        var readable = Readable(spec);
        var driver = Of(spec);
        var subnets = readable.Subnets.RemoveAll(s => driver.Validate(readable with { Subnets = [s] }).Problems.Any(static p => p.Field is "--subnet" or "--gateway" or "--ip-range" or "--aux-address"));
        var areAllRight = !areSubnetsWrong && subnets.Length == readable.Subnets.Length;
        return readable with
        {
            Subnets = subnets,
            Ipv4 = readable.Ipv4 && (areAllRight || subnets.Any(static s => !SubnetRules.IsIpv6(s.Prefix))),
            Ipv6 = readable.Ipv6 && (areAllRight || subnets.Any(static s => SubnetRules.IsIpv6(s.Prefix))),
        };
    }
}
