using System.Text;

namespace Networking.Tidy.Tests.Source;

/// <summary>
/// Blanks comments and literals of C# text, so that rules see code only. Every character keeps its place and every line
/// its number. Holes of interpolated strings are blanked with the string: what stands in them is too small to hide in.
/// </summary>
public static class CSharpText
{
    public static string Blank(string text)
    {
        var result = new StringBuilder(text);
        var at = 0;
        while (at < text.Length)
        {
            var end = EndOfTrivia(text, at);
            if (end == at)
            {
                at++;
                continue;
            }

            for (; at < end; at++)
            {
                if (text[at] is not ('\n' or '\r'))
                {
                    result[at] = ' ';
                }
            }
        }

        return result.ToString();
    }

    /// <summary>Where the comment or literal that starts here ends; the same offset if none starts here.</summary>
    private static int EndOfTrivia(string text, int at)
    {
        switch (text[at])
        {
            case '/' when StartsWith(text, at, "//"):
                return IndexOrEnd(text, "\n", at);
            case '/' when StartsWith(text, at, "/*"):
                return Math.Min(text.Length, IndexOrEnd(text, "*/", at + 2) + 2);
            case '\'':
                return EndOfCharacter(text, at);
            case '"' or '$' or '@':
                return EndOfString(text, at);
            default:
                return at;
        }
    }

    private static int EndOfCharacter(string text, int at)
    {
        var close = at + 1 < text.Length && text[at + 1] == '\\' ? at + 3 : at + 2;
        while (close < text.Length && close < at + 12 && text[close] != '\'')
        {
            close++;
        }

        return close < text.Length && text[close] == '\'' ? close + 1 : at + 1;
    }

    private static int EndOfString(string text, int start)
    {
        var at = start;
        var dollars = 0;
        var isVerbatim = false;
        for (; at < text.Length && text[at] is '$' or '@'; at++)
        {
            dollars += text[at] == '$' ? 1 : 0;
            isVerbatim |= text[at] == '@';
        }

        if (at >= text.Length || text[at] != '"')
        {
            return start; // an @identifier
        }

        var quotes = 0;
        while (at + quotes < text.Length && text[at + quotes] == '"')
        {
            quotes++;
        }

        if (quotes >= 3)
        {
            return Math.Min(text.Length, IndexOrEnd(text, new string('"', quotes), at + quotes) + quotes);
        }

        return EndOfQuoted(text, at + 1, isVerbatim, dollars > 0);
    }

    private static int EndOfQuoted(string text, int at, bool isVerbatim, bool isInterpolated)
    {
        while (at < text.Length)
        {
            var c = text[at];
            if (c == '"' && isVerbatim && StartsWith(text, at, "\"\""))
            {
                at += 2;
            }
            else if (c == '"')
            {
                return at + 1;
            }
            else if (c == '\\' && !isVerbatim)
            {
                at += 2;
            }
            else if (c == '{' && isInterpolated && !StartsWith(text, at, "{{"))
            {
                at = EndOfHole(text, at + 1);
            }
            else
            {
                at += c == '{' && isInterpolated ? 2 : 1;
            }
        }

        return text.Length;
    }

    private static int EndOfHole(string text, int at)
    {
        for (var depth = 1; at < text.Length && depth > 0;)
        {
            var end = EndOfTrivia(text, at);
            if (end > at)
            {
                at = end;
                continue;
            }

            depth += text[at] switch { '{' => 1, '}' => -1, _ => 0 };
            at++;
        }

        return at;
    }

    private static bool StartsWith(string text, int at, string part) =>
        string.CompareOrdinal(text, at, part, 0, part.Length) == 0;

    private static int IndexOrEnd(string text, string part, int from)
    {
        var index = from > text.Length ? -1 : text.IndexOf(part, from, StringComparison.Ordinal);
        return index < 0 ? text.Length : index;
    }
}
