namespace Networking.Netctl;

/// <summary>Finds the word that was probably meant.</summary>
internal static class Typo
{
    private const int DistanceMax = 2;

    /// <summary>The word fewest edits away; null if none is near.</summary>
    public static string? Nearest(string typed, IEnumerable<string> words) => words
        .Select(word => (Word: word, Distance: Distance(typed, word)))
        .Where(item => item.Distance <= DistanceMax && item.Distance < item.Word.Length)
        .OrderBy(item => item.Distance)
        .Select(item => item.Word)
        .FirstOrDefault();

    /// <summary>Levenshtein: insertions, deletions and replacements.</summary>
    private static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[to.Length];
    }
}
