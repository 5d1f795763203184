using System.Text.RegularExpressions;

namespace Networking.Daemon.Tests.Matrix;

/// <summary>docs/access-matrix.md: prose that people write, and tables that probes write, between marks.</summary>
internal static partial class AccessPage
{
    /// <summary>Whether the page is to be written and not compared.</summary>
    public static bool IsUpdate => Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1";

    /// <summary>The tables of the page by name.</summary>
    public static IReadOnlyDictionary<string, string> Read() =>
        Table().Matches(File.ReadAllText(PathOf())).ToDictionary(static m => m.Groups["name"].Value, static m => m.Groups["table"].Value, StringComparer.Ordinal);

    /// <summary>Writes tables into their places; those without one are told.</summary>
    public static void Write(IReadOnlyDictionary<string, string> tables)
    {
        var missing = tables.Keys.Except(Read().Keys, StringComparer.Ordinal).ToArray();
        Assert.True(missing.Length == 0, $"{PathOf()} has no place for: {string.Join("; ", missing)}");
        File.WriteAllText(PathOf(), Table().Replace(File.ReadAllText(PathOf()), m => tables.TryGetValue(m.Groups["name"].Value, out var table)
            ? $"<!-- table: {m.Groups["name"].Value} -->\n\n{table}\n<!-- end -->"
            : m.Value));
    }

    private static string PathOf()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Networking.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder?.FullName ?? ".", "docs", "access-matrix.md");
    }

    [GeneratedRegex(@"<!-- table: (?<name>[^\n]+?) -->\n\n?(?<table>.*?)\n?<!-- end -->", RegexOptions.Singleline)]
    private static partial Regex Table();
}
