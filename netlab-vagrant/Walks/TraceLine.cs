using System.Text.RegularExpressions;

namespace Networking.Netlab.Walks;

/// <summary>A line of "nft monitor trace".</summary>
/// <param name="Table">Family and name of the table.</param>
/// <param name="Chain">The chain.</param>
/// <param name="Kind">packet, rule or policy.</param>
/// <param name="Text">What is said of it: the packet's fields, the rule with its verdict, the policy.</param>
internal sealed partial record TraceLine(string Table, string Chain, string Kind, string Text)
{
    public bool IsOfLab => Table == $"inet {LabTable.Name}";

    /// <summary>Reads a line; null if it is of another kind. Kernels differ in whether they tell the end of a chain.</summary>
    public static TraceLine? Parse(string line) => Pattern().Match(line) is { Success: true } match
        ? new TraceLine(match.Groups["table"].Value, match.Groups["chain"].Value, match.Groups["kind"].Value, match.Groups["text"].Value.Trim())
        : null;

    /// <summary>The rule of a line of the kind rule.</summary>
    public string Rule => RuleList.Plain(Verdicts().Replace(Text, string.Empty));

    /// <summary>A rule that sends the packet back to where its chain was called from. Linux 6.1 does not tell of it, 6.18 does.</summary>
    public bool Returns => Text.EndsWith("(verdict return)", StringComparison.Ordinal);

    /// <summary>The comment of the rule, or nothing.</summary>
    public string Comment => RuleList.CommentOf(Text);

    [GeneratedRegex("^trace id [0-9a-f]+ (?<table>\\S+ \\S+) (?<chain>\\S+) (?<kind>packet|rule|policy):? (?<text>.*)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Pattern();

    [GeneratedRegex(" \\(verdict [^)]*\\)$", RegexOptions.None, 1000)]
    private static partial Regex Verdicts();
}
