using System.CommandLine;
using Networking.Netctl.Output;

namespace Networking.Netctl.Completion;

/// <summary>What may stand at the end of a command line.</summary>
internal static class Candidates
{
    /// <summary>Candidates for the last word, each <c>value</c> or <c>value TAB description</c>.</summary>
    public static IReadOnlyList<string> For(Command root, IReadOnlyList<string> words)
    {
        var current = words.Count == 0 ? string.Empty : words[^1];
        var isOption = current.StartsWith('-');
        var parse = Parse(root, words);
        if (parse.UnmatchedTokens.Count > 0)
        {
            return []; // the line is wrong already; no end of it helps
        }

        return [.. parse.GetCompletions(Line(words).Length)
            .Where(item => item.Label.StartsWith(current, StringComparison.Ordinal))
            .Where(item => isOption || !item.Label.StartsWith('-')) // options only once a dash is typed
            .Select(item => string.IsNullOrEmpty(item.Detail) ? item.Label : $"{item.Label}\t{Printable.Line(item.Detail)}")
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)];
    }

    /// <summary>The line without its last word, parsed.</summary>
    public static ParseResult Parse(Command root, IReadOnlyList<string> words) => root.Parse(Line(words));

    // The parser completes text, not words, so the words are made text again, with an end that begins a new word.
    private static string Line(IReadOnlyList<string> words) =>
        string.Concat(words.SkipLast(1).Select(word => $"\"{word.Replace("\"", string.Empty, StringComparison.Ordinal)}\" "));
}
