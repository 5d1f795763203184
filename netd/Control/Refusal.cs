using System.Collections.Immutable;
using Networking.Model;
using Networking.Model.Api;

namespace Networking.Netd.Control;

/// <summary>Why a request changes nothing.</summary>
/// <param name="HttpStatus">Status of the answer: 400 wrong, 404 unknown, 409 in conflict, 503 not now.</param>
/// <param name="Problems">Every problem, at least one.</param>
internal sealed record Refusal(int HttpStatus, ImmutableArray<Problem> Problems)
{
    public static Refusal Of(int httpStatus, string code, string? field, string message, string? hint = null) =>
        new(httpStatus, [new Problem(code, field, message, hint)]);

    /// <summary>What is wrong with a request by itself.</summary>
    public static Refusal Wrong(IEnumerable<Problem> problems) => Of(new Mistakes([.. problems], []), []);

    /// <summary>All that is wrong with a request: what is by itself, and what could not be granted of the rest.</summary>
    /// <param name="mistakes">What was found before anything was claimed.</param>
    /// <param name="claims">What could not be granted.</param>
    public static Refusal Of(Mistakes mistakes, IEnumerable<Problem> claims)
    {
        ImmutableArray<Problem> all = [.. mistakes.Own, .. mistakes.Others, .. claims];
        return new Refusal(all.Any(static p => p.Field is null && p.Code.EndsWith(".unknown", StringComparison.Ordinal)) ? 404 : mistakes.Own.IsEmpty ? 409 : 400, all);
    }

    public ErrorDocument ToDocument() => Problems.Length == 1
        ? new ErrorDocument { Code = Problems[0].Code, Message = Problems[0].Message, Hint = Problems[0].Hint, Details = Problems }
        : new ErrorDocument
        {
            Code = "request.invalid",
            Message = $"{Problems.Length} things are wrong with this request; nothing was changed",
            Details = Problems,
        };
}

/// <summary>Carries a refusal from where it is found to the edge of the API.</summary>
internal sealed class RefusedException(Refusal refusal) : Exception(refusal.Problems[0].Message)
{
    public Refusal Refusal { get; } = refusal;
}
