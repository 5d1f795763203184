using System.Text;

namespace Networking.Netctl.Output;

/// <summary>A column of a table.</summary>
/// <param name="Title">Heading.</param>
/// <param name="IsNumber">True to align to the right.</param>
internal sealed record Column(string Title, bool IsNumber = false);

/// <summary>A cell of a table.</summary>
/// <param name="Text">What stands in it.</param>
/// <param name="Ink">Its colour.</param>
internal sealed record Cell(string Text, Ink Ink = Ink.Plain)
{
    public static implicit operator Cell(string text) => new(text);
}

/// <summary>
/// Aligned columns, one line a row. Where the width is known, the widest columns are cut until every row fits:
/// a wrapped row cannot be read down the column. Programs take JSON, and a pipe has no width, so nothing is lost there.
/// </summary>
internal sealed class Table(params Column[] columns)
{
    private const string Gap = "   ";
    private const int CutColumnsMin = 5;

    private readonly List<Cell[]> _rows = [];

    /// <summary>Adds a row, a cell for each column.</summary>
    public void Add(params Cell[] cells)
    {
        if (cells.Length != columns.Length)
        {
            throw new ArgumentException($"{cells.Length} cells for {columns.Length} columns", nameof(cells));
        }

        _rows.Add([.. cells.Select(cell => cell with { Text = Printable.Line(cell.Text) })]);
    }

    /// <summary>The table as text.</summary>
    public string Render(Style style)
    {
        var widths = Widths(style.Width);
        var text = new StringBuilder();
        AppendRow(text, [.. columns.Select(column => new Cell(column.Title, Ink.Faint))], widths, style.HasColour);
        foreach (var row in _rows)
        {
            AppendRow(text, row, widths, style.HasColour);
        }

        return text.ToString();
    }

    private int[] Widths(int? limit)
    {
        var widths = new int[columns.Length];
        for (var index = 0; index < columns.Length; index++)
        {
            var content = _rows.Count == 0 ? 0 : _rows.Max(row => DisplayWidth.Of(row[index].Text));
            widths[index] = Math.Max(DisplayWidth.Of(columns[index].Title), content);
        }

        var excess = widths.Sum() + (Gap.Length * (columns.Length - 1)) - (limit ?? int.MaxValue);
        while (excess > 0)
        {
            var widest = Array.IndexOf(widths, widths.Max());
            if (widths[widest] <= CutColumnsMin)
            {
                break; // narrower than that says nothing; let the terminal do what it does
            }

            widths[widest]--;
            excess--;
        }

        return widths;
    }

    private void AppendRow(StringBuilder text, Cell[] row, int[] widths, bool hasColour)
    {
        for (var index = 0; index < row.Length; index++)
        {
            var content = DisplayWidth.Cut(row[index].Text, widths[index]);
            var padding = new string(' ', widths[index] - DisplayWidth.Of(content));
            var painted = row[index].Ink.Paint(content, hasColour);
            var isLast = index == row.Length - 1;
            text.Append(columns[index].IsNumber ? padding + painted : isLast ? painted : painted + padding);
            text.Append(isLast ? string.Empty : Gap);
        }

        while (text.Length > 0 && text[^1] == ' ')
        {
            text.Length--; // an empty last cell leaves no trailing blanks
        }

        text.Append('\n');
    }
}
