using System.Collections.Immutable;

namespace Networking.Model;

/// <summary>One thing wrong with a request, in words for the person who made it.</summary>
/// <param name="Code">Stable machine word, such as <c>subnet.overlap</c>.</param>
/// <param name="Field">What of the request it is about, such as <c>--subnet</c>; null if the whole.</param>
/// <param name="Message">The object, the value and what is wrong with it.</param>
/// <param name="Hint">What to try next; null if the message says it.</param>
public sealed record Problem(string Code, string? Field, string Message, string? Hint = null)
{
    /// <inheritdoc/>
    public override string ToString() => Hint is null ? Message : $"{Message} ({Hint})";
}

/// <summary>Every problem of a request at once; empty means that it is valid.</summary>
public sealed record ValidationResult(ImmutableArray<Problem> Problems)
{
    /// <summary>No problem.</summary>
    public static ValidationResult Valid { get; } = new(ImmutableArray<Problem>.Empty);

    /// <summary>True if there is no problem.</summary>
    public bool IsValid => Problems.IsEmpty;
}
