using System.Text.RegularExpressions;
using Networking.Tidy.Tests.Source;

namespace Networking.Tidy.Tests.Rules;

/// <summary>Looking for a pattern in a file, giving findings.</summary>
internal static class Search
{
    /// <summary>In code only: not in comments, strings or characters.</summary>
    public static IEnumerable<Finding> InCode(SourceFile file, Regex pattern, string why) =>
        In(file, file.Code, pattern, why);

    /// <summary>In the whole text.</summary>
    public static IEnumerable<Finding> InText(SourceFile file, Regex pattern, string why) =>
        In(file, file.Text, pattern, why);

    private static IEnumerable<Finding> In(SourceFile file, string text, Regex pattern, string why) =>
        pattern.Matches(text).Select(m =>
            new Finding(file.Path, file.LineOf(m.Index), $"'{m.Value.Trim().ReplaceLineEndings(" ")}': {why}"));
}
