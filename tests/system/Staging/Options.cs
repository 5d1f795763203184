using System.Collections.Immutable;

namespace Networking.Daemon.Tests.Staging;

/// <summary>Options and sysctls as requests carry them.</summary>
internal static class Options
{
    public static ImmutableSortedDictionary<string, string> Of(params (string Key, string Value)[] pairs) =>
        pairs.ToImmutableSortedDictionary(static p => p.Key, static p => p.Value, StringComparer.Ordinal);
}
