namespace Networking.Dns;

/// <summary>Why bytes are not the message they should be.</summary>
public enum DnsFault
{
    /// <summary>They are.</summary>
    None = 0,

    /// <summary>Not even a header: nothing can be answered.</summary>
    TooShort,

    /// <summary>An answer where a query should be, or a query where an answer should be. To answer one could loop.</summary>
    WrongDirection,

    /// <summary>An operation other than QUERY.</summary>
    UnknownOperation,

    /// <summary>Not exactly one question.</summary>
    QuestionCount,

    /// <summary>A name runs past the end, is longer than 255 bytes, or points anywhere but backwards.</summary>
    BadName,

    /// <summary>A record runs past the end.</summary>
    CutShort,

    /// <summary>More than one OPT record, or one with another name than the root.</summary>
    BadEdns,
}
