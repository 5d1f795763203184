using Networking.Model.Api;

namespace Networking.Netctl.Output;

/// <summary>An event as a line for people.</summary>
internal static class EventText
{
    private const int TypeWidth = 18;
    private const int NameWidth = 16;

    public static string Line(EventDocument entry, Style style)
    {
        // Lines come one by one, so columns cannot be measured; the usual widths are kept and longer words push.
        var type = Printable.Line(entry.Type).PadRight(TypeWidth);
        var name = Printable.Line(entry.Name ?? ObjectOf(entry.Object)).PadRight(NameWidth);
        var time = Ink.Faint.Paint(style.Time(entry.Time), style.HasColour);
        return $"{time}  {Ink.Accent.Paint(type, style.HasColour)}  {name}  {Printable.Line(entry.Message)}\n";
    }

    // An id, or what a scope is of and its short id: endpoint/0123456789ab.
    private static string ObjectOf(string text) => text.Contains('/', StringComparison.Ordinal) ? text : ListText.ShortId(text);

    /// <summary>What is said when numbers are missing between two events.</summary>
    public static string Gap(long missing) =>
        $"netctl: {missing} {(missing == 1 ? "event was" : "events were")} dropped because this reader was too slow\n";
}
