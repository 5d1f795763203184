using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Networking.Netlab.Walks;

/// <summary>The rules of a namespace as "nft list ruleset" has them: which is the how manieth of its chain, and what it has counted.</summary>
internal sealed partial class RuleList
{
    private readonly ImmutableDictionary<(string Table, string Chain, string Rule), (int Number, long? Packets)> _rules;

    private RuleList(ImmutableDictionary<(string Table, string Chain, string Rule), (int Number, long? Packets)> rules) => _rules = rules;

    /// <summary>Reads the text.</summary>
    public static RuleList Parse(string text)
    {
        var rules = ImmutableDictionary.CreateBuilder<(string Table, string Chain, string Rule), (int Number, long? Packets)>();
        var (table, chain, number) = (string.Empty, string.Empty, 0);
        foreach (var line in text.Split('\n').Select(static l => l.Trim()))
        {
            if (Head().Match(line) is { Success: true } head)
            {
                (table, chain, number) = head.Groups["kind"].Value == "table" ? (head.Groups["name"].Value, string.Empty, 0) : (table, head.Groups["name"].Value, 0);
            }
            else if (line == "}")
            {
                chain = string.Empty;
            }
            else if (chain.Length > 0 && line.Length > 0 && !line.StartsWith("type ", StringComparison.Ordinal))
            {
                number++;
                var counted = Counted().Match(line);
                // A rule that stands twice is told by its first: the same packet cannot pass by one and meet the other.
                _ = rules.TryAdd((table, chain, Plain(line)), (number, counted.Success ? long.Parse(counted.Groups["packets"].Value, CultureInfo.InvariantCulture) : null));
            }
        }

        return new RuleList(rules.ToImmutable());
    }

    /// <summary>The place of a rule in its chain, from 1; null if it is not there.</summary>
    public int? Number(string table, string chain, string rule) => _rules.TryGetValue((table, chain, Plain(rule)), out var found) ? found.Number : null;

    /// <summary>What the rule has counted; null if it counts nothing or is not there.</summary>
    public long? Packets(string table, string chain, string rule) => _rules.TryGetValue((table, chain, Plain(rule)), out var found) ? found.Packets : null;

    /// <summary>A rule without what it has counted, and without its comment, which says the same in other words.</summary>
    public static string Plain(string rule) => Comment().Replace(Counted().Replace(rule, "counter"), string.Empty).Trim();

    /// <summary>The comment of a rule, or nothing.</summary>
    public static string CommentOf(string rule) => Comment().Match(rule).Groups["text"].Value;

    [GeneratedRegex("^(?<kind>table|chain) (?<name>.+?) \\{", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Head();

    [GeneratedRegex("counter packets (?<packets>[0-9]+) bytes [0-9]+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Counted();

    [GeneratedRegex(" comment \"(?<text>[^\"]*)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Comment();
}
