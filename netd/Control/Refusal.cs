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

    public static Refusal Wrong(IEnumerable<Problem> problems) => new(400, [.. problems]);

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
