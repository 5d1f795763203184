using System.Text;

namespace Networking.Netctl.Output;

/// <summary>The readable view of one object: a key and its value a line, values aligned.</summary>
internal sealed class KeyValues
{
    private readonly List<(string Key, Cell Value)> _lines = [];

    /// <summary>Adds a line; nothing if there is no value.</summary>
    public KeyValues Add(string key, Cell? value)
    {
        if (value is not null)
        {
            _lines.Add((key, value));
        }

        return this;
    }

    /// <summary>Adds a line for each entry of a map, sorted as it is.</summary>
    public KeyValues Add(string key, IEnumerable<KeyValuePair<string, string>> map)
    {
        foreach (var (name, value) in map)
        {
            _lines.Add((key, $"{name}={value}"));
            key = string.Empty; // said once
        }

        return this;
    }

    /// <summary>The lines as text.</summary>
    public string Render(Style style)
    {
        var width = _lines.Max(line => line.Key.Length) + 1;
        var text = new StringBuilder();
        foreach (var (key, value) in _lines)
        {
            var label = (key.Length == 0 ? string.Empty : key + ":").PadRight(width);
            text.Append(Ink.Faint.Paint(label, style.HasColour)).Append("  ")
                .Append(value.Ink.Paint(Printable.Line(value.Text), style.HasColour)).Append('\n');
        }

        return text.ToString();
    }
}
