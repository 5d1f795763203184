using Networking.Tidy.Tests.Source;

namespace Networking.Tidy.Tests.Rules;

/// <summary>Short ways to write a small tree. A bar in a word keeps this file itself from tripping the rule it plants for.</summary>
internal static class Plant
{
    public static SourceTree One(string path, string text, bool isExecutable = false) =>
        new(new SourceFile(path, Joined(text), isExecutable));

    public static SourceTree Many(params (string Path, string Text)[] files) =>
        new(files.Select(static f => new SourceFile(f.Path, Joined(f.Text))));

    /// <summary>The text without the marks <c>¦</c> that split words in it.</summary>
    public static string Joined(string text) => text.Replace("¦", string.Empty, StringComparison.Ordinal);
}
