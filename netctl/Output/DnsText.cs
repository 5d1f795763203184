using System.Globalization;
using Networking.Model.Api;

namespace Networking.Netctl.Output;

/// <summary>Names and answers for people.</summary>
internal static class DnsText
{
    /// <summary>A name a line, with its network and addresses.</summary>
    public static string Of(IEnumerable<DnsNameDocument> names, Style style)
    {
        var table = new Table(new("NAME"), new("NETWORK"), new("ADDRESSES"));
        foreach (var name in names)
        {
            table.Add(name.Name, name.Network, string.Join(", ", name.Addresses));
        }

        return table.Render(style);
    }

    /// <summary>The names alone, each with its network.</summary>
    public static string Names(IEnumerable<DnsNameDocument> names) =>
        string.Concat(names.Select(static name => Printable.Line($"{name.Name}.{name.Network}") + "\n"));

    /// <summary>Who answered and how fast, then the records.</summary>
    public static string Of(DnsAnswerDocument answer, Style style)
    {
        var head = string.Create(
            CultureInfo.InvariantCulture, $"{answer.Name} {answer.Type}: {answer.Code}, {Meaning(answer.Stage)}, {answer.Milliseconds:0.##} ms");
        if (answer.Records.IsEmpty)
        {
            return Printable.Line(head) + "\n";
        }

        var table = new Table(new("NAME"), new("TYPE"), new("TTL", IsNumber: true), new("DATA"));
        foreach (var record in answer.Records)
        {
            table.Add(record.Name, record.Type, record.Ttl.ToString(CultureInfo.InvariantCulture), record.Data);
        }

        return Printable.Line(head) + "\n" + table.Render(style);
    }

    /// <summary>A question of the log, a line.</summary>
    public static string Of(DnsLogDocument entry) => Printable.Line(string.Create(
        CultureInfo.InvariantCulture,
        $"{entry.Time.ToLocalTime():HH:mm:ss.fff} {entry.Transport} {entry.Type,-5} {(entry.Name.Length == 0 ? "-" : entry.Name)}  {entry.Code} {entry.Stage} {entry.Milliseconds} ms")) + "\n";

    /// <summary>The records' data alone.</summary>
    public static string Data(DnsAnswerDocument answer) =>
        string.Concat(answer.Records.Select(static record => Printable.Line(record.Data) + "\n"));

    private static string Meaning(string stage) => stage switch
    {
        "names" => "from the names of its networks",
        "cache" => "from memory of what others said",
        "upstream" => "from the servers it asks",
        "internal" => "unknown here, and its networks lead nowhere else",
        "refusal" => "refused",
        _ => stage,
    };
}
