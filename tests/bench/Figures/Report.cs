using System.Globalization;
using System.Text.Json;

namespace Networking.Bench;

/// <summary>Writes figures as they come: a table for people, or one JSON line each.</summary>
internal sealed class Report(bool isJson, TextWriter output, TextWriter notes)
{
    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    private readonly List<Figure> _figures = [];

    /// <summary>Targets that were not reached.</summary>
    public IEnumerable<Figure> Missed => _figures.Where(static f => f.Met == false);

    public void Add(Figure figure)
    {
        _figures.Add(figure);
        if (isJson)
        {
            output.WriteLine(JsonSerializer.Serialize(figure, s_json));
        }
    }

    /// <summary>Progress, apart from the figures.</summary>
    public void Note(string text) => notes.WriteLine(text);

    /// <summary>The table, and in plain words what was missed.</summary>
    public void Finish()
    {
        if (isJson)
        {
            return;
        }

        string[] heads = ["figure", "unit", "ours", "peer", "ours/peer", "target", "met", "p10..p90 of ours", "beside"];
        List<string[]> rows = [heads, .. _figures.Select(Row)];
        var widths = Enumerable.Range(0, heads.Length).Select(i => rows.Max(r => r[i].Length)).ToArray();
        output.WriteLine();
        foreach (var row in rows)
        {
            output.WriteLine(string.Join("  ", row.Select((cell, i) => i is 2 or 3 or 4 ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]))).TrimEnd());
        }

        output.WriteLine();
        foreach (var figure in Missed)
        {
            output.WriteLine($"MISSED: {figure.Name}: {figure.Target}, measured {Number(figure.Ratio is not null && figure.Target!.StartsWith("ratio", StringComparison.Ordinal) ? figure.Ratio : figure.Ours)}");
        }

        if (!Missed.Any())
        {
            output.WriteLine("Every target was met.");
        }
    }

    private static string[] Row(Figure figure) =>
    [
        figure.Name,
        figure.Unit,
        Number(figure.Ours),
        Number(figure.Peer),
        Number(figure.Ratio),
        figure.Target ?? string.Empty,
        figure.Met switch { true => "yes", false => "NO", null => string.Empty },
        figure.OursSamples.Length > 1
            ? $"{Number(Samples.Quantile(figure.OursSamples, 0.1))}..{Number(Samples.Quantile(figure.OursSamples, 0.9))}"
            : string.Empty,
        Beside(figure),
    ];

    private static string Beside(Figure figure) =>
        figure.PeerName is null ? string.Empty
        : figure.Peer is null ? $"{figure.PeerName} ({figure.PeerCommand})"
        : $"{figure.PeerName} {figure.PeerVersion}".TrimEnd();

    private static string Number(double? value) => value switch
    {
        null => "-",
        >= 1000 => value.Value.ToString("N0", CultureInfo.InvariantCulture),
        >= 100 => value.Value.ToString("0", CultureInfo.InvariantCulture),
        >= 10 => value.Value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("0.000", CultureInfo.InvariantCulture),
    };
}
