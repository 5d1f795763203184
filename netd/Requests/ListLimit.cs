using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Netd.Requests;

/// <summary>How long the lists of a request may be: what is done for each pair of two of them has to stay little.</summary>
internal static class ListLimit
{
    /// <summary>Subnets, and what is given once for each.</summary>
    public const int SubnetsMax = 256;

    /// <summary>Names that an endpoint has besides its own.</summary>
    public const int AliasesMax = 256;

    /// <summary>What is set aside or taken away by name.</summary>
    public const int NamesMax = 4096;

    /// <summary>The list; nothing of one that is too long, which is told.</summary>
    public static ImmutableArray<string> Within(int max, ImmutableArray<string> texts, string field, ICollection<Problem> problems) =>
        IsWithin(max, texts.Length, field, problems) ? texts : [];

    /// <summary>Whether a list is short enough; if not, that is told.</summary>
    public static bool IsWithin(int max, int count, string field, ICollection<Problem> problems)
    {
        if (count <= max)
        {
            return true;
        }

        problems.Add(new Problem("request.many", field, $"{field} is given {count} times, and {max} is the most in one request", "leave some out"));
        return false;
    }
}
