using System.Text;

namespace Networking.Netctl.Output;

/// <summary>
/// Makes foreign text safe to print on one line. Names and messages come from whoever made the object: an escape
/// sequence in a label must not move the cursor of the person who lists it.
/// </summary>
internal static class Printable
{
    /// <summary>The text with control characters and direction marks written out.</summary>
    public static string Line(string? text)
    {
        // A field that the daemon left out is nothing to print, and nothing to die of.
        if (text is null || !text.Any(IsUnsafe))
        {
            return text ?? string.Empty;
        }

        var safe = new StringBuilder(text.Length + 8);
        foreach (var character in text)
        {
            _ = IsUnsafe(character) ? safe.Append(Written(character)) : safe.Append(character);
        }

        return safe.ToString();
    }

    private static bool IsUnsafe(char character) =>
        char.IsControl(character) || character is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');

    private static string Written(char character) => character switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ => $"\\u{(int)character:x4}",
    };
}
