using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;

namespace Networking.Netlab.Results;

/// <summary>The results of a run in four forms: for a terminal, for programs, for build machines, for a browser. Pure.</summary>
internal static class Report
{
    /// <summary>A table, and last the line with the counts.</summary>
    public static string Table(ImmutableArray<ScenarioResult> results)
    {
        var text = new StringBuilder();
        var width = results.Select(static r => r.Id.Length).Append("scenario".Length).Max();
        _ = text.Append("scenario".PadRight(width)).AppendLine("  provider  outcome  seconds  reason");
        foreach (var r in results)
        {
            _ = text.AppendLine(string.Create(CultureInfo.InvariantCulture, $"{r.Id.PadRight(width)}  {r.Provider,-8}  {r.Word,-7}  {r.Seconds,7:0.0}  {r.Short}").TrimEnd());
        }

        return text.AppendLine().AppendLine(Summary(results)).ToString();
    }

    /// <summary>The last line of a run.</summary>
    public static string Summary(ImmutableArray<ScenarioResult> results) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Count(results, Outcome.Passed)} passed, {Count(results, Outcome.Failed)} failed, {Count(results, Outcome.NotRun)} not run");

    /// <summary>results.json.</summary>
    public static byte[] Json(ImmutableArray<ScenarioResult> results)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartArray();
            foreach (var r in results)
            {
                writer.WriteStartObject();
                writer.WriteString("id", r.Id);
                writer.WriteString("provider", r.Provider);
                writer.WriteString("outcome", r.Word);
                writer.WriteString("reason", r.Reason);
                writer.WriteNumber("seconds", Math.Round(r.Seconds, 1));
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        return stream.ToArray();
    }

    /// <summary>junit.xml.</summary>
    public static XDocument JUnit(ImmutableArray<ScenarioResult> results) => new(new XElement(
        "testsuite",
        new XAttribute("name", "netlab"),
        new XAttribute("tests", results.Length),
        new XAttribute("failures", Count(results, Outcome.Failed)),
        new XAttribute("skipped", Count(results, Outcome.NotRun)),
        results.Select(static r => new XElement(
            "testcase",
            new XAttribute("classname", r.Provider),
            new XAttribute("name", r.Id),
            new XAttribute("time", r.Seconds.ToString("0.0", CultureInfo.InvariantCulture)),
            r.Outcome switch
            {
                Outcome.Failed => new XElement("failure", new XAttribute("message", Clean(r.Short)), Clean(r.Reason)),
                Outcome.NotRun => new XElement("skipped", new XAttribute("message", Clean(r.Short))),
                _ => null,
            }))));

    /// <summary>index.html; what was kept of a failed scenario lies in a folder of its name beside it.</summary>
    public static string Html(ImmutableArray<ScenarioResult> results)
    {
        var text = new StringBuilder("""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>netlab</title><style>
            body { font: 15px sans-serif; margin: 2em } td, th { text-align: left; vertical-align: top; padding: .3em 1em .3em 0 }
            .passed { color: #17612b } .failed { color: #a11 } .not-run { color: #666 } pre { margin: 0; white-space: pre-wrap }
            </style></head><body><h1>netlab</h1>

            """);
        _ = text.AppendLine(CultureInfo.InvariantCulture, $"<p>{Summary(results)}</p>")
            .AppendLine("<table><tr><th>scenario</th><th>provider</th><th>outcome</th><th>seconds</th><th>reason</th></tr>");
        foreach (var r in results)
        {
            var id = WebUtility.HtmlEncode(r.Id);
            var name = r.Outcome == Outcome.Failed ? $"<a href=\"{id}/\">{id}</a>" : id;
            _ = text.AppendLine(
                CultureInfo.InvariantCulture,
                $"<tr><td>{name}</td><td>{r.Provider}</td><td class=\"{r.Word.Replace(' ', '-')}\">{r.Word}</td><td>{r.Seconds:0.0}</td><td><pre>{WebUtility.HtmlEncode(r.Reason)}</pre></td></tr>");
        }

        return text.AppendLine("</table></body></html>").ToString();
    }

    private static int Count(ImmutableArray<ScenarioResult> results, Outcome outcome) => results.Count(r => r.Outcome == outcome);

    // XML has no place for most control characters, and output of programs has some.
    private static string Clean(string? text) =>
        string.Concat((text ?? string.Empty).Where(static c => c is '\n' or '\t' || (c >= ' ' && c is not ('\uFFFE' or '\uFFFF') && !char.IsSurrogate(c))));
}
