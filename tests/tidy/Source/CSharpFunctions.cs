using System.Text.RegularExpressions;

namespace Networking.Tidy.Tests.Source;

/// <summary>A function found by its braces.</summary>
public sealed record CSharpFunction(string Name, int FirstLine, int LastLine)
{
    public int Length => LastLine - FirstLine + 1;
}

/// <summary>
/// Finds functions in blanked C# by a cheap rule: a brace whose head, back to the last end of a statement, has a parameter
/// list and is not a type, a control statement or an initialiser. Wrong in odd cases, right for the length of things.
/// </summary>
public static partial class CSharpFunctions
{
    public static IEnumerable<CSharpFunction> In(SourceFile file)
    {
        var code = file.Code;
        var open = new Stack<(string? Name, int Start)>();
        var head = 0;
        for (var at = 0; at < code.Length; at++)
        {
            if (code[at] == '{')
            {
                var text = code[head..at];
                var start = head + text.Length - text.TrimStart().Length;
                open.Push((NameOf(text), start));
                head = at + 1;
            }
            else if (code[at] == '}')
            {
                head = at + 1;
                if (open.TryPop(out var block) && block.Name is not null)
                {
                    yield return new CSharpFunction(block.Name, file.LineOf(block.Start), file.LineOf(at));
                }
            }
            else if (code[at] == ';')
            {
                head = at + 1;
            }
        }
    }

    private static string? NameOf(string head)
    {
        if (TypeHead().IsMatch(head) || Initialiser().IsMatch(head))
        {
            return null;
        }

        var match = FunctionHead().Match(head);
        return match.Success && !ControlWord().IsMatch(match.Groups["name"].Value) ? match.Groups["name"].Value : null;
    }

    [GeneratedRegex(@"\b(?:class|struct|interface|enum|namespace)\s|\brecord\s+(?:struct\s+|class\s+)?\w+")]
    private static partial Regex TypeHead();

    [GeneratedRegex(@"(?<![=!<>])=(?![=>])\s*(?:new|\[|await|\()|^\s*(?:return|throw|await|yield|,|\)|\.)\b")]
    private static partial Regex Initialiser();

    [GeneratedRegex(@"\w[\w<>\[\]?,.]*\s+(?<name>\w+)(?:<[^()<>]*>)?\s*\(", RegexOptions.Singleline)]
    private static partial Regex FunctionHead();

    [GeneratedRegex(@"^(?:if|for|foreach|while|switch|using|lock|catch|fixed|when|return|new|do|else|case|await|static|delegate|is|in|not|and|or)$")]
    private static partial Regex ControlWord();
}
