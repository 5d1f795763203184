using System.Collections.Immutable;
using System.Text;

namespace Networking.Netlab.Walks;

/// <summary>What a page says of a walk, beside what was seen. Pure.</summary>
internal static class WalkDifference
{
    /// <summary>Null if the page is true; else a difference by lines, and the block that would be.</summary>
    public static string? Between(WalkPage? page, string name, string title, ImmutableArray<string> seen)
    {
        var block = WalkPage.Block(title, seen);
        if (page is null || page.Walks.All(w => w.Title != title))
        {
            return $"docs/packet-walks/{name}.md does not have the walk '{title}':\n\n{block}";
        }

        var said = page.Walks.First(w => w.Title == title).Lines;
        return said.SequenceEqual(seen, StringComparer.Ordinal)
            ? null
            : $"docs/packet-walks/{name}.md: '{title}' is not as the page says (-), but (+):\n\n{Lines(said, seen)}\nwhich is on the page:\n\n{block}";
    }

    // The longest common part stays; blocks are short.
    private static string Lines(ImmutableArray<string> said, ImmutableArray<string> seen)
    {
        var common = new int[said.Length + 1, seen.Length + 1];
        for (var i = said.Length - 1; i >= 0; i--)
        {
            for (var j = seen.Length - 1; j >= 0; j--)
            {
                common[i, j] = said[i] == seen[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        var text = new StringBuilder();
        for (int i = 0, j = 0; i < said.Length || j < seen.Length;)
        {
            if (i < said.Length && j < seen.Length && said[i] == seen[j])
            {
                _ = text.Append("  ").AppendLine(said[i]);
                (i, j) = (i + 1, j + 1);
            }
            else if (i < said.Length && (j == seen.Length || common[i + 1, j] >= common[i, j + 1]))
            {
                _ = text.Append("- ").AppendLine(said[i++]);
            }
            else
            {
                _ = text.Append("+ ").AppendLine(seen[j++]);
            }
        }

        return text.ToString();
    }
}
