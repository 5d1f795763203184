using Networking.Model.Api;

namespace Networking.Netctl.Output;

/// <summary>The status of an object in words.</summary>
internal static class StatusText
{
    /// <summary>For a table: the state alone.</summary>
    public static Cell Word(StatusDocument status) => new(status.State, Inks.OfState(status.State));

    /// <summary>For one object: since when, why, and what happens next.</summary>
    public static Cell Sentence(StatusDocument status, Style style)
    {
        var text = $"{status.State} since {style.Ago(status.Since)}";
        if (status.Reason is { } reason)
        {
            text += $": {reason}";
        }

        if (status.Attempts > 0)
        {
            text += $"; tried {status.Attempts} {(status.Attempts == 1 ? "time" : "times")}";
        }

        if (status.NextTry is { } next)
        {
            text += $"; next try {style.Ago(next)}";
        }

        return new Cell(text, Inks.OfState(status.State));
    }
}
