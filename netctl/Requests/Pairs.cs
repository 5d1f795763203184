using System.Collections.Immutable;

namespace Networking.Netctl.Requests;

/// <summary>Repeated <c>key=value</c> options as a map.</summary>
internal static class Pairs
{
    /// <summary>
    /// The map; every text that is no pair and every key given twice is a problem. With
    /// <paramref name="isValueOptional"/> a bare key has an empty value, as Docker's labels do.
    /// </summary>
    public static ImmutableSortedDictionary<string, string> Parse(
        string option, IEnumerable<string>? texts, bool isValueOptional, ICollection<string> problems)
    {
        var map = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var text in texts ?? [])
        {
            var split = text.IndexOf('=', StringComparison.Ordinal);
            var key = split < 0 ? text : text[..split];
            if (key.Length == 0 || (split < 0 && !isValueOptional))
            {
                problems.Add($"{option} {text}: write key=value.");
            }
            else if (!map.TryAdd(key, split < 0 ? string.Empty : text[(split + 1)..]))
            {
                problems.Add($"{option} {key} is given twice.");
            }
        }

        return map.ToImmutable();
    }
}
