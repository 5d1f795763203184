using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;

namespace Networking.Netlab.Walks;

/// <summary>
/// A page of docs/packet-walks, as it was when the lab was built. A walk stands there between two fences, after a line
/// <c>&lt;!-- walk: TITLE --&gt;</c>.
/// </summary>
/// <param name="Name">Its file, without .md.</param>
/// <param name="Walks">The lines of each walk, by title, as they follow each other.</param>
internal sealed partial record WalkPage(string Name, ImmutableArray<(string Title, ImmutableArray<string> Lines)> Walks)
{
    private const string Folder = "packet-walks/";
    private const string Fence = "```";

    /// <summary>Every page, by name.</summary>
    public static ImmutableArray<WalkPage> All()
    {
        var assembly = typeof(WalkPage).Assembly;
        var pages = ImmutableArray.CreateBuilder<WalkPage>();
        foreach (var name in assembly.GetManifestResourceNames().Where(static n => n.StartsWith(Folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!); // it was just listed
            pages.Add(Parse(Path.GetFileNameWithoutExtension(name), reader.ReadToEnd()));
        }

        return pages.ToImmutable();
    }

    /// <summary>Reads a page.</summary>
    /// <exception cref="FormatException">A walk is announced and does not follow, or its title was there before.</exception>
    public static WalkPage Parse(string name, string text)
    {
        var walks = ImmutableArray.CreateBuilder<(string Title, ImmutableArray<string> Lines)>();
        var lines = text.Split('\n').Select(static l => l.TrimEnd()).ToArray();
        for (var i = 0; i < lines.Length; i++)
        {
            if (Marker().Match(lines[i]) is not { Success: true } marker)
            {
                continue;
            }

            var title = marker.Groups["title"].Value;
            var first = Array.FindIndex(lines, i + 1, static l => l.Length > 0);
            var last = first < 0 ? -1 : Array.IndexOf(lines, Fence, first + 1);
            if (last < 0 || lines[first] != Fence)
            {
                throw new FormatException($"{name}.md: the walk '{title}' is not followed by a block of {Fence}");
            }

            if (walks.Any(w => w.Title == title))
            {
                throw new FormatException($"{name}.md: the walk '{title}' is there twice");
            }

            walks.Add((title, [.. lines[(first + 1)..last]]));
            i = last;
        }

        return new WalkPage(name, walks.ToImmutable());
    }

    /// <summary>A walk as it stands on a page, marker and fences with it.</summary>
    public static string Block(string title, ImmutableArray<string> lines)
    {
        var text = new StringBuilder().AppendLine($"<!-- walk: {title} -->").AppendLine().AppendLine(Fence);
        foreach (var line in lines)
        {
            _ = text.AppendLine(line);
        }

        return text.AppendLine(Fence).ToString();
    }

    [GeneratedRegex("^<!-- walk: (?<title>.+) -->$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Marker();
}
