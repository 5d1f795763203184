using System.Text.RegularExpressions;
using Networking.Tidy.Tests.Source;

namespace Networking.Tidy.Tests.Rules;

/// <summary>Documents that are kept, found, and not left behind.</summary>
internal static partial class DocumentRules
{
    private static readonly string[] DecisionHeadings = ["Context", "Options", "Choice", "Price"];

    public static IEnumerable<TidyRule> All => [Changelog, Decisions, DecisionNumbers, LinksLeadSomewhere, GoldensAreUsed];

    private static TidyRule Changelog => new("CHANGELOG.md has an Unreleased section", static tree =>
        tree.Find("CHANGELOG.md") is { } log && UnreleasedHeading().IsMatch(log.Text)
            ? []
            : [new Finding("CHANGELOG.md", 1, "users read here what changed: add a heading '## Unreleased'")])
    {
        Plants = [Plant.One("CHANGELOG.md", "# Changelog\n\n## 0.1.0\n"), Plant.One("README.md", "text")],
        Harmless = [Plant.One("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n")],
    };

    private static TidyRule Decisions => new("Every decision says context, options, choice and price", static tree =>
        DecisionFiles(tree).SelectMany(static file =>
        {
            var name = DecisionName().IsMatch(file.Name)
                ? []
                : new[] { new Finding(file.Path, 1, "a decision is named NNNN-what-was-decided.md") };
            var missing = DecisionHeadings.Where(h => !file.Lines.Contains($"## {h}", StringComparer.Ordinal))
                .Select(h => new Finding(file.Path, 1, $"no heading '## {h}'"));
            return name.Concat(missing);
        }))
    {
        Plants =
        [
            Plant.One("docs/decisions/0001-a.md", "# A\n\n## Context\n\n## Options\n\n## Choice\n"),
            Plant.One("docs/decisions/one.md", "## Context\n## Options\n## Choice\n## Price\n"),
        ],
        Harmless = [Plant.One("docs/decisions/0001-a.md", "# A\n## Context\n## Options\n## Choice\n## Price\n")],
    };

    private static TidyRule DecisionNumbers => new("Decision numbers are unique", static tree =>
        DecisionFiles(tree).GroupBy(static f => f.Name.Split('-')[0], StringComparer.Ordinal)
            .SelectMany(static g => g.Skip(1).Select(f => new Finding(f.Path, 1, $"number {g.Key} is taken by {g.First().Name}; take the next"))))
    {
        Plants = [Plant.Many(("docs/decisions/0001-a.md", "a"), ("docs/decisions/0001-b.md", "b"))],
        Harmless = [Plant.Many(("docs/decisions/0001-a.md", "a"), ("docs/decisions/0002-b.md", "b"))],
    };

    private static TidyRule LinksLeadSomewhere => new("Relative links in documents lead to a file", static tree =>
    {
        var paths = tree.Files.SelectMany(static f => Ancestors(f.Path)).ToHashSet(StringComparer.Ordinal);
        return tree.Files.Where(static f => f.Name.EndsWith(".md", StringComparison.Ordinal)).SelectMany(file => Link().Matches(file.Text)
            .Where(m => !paths.Contains(Resolve(file.Path, m.Groups["target"].Value)))
            .Select(m => new Finding(file.Path, file.LineOf(m.Index), $"the link to '{m.Groups["target"].Value}' leads nowhere")));
    })
    {
        Plants = [Plant.One("docs/a.md", "[b](b.md)")],
        Harmless = [Plant.Many(("docs/a.md", "[b](b.md#part) [c](../README.md) [d](https://example.com) [e](#here) [f](../docs)"), ("docs/b.md", "b"), ("README.md", "r"))],
    };

