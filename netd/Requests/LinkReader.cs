using System.Collections.Immutable;
using Networking.Drivers;
using Networking.Model;

namespace Networking.Netd.Requests;

/// <summary>Turns <c>NAME:ALIAS</c> as typed into links, collecting every mistake.</summary>
internal static class LinkReader
{
    private const int LinksMax = 256;

    /// <summary>By what is asked for: the name that it stands for. <c>NAME</c> alone stands for itself.</summary>
    public static ImmutableSortedDictionary<string, string> Read(ImmutableArray<string> texts, List<Problem> problems)
    {
        var links = ImmutableSortedDictionary<string, string>.Empty.ToBuilder();
        if (texts.Length > LinksMax)
        {
            problems.Add(new Problem("link.many", "--link", $"{texts.Length} links are given, and {LinksMax} are the most", "leave some out"));
            return links.ToImmutable();
        }

        foreach (var text in texts)
        {
            var words = text.Split(':');
            var alias = words[^1].ToLowerInvariant();
            if (words.Length > 2 || !words.All(ObjectName.IsValid))
            {
                problems.Add(new Problem("link.invalid", "--link", $"'{text}' is no link", $"write NAME:ALIAS, each {ObjectName.Rule}"));
            }
            else if (!links.TryAdd(alias, words[0].ToLowerInvariant()))
            {
                problems.Add(new Problem("link.twice", "--link", $"alias {alias} is given twice", "an alias stands for one name"));
            }
        }

        return links.ToImmutable();
    }
}
