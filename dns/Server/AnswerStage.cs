namespace Networking.Dns;

/// <summary>Who answered a question.</summary>
public enum AnswerStage
{
    /// <summary>Nobody: it is no question, or one that is not answered here.</summary>
    Refusal,

    /// <summary>The names of the sandbox's networks.</summary>
    Names,

    /// <summary>Memory of what others have said.</summary>
    Cache,

    /// <summary>Others were asked.</summary>
    Upstream,

    /// <summary>It is not one of ours, and others may not be asked.</summary>
    Internal,
}