    private static TidyRule GoldensAreUsed => new("Every golden file is named by a test", static tree =>
        tree.Files.Where(static f => f.Room == "tests" && f.Path.Contains("/goldens/", StringComparison.Ordinal))
            .Where(golden => !IsNamed(string.Concat(TestsBeside(tree, golden).Select(static t => t.Text)), golden.Name))
            .Select(static golden => new Finding(golden.Path, 1, "no test source names it; remove it, or write its test")))
    {
        Plants =
        [
            Plant.Many(("tests/Kernel.Tests/goldens/create-bridge.txt", "+ link"), ("tests/Kernel.Tests/PlanTests.cs", "Golden(\"create-bridges\")")),
            Plant.Many(("tests/A.Tests/goldens/nft-set.txt", "set"), ("tests/A.Tests/A.cs", "Golden(\"set\")"), ("tests/B.Tests/B.cs", "\"nft-set\"")),
        ],
        Harmless =
        [
            Plant.Many(("tests/Kernel.Tests/goldens/create-bridge.txt", "+ link"), ("tests/Kernel.Tests/PlanTests.cs", "Golden(\"create-bridge\")")),
            Plant.Many(("tests/Kernel.Tests/goldens/a/b.hex", "00"), ("tests/Kernel.Tests/A.cs", "Golden(\"a/b.hex\")")),
            Plant.Many(("tests/A.Tests/goldens/nft-set.txt", "set"), ("tests/A.Tests/A.cs", "Golden(\"set\")"), ("tests/A.Tests/B.cs", "$\"nft-{name}.txt\"")),
        ],
    };

    private static IEnumerable<SourceFile> DecisionFiles(SourceTree tree) =>
        tree.Files.Where(static f => f.Path.StartsWith("docs/decisions/", StringComparison.Ordinal) && f.Name != "README.md");

    private static IEnumerable<SourceFile> TestsBeside(SourceTree tree, SourceFile golden)
    {
        var project = string.Join('/', golden.Path.Split('/').Take(2)) + "/";
        return tree.CSharp.Where(f => f.Path.StartsWith(project, StringComparison.Ordinal));
    }

    /// <summary>
    /// A test names a golden as <c>"create-bridge"</c>, with or without folder and ending; or in two parts at a dash, as
    /// <c>$"nft-{name}.txt"</c> with <c>"chain-base"</c>.
    /// </summary>
    private static bool IsNamed(string text, string goldenName)
    {
        var stem = goldenName[..(goldenName.IndexOf('.', StringComparison.Ordinal) is var dot and > 0 ? dot : goldenName.Length)];
        return IsQuoted(text, stem) || Dashes(stem).Any(at =>
            text.Contains($"\"{stem[..(at + 1)]}{{", StringComparison.Ordinal) && IsQuoted(text, stem[(at + 1)..]));
    }

    private static bool IsQuoted(string text, string stem) =>
        Regex.IsMatch(text, $@"[""/]{Regex.Escape(stem)}(\.[\w.]+)?""", RegexOptions.None, TimeSpan.FromSeconds(5));

    private static IEnumerable<int> Dashes(string text) => Enumerable.Range(0, text.Length).Where(i => text[i] == '-');

    private static IEnumerable<string> Ancestors(string path)
    {
        for (var at = path.Length; at > 0; at = path.LastIndexOf('/', at - 1))
        {
            yield return path[..at];
        }
    }

    private static string Resolve(string from, string target)
    {
        var folder = from.Contains('/', StringComparison.Ordinal) ? from[..from.LastIndexOf('/')] : string.Empty;
        return Path.GetFullPath(Path.Combine("/", folder, target)).Trim('/');
    }

    [GeneratedRegex(@"^## \[?Unreleased\]?\s*$", RegexOptions.Multiline)]
    private static partial Regex UnreleasedHeading();

    [GeneratedRegex(@"^\d{4}-[a-z0-9]+(?:-[a-z0-9]+)*\.md$")]
    private static partial Regex DecisionName();

    [GeneratedRegex(@"\]\((?!https?:|mailto:|#)(?<target>[^)#\s]+)(?:#[^)]*)?\)")]
    private static partial Regex Link();
}
