namespace Networking.Drivers;

/// <summary>How far a word is from a known one, to ask "did you mean".</summary>
public static class EditDistance
{
    /// <summary>
    /// The candidate with the fewest edits, the earlier on a tie; null if even that one shares too little.
    /// </summary>
    public static string? Nearest(string word, IEnumerable<string> candidates)
    {
        string? nearest = null;
        var fewest = int.MaxValue;
        foreach (var candidate in candidates)
        {
            var edits = IsStart(word, candidate) ? 1 : Between(word, candidate);
            if (edits < fewest && edits <= (Math.Max(word.Length, candidate.Length) + 1) / 2)
            {
                (nearest, fewest) = (candidate, edits);
            }
        }

        return nearest;
    }

    /// <summary>Levenshtein's distance, one row at a time.</summary>
    public static int Between(string left, string right)
    {
        var row = new int[right.Length + 1];
        for (var j = 0; j <= right.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var substituted = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[right.Length];
    }

    // Somebody who writes "masq" has written the start of "masquerade", however many letters are missing.
    private static bool IsStart(string word, string candidate) =>
        word.Length >= 3 && candidate.StartsWith(word, StringComparison.Ordinal);
}
