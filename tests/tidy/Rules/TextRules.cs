using System.Text.RegularExpressions;
using Networking.Tidy.Tests.Source;

namespace Networking.Tidy.Tests.Rules;

/// <summary>
/// What must not stand in any text of the repository. The patterns are written so that they do not match themselves
/// (a letter in brackets), the plants with a bar in the word.
/// </summary>
internal static partial class TextRules
{
    public static IEnumerable<TidyRule> All =>
    [
        LeftoverMarkers, UnfinishedCode, EmptyCatch, MachinePaths, PackageHosts, ToolWords, PlainWhitespace,
    ];

    private static TidyRule LeftoverMarkers => new("No leftover markers; a to-do names the condition of its removal", static tree =>
        Texts(tree).SelectMany(static f => Search.InText(f, Marker(), "finish it, or open an issue and remove the marker")
            .Concat(Search.InText(f, BareToDo(), "say when it can go, in parentheses after the word: (when kernel 6.12 is the oldest)"))))
    {
        Plants =
        [
            Plant.One("netd/A.cs", "// TO¦DO: make this better"),
            Plant.One("docs/a.md", "FIX¦ME"),
            Plant.One("test.sh", "# HA¦CK around it"),
        ],
        Harmless = [Plant.One("netd/A.cs", "// TO¦DO(when kernel 6.12 is the oldest): use the flag alone"), Plant.One("a.sh", "mktemp -d x.XXXXXX")],
    };

    private static TidyRule UnfinishedCode => new("No unfinished code, no sleeps, no tests that test nothing", static tree =>
        tree.CSharp.Where(static f => !f.IsGenerated).SelectMany(static f =>
            Search.InCode(f, Unfinished(), "code that is not there yet is refused by name with what would provide it, not thrown at the caller")
                .Concat(Search.InCode(f, Sleep(), "await a condition with a deadline, on TimeProvider"))
                .Concat(Search.InCode(f, Vacuous(), "a test has one reason to fail; this has none"))))
    {
        Plants =
        [
            Plant.One("netd/A.cs", "throw new NotImplementedException();"),
            Plant.One("tests/netns/A.cs", "Thread.Sleep(100);"),
            Plant.One("tests/Model.Tests/A.cs", "Assert.True( true );"),
        ],
        Harmless = [Plant.One("netd/A.cs", "// never Thread.Sleep here\nvar s = \"NotImplementedException\";")],
    };

    private static TidyRule EmptyCatch => new("No empty catch: catch where you can act, or say why nothing is to be done", static tree =>
        tree.CSharp.SelectMany(static f => CatchHead().Matches(f.Code)
            .Where(m => string.IsNullOrWhiteSpace(Between(f.Text, m)) && string.IsNullOrWhiteSpace(Between(f.Code, m)))
            .Select(m => new Finding(f.Path, f.LineOf(m.Index), "an empty catch hides the error; act on it, let it through, or write why it is nothing"))))
    {
        Plants =
        [
            Plant.One("netd/A.cs", "try { Go(); } catch { }"),
            Plant.One("netd/A.cs", "try { Go(); }\ncatch (IOException e) when (e.HResult == 2)\n{\n}\n"),
        ],
        Harmless =
        [
            Plant.One("netd/A.cs", "try { Go(); } catch (OperationCanceledException) { /* the caller stopped waiting */ }"),
            Plant.One("netd/A.cs", "try { Go(); } catch (IOException e) { Log(e); }"),
        ],
    };

    private static TidyRule MachinePaths => new("No path of somebody's machine", static tree =>
        Texts(tree).SelectMany(static f => Search.InText(f, MachinePath(), "this folder exists on one machine only; use a path from the repository's root")))
    {
        Plants = [Plant.One("docs/a.md", "see /wo¦rk/notes"), Plant.One("netd/A.cs", "var p = \"/ho¦me/me/x\";"), Plant.One("b.sh", "cd /ro¦ot/netd")],
        Harmless = [Plant.One("docs/a.md", "the frame/wo¦rk/notes and ./ho¦me/x and $dir/ro¦ot/x")],
    };

