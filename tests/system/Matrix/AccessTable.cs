using System.Net;
using System.Text;

namespace Networking.Daemon.Tests.Matrix;

/// <summary>A table of the page: clients down, targets across; a cell says who is seen, or that nothing comes.</summary>
/// <param name="Name">Its name in the page.</param>
/// <param name="Rows">The clients.</param>
/// <param name="Columns">The targets.</param>
/// <param name="Names">Words for addresses that are seen.</param>
internal sealed record AccessTable(string Name, IReadOnlyList<Client> Rows, IReadOnlyList<Target> Columns, IReadOnlyDictionary<string, string> Names)
{
    /// <summary>Nothing came back.</summary>
    public const string Blocked = "–";

    /// <summary>The far end saw the client's own address.</summary>
    public const string Own = "own";

    /// <summary>An echo request was answered.</summary>
    public const string Yes = "yes";

    /// <summary>All of its cells, a probe each.</summary>
    public IReadOnlyList<Cell> Cells() =>
    [
        .. from row in Rows
           from column in Columns
           from transport in column.Transports
           from isIpv6 in new[] { false, true }
           where row.Has(isIpv6)
           let address = column.Address(row, isIpv6)
           where address is not null
           select new Cell(row, column, transport, isIpv6, new Probe(row.Place, transport, new IPEndPoint(address, column.Port))),
    ];

    /// <summary>The word for what a probe brought.</summary>
    public string WordFor(Client row, string? seen) =>
        seen is null ? Blocked
        : seen == Probe.Echoed ? Yes
        : row.Own.Contains(seen) ? Own
        : Names.TryGetValue(seen, out var name) ? name
        : seen;

    /// <summary>The table as the page has it.</summary>
    public string Render(IReadOnlyList<Cell> cells)
    {
        var lines = new List<string[]> { new[] { "from" }.Concat(Columns.Select(static c => c.Name)).ToArray() };
        lines.AddRange(Rows.Select(row => new[] { row.Name }.Concat(Columns.Select(column =>
            Text([.. cells.Where(c => c.Row == row && c.Column == column)]))).ToArray()));
        var widths = Enumerable.Range(0, Columns.Count + 1).Select(i => lines.Max(l => l[i].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var (line, number) in lines.Select(static (l, i) => (l, i)))
        {
            _ = text.Append("| ").AppendJoin(" | ", line.Select((w, i) => w.PadRight(widths[i]))).Append(" |\n");
            if (number == 0)
            {
                _ = text.Append('|').AppendJoin('|', widths.Select(static w => new string('-', w + 2))).Append("|\n");
            }
        }

        return text.ToString();
    }

    // One word if everything agrees; else one for each family; else every probe by itself.
    private static string Text(Cell[] cells)
    {
        if (cells.Select(static c => c.Word).Distinct(StringComparer.Ordinal).Count() == 1)
        {
            return cells[0].Word;
        }

        var families = cells.GroupBy(static c => c.IsIpv6).OrderBy(static g => g.Key).ToArray();
        return families.All(static f => f.Select(static c => c.Word).Distinct(StringComparer.Ordinal).Count() == 1)
            ? string.Join(", ", families.Select(static f => $"{(f.Key ? "v6" : "v4")} {f.First().Word}"))
            : string.Join(", ", cells.Select(static c => $"{c.Transport}{(c.IsIpv6 ? 6 : 4)} {c.Word}"));
    }
}
