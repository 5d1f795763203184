using Networking.Tidy.Tests.Source;

namespace Networking.Tidy.Tests.Rules;

/// <summary>How long a thing may get before it is two things.</summary>
internal static class SizeRules
{
    public const int FileLinesMax = 600;
    public const int FileLinesNoted = 400;
    public const int FunctionLinesMax = 80;

    public static IEnumerable<TidyRule> All => [FileLength, FunctionLength];

    private static TidyRule FileLength => new($"No file is longer than {FileLinesMax} lines", static tree =>
        LongFiles(tree, FileLinesMax).Select(static f =>
            new Finding(f.Path, FileLinesMax, $"{LineCount(f)} lines; past {FileLinesMax} there are two types inside: split it by concern")))
    {
        Plants = [Plant.One("netd/Long.cs", string.Concat(Enumerable.Repeat("// line\n", FileLinesMax + 1)))],
        Harmless =
        [
            Plant.One("netd/Long.cs", string.Concat(Enumerable.Repeat("// line\n", FileLinesMax))),
            Plant.One("netd/packages.lock.json", string.Concat(Enumerable.Repeat("\n", 2000))),
        ],
    };

    private static TidyRule FunctionLength => new($"No function is longer than {FunctionLinesMax} lines", static tree =>
        tree.CSharp.Where(static f => !f.IsGenerated).SelectMany(static file => CSharpFunctions.In(file)
            .Where(static f => f.Length > FunctionLinesMax)
            .Select(f => new Finding(file.Path, f.FirstLine, $"{f.Name} has {f.Length} lines; a function fits a screen (60–70): push ifs up and fors down"))))
    {
        Plants =
        [
            Plant.One("netd/A.cs", LongFunction("public void Go(int x)")),
            Plant.One("netd/A.cs", LongFunction("private static async Task<int> GoAsync<T>(T x) =>\n x switch")),
        ],
        Harmless =
        [
            Plant.One("netd/A.cs", LongFunction("public sealed class Go(int x)")),
            Plant.One("netd/A.cs", LongFunction("public static Table All { get; } = new(1)")),
        ],
    };

    /// <summary>Files people write and read, with more lines than this.</summary>
    public static IEnumerable<SourceFile> LongFiles(SourceTree tree, int lines) =>
        tree.Files.Where(f => !f.IsGenerated && f.Name != "CHANGELOG.md" && LineCount(f) > lines);

    public static int LineCount(SourceFile file) => file.Text.AsSpan().Count('\n');

    private static string LongFunction(string head) =>
        $"class A\n{{\n{head}\n{{\n{string.Concat(Enumerable.Repeat("Step();\n", FunctionLinesMax))}}}\n}}\n";
}
