namespace Networking.Netctl.Output;

/// <summary>A colour by what it means.</summary>
internal enum Ink
{
    /// <summary>As the terminal writes.</summary>
    Plain,

    /// <summary>All well, or something new.</summary>
    Good,

    /// <summary>On the way, or changed.</summary>
    Caution,

    /// <summary>Wrong, or taken away.</summary>
    Bad,

    /// <summary>Beside the point.</summary>
    Faint,

    /// <summary>A heading, or an effect.</summary>
    Accent,
}

/// <summary>Terminal escape sequences for <see cref="Ink"/>.</summary>
internal static class Inks
{
    /// <summary>The text in a colour, where there is colour.</summary>
    public static string Paint(this Ink ink, string text, bool hasColour) =>
        hasColour && ink != Ink.Plain && text.Length > 0 ? $"\e[{Code(ink)}m{text}\e[0m" : text;

    /// <summary>The colour of an object's or a check's state.</summary>
    public static Ink OfState(string state) => state switch
    {
        "done" or "ok" => Ink.Good,
        "pending" or "removing" or "warning" or "missing" => Ink.Caution,
        "error" or "failed" => Ink.Bad,
        _ => Ink.Plain,
    };

    private static string Code(Ink ink) => ink switch
    {
        Ink.Good => "32",
        Ink.Caution => "33",
        Ink.Bad => "31",
        Ink.Faint => "2",
        _ => "36",
    };
}