    private static TidyRule PackageHosts => new("No host of a package registry: the machine that builds decides where packages come from", static tree =>
        Texts(tree).SelectMany(static f => Search.InText(f, PackageHost(), "name the package and its version, not where it was fetched from")))
    {
        Plants = [Plant.One("NuGet.config", "https://api.nu¦get.org/v3/index¦.json"), Plant.One("a.sh", "curl https://mirror.example/v3/index¦.json")],
        Harmless = [Plant.One("a.md", "apt-get install docker.io")],
    };

    private static TidyRule ToolWords => new("The repository speaks about itself, not about the tools it was written with", static tree =>
        Texts(tree).SelectMany(static f => Search.InText(f, ToolWord(), "say what is so and why, without who or what typed it")))
    {
        Plants = [Plant.One("README.md", "written by Clau¦de"), Plant.One("a.cs", "// as the AI ass¦istant said"), Plant.One("b.md", "Co-Auth¦ored-By: x")],
        Harmless = [Plant.One("README.md", "the agent of the runtime; a session with a manager; the cursor of a dump")],
    };

    private static TidyRule PlainWhitespace => new("Text is LF, without tabs in C#, and ends in a newline", static tree =>
        Texts(tree).SelectMany(static f => Search.InText(f, CarriageReturn(), "line ends are LF (.editorconfig)")
            .Concat(f.IsCSharp ? Search.InCode(f, Tab(), "four spaces (.editorconfig)") : [])
            .Concat(f.Text.Length > 0 && !f.Text.EndsWith('\n') ? [new Finding(f.Path, f.Lines.Count, "no newline at the end of the file")] : [])))
    {
        Plants = [Plant.One("a.md", "one\r\ntwo\n"), Plant.One("a.cs", "\tclass A;\n"), Plant.One("a.sh", "echo")],
        Harmless = [Plant.One("Makefile", "all:\n\techo\n")],
    };

    private static IEnumerable<SourceFile> Texts(SourceTree tree) =>
        tree.Files.Where(static f => !f.IsGenerated && f.Name is not "LICENSE");

    private static string Between(string text, Match head)
    {
        var open = head.Index + head.Length;
        var close = text.IndexOf('}', open);
        return close < 0 ? "open" : text[open..close];
    }

    [GeneratedRegex(@"\b(?:FIX[M]E|HA[C]K)\b")]
    private static partial Regex Marker();

    [GeneratedRegex(@"\bTO[D]O\b(?!\([^)\s][^)]{7,}\))")]
    private static partial Regex BareToDo();

    [GeneratedRegex(@"\bNotImplementedException\b")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"\bThread\s*\.\s*Sleep\b")]
    private static partial Regex Sleep();

    [GeneratedRegex(@"\bAssert\s*\.\s*(?:True\s*\(\s*true|False\s*\(\s*false)\s*[,)]")]
    private static partial Regex Vacuous();

    [GeneratedRegex(@"\bcatch\b\s*(?:\([^)]*\)\s*)?(?:when\s*\((?:[^()]|\([^()]*\))*\)\s*)?\{")]
    private static partial Regex CatchHead();

    [GeneratedRegex(@"(?<![\w.\-/}])/(?:work|farm|root|home)/")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"\b(?:nuget\.org|npmjs\.(?:org|com)|pypi\.org|crates\.io|proxy\.golang\.org|rubygems\.org|quay\.io|ghcr\.io|mcr\.microsoft\.com|registry\.[\w-]+\.[a-z]+)\b|/v3/index\.json", RegexOptions.IgnoreCase)]
    private static partial Regex PackageHost();

    [GeneratedRegex(@"\b(?:c[l]aude|a[n]thropic|o[p]enai|ch[a]tgpt|c[o]pilot|c[o]dex|gemi[n]i|l[l]m|language[ ]model|a[i][ -](?:generated|written|assistant|agent)|as an a[i]\b|co-auth[o]red-by|sub-?a[g]ent|sc[r]atchpad|work[t]ree)s?\b", RegexOptions.IgnoreCase)]
    private static partial Regex ToolWord();

    [GeneratedRegex("\r")]
    private static partial Regex CarriageReturn();

    [GeneratedRegex("\t")]
    private static partial Regex Tab();
}
