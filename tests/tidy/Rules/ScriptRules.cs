using System.Text.RegularExpressions;
using Networking.Tidy.Tests.Source;

namespace Networking.Tidy.Tests.Rules;

/// <summary>The scripts at the root are the commands that one must know: they start, parse and stop at the first error.</summary>
internal static class ScriptRules
{
    private const string Good = "#!/usr/bin/env bash\nset -euo pipefail\n# --help\necho\n";

    private const string SystemTests = "tests/system/";

    private static readonly string[] Commands = ["build.sh", "test.sh", "bench.sh", ".ci/run"];

    public static IEnumerable<TidyRule> All => [CommandsAreThere, Executable, Parse, StopAtErrors, ExplainThemselves, KnowTheirTests];

    private static TidyRule CommandsAreThere => new("The commands at the root are there", static tree =>
        Commands.Where(c => tree.Find(c) is null).Select(static c => new Finding(c, 1, "missing: the README promises this command")))
    {
        Plants = [Plant.Many(("build.sh", Good), ("test.sh", Good), ("bench.sh", Good))],
    };

    private static TidyRule Executable => new("Scripts are executable", static tree =>
        Scripts(tree).Where(static f => !f.IsExecutable).Select(static f => new Finding(f.Path, 1, $"chmod +x {f.Path}")))
    {
        Plants = [Plant.One("a.sh", Good), Plant.One(".ci/run", Good)],
        Harmless = [Plant.One("a.sh", Good, isExecutable: true), Plant.One("scripts/lib.sh", "# sourced\nf() { :; }\n")],
    };

    private static TidyRule Parse => new("Scripts parse (bash -n)", static tree =>
        Shell(tree).SelectMany(static f =>
        {
            var (exitCode, _, error) = RunProcess.Run("bash", ["-n"], f.Text);
            return exitCode == 0 ? Array.Empty<Finding>() : [new Finding(f.Path, 1, error.Trim())];
        }))
    {
        Plants = [Plant.One("a.sh", "#!/usr/bin/env bash\nif true; then\n"), Plant.One("scripts/lib.sh", "f() {\n")],
        Harmless = [Plant.One("a.sh", Good)],
    };

    private static TidyRule StopAtErrors => new("Scripts stop at the first error", static tree =>
        Scripts(tree).Where(static f => !f.Lines.Contains(StopLine(f), StringComparer.Ordinal))
            .Select(static f => new Finding(f.Path, 1, $"no line '{StopLine(f)}'")))
    {
        Plants = [Plant.One("a.sh", "#!/usr/bin/env bash\necho\n"), Plant.One("packaging/postinst", "#!/bin/sh\nset -e\n")],
        Harmless = [Plant.One("a.sh", Good), Plant.One("packaging/postinst", "#!/bin/sh\nset -eu\n")],
    };

    private static TidyRule ExplainThemselves => new("Scripts at the root answer --help", static tree =>
        Scripts(tree).Where(static f => f.Room.Length == 0 && !f.Text.Contains("--help", StringComparison.Ordinal))
            .Select(static f => new Finding(f.Path, 1, "a command one must know answers --help")))
    {
        Plants = [Plant.One("a.sh", "#!/usr/bin/env bash\necho\n")],
        Harmless = [Plant.One("a.sh", Good)],
    };

    // A new class of tests must be told from one that was forgotten.
    private static TidyRule KnowTheirTests => new("Each class of tests/system runs with iptables, or is left out by name", static tree =>
        tree.Find("test.sh") is not { } script
            ? []
            : tree.Files
                .Where(static f => f.Path.StartsWith(SystemTests, StringComparison.Ordinal) && f.Path.EndsWith("Tests.cs", StringComparison.Ordinal) && !f.Path[SystemTests.Length..].Contains('/', StringComparison.Ordinal))
                .Select(static f => (f.Path, Name: f.Path[SystemTests.Length..^".cs".Length]))
                .Where(f => !Lists(script).Contains(f.Name, StringComparer.Ordinal))
                .Select(static f => new Finding("test.sh", 1, $"{f.Name} is in none of the lists IPTABLES_")))
    {
        Plants = [Plant.Many(("test.sh", Good + "IPTABLES_LEFT=(OneTests)\n"), (SystemTests + "OneTests.cs", "\n"), (SystemTests + "TwoTests.cs", "\n"))],
        Harmless = [Plant.Many(("test.sh", Good + "IPTABLES_PART=(OneTests\n    TwoTests)\n"), (SystemTests + "OneTests.cs", "\n"), (SystemTests + "TwoTests.cs", "\n"), (SystemTests + "Staging/OtherTests.cs", "\n"))],
    };

    private static IEnumerable<string> Lists(SourceFile script) =>
        Regex.Matches(script.Text, @"^IPTABLES_\w+=\((?<names>[^)]*)\)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)
            .SelectMany(static m => m.Groups["names"].Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    // The plain shell of packages and small machines knows no pipefail.
    private static string StopLine(SourceFile script) => script.Lines[0] == "#!/bin/sh" ? "set -eu" : "set -euo pipefail";

    /// <summary>What is started: it has an interpreter line.</summary>
    private static IEnumerable<SourceFile> Scripts(SourceTree tree) =>
        tree.Files.Where(static f => f.Lines[0].StartsWith("#!", StringComparison.Ordinal) && f.Lines[0].Contains("sh", StringComparison.Ordinal));

    /// <summary>Everything bash reads: scripts, and what they source.</summary>
    private static IEnumerable<SourceFile> Shell(SourceTree tree) =>
        Scripts(tree).Union(tree.Files.Where(static f => f.Path.EndsWith(".sh", StringComparison.Ordinal)));
}
