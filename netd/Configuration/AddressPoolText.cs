using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Networking.Drivers;
using Networking.Ipam;
using Networking.Model;

namespace Networking.Netd.Configuration;

/// <summary>A pool of subnets as Docker writes it: <c>base=10.0.0.0/8,size=24</c> (FACTS 1.10).</summary>
internal static class AddressPoolText
{
    private const string Form = "write base=PREFIX,size=LENGTH, such as base=10.64.0.0/10,size=24";

    /// <summary>Reads one pool; it must not overlap those read before.</summary>
    public static bool TryParse(
        string text, ImmutableArray<SubnetPool> others, [NotNullWhen(true)] out SubnetPool? pool, [NotNullWhen(false)] out string? problem)
    {
        pool = null;
        var parts = text.Split(',').Select(static p => p.Split('=', 2)).ToArray();
        var values = parts.Where(static p => p.Length == 2).ToLookup(static p => p[0].Trim(), static p => p[1].Trim(), StringComparer.Ordinal);
        if (parts.Length != 2 || values["base"].Count() != 1 || values["size"].Count() != 1)
        {
            problem = $"'{text}' is no address pool; {Form}";
            return false;
        }

        if (!Prefix.TryParse(values["base"].First(), out var prefix, out problem))
        {
            problem = $"base: {problem}";
            return false;
        }

        // A piece of one address would be a network without an endpoint.
        var most = Prefix.BitsOf(prefix.BaseAddress) - 1;
        var size = values["size"].First();
        if (!int.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length < prefix.PrefixLength || length > most)
        {
            problem = $"size '{size}' is not a number from {prefix.PrefixLength}, the length of the base {prefix}, to {most}";
            return false;
        }

        if (SpecialPrefix.Overlapping(prefix) is { Count: > 0 } special)
        {
            problem = $"base {prefix} overlaps {string.Join(" and ", special)}, which no endpoint can be reached by";
            return false;
        }

        if (others.FirstOrDefault(o => Prefix.Overlaps(o.Prefix, prefix)) is { } other)
        {
            problem = $"base {prefix} overlaps the pool {other.Prefix} given before";
            return false;
        }

        pool = new SubnetPool(prefix, length);
        problem = null;
        return true;
    }
}
