using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Networking.Model.Api;

namespace Networking.Netctl.Client;

/// <summary>Reads what the daemon answered; whatever came, it ends in a value or a <see cref="DaemonException"/>.</summary>
internal static class AnswerJson
{
    /// <summary>What to do when an answer was lost on the way.</summary>
    public const string UnknownOutcome =
        "Whether the request was done is not known: look with netctl ls, and at the log of netd.";

    private const int ExcerptCharsMax = 200;

    public static T Read<T>(ReadOnlyMemory<byte> json, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(json.Span, type) switch
            {
                null => throw new JsonException("it is null"),
                object?[] list when list.Contains(null) => throw new JsonException("an element of it is null"),
                var value => value,
            };
        }
        catch (JsonException exception)
        {
            throw new DaemonAnswerException(
                $"netd's answer is not understood: {exception.Message}",
                "Are netctl and netd of the same version? Compare with netctl version.",
                exception);
        }
    }

    /// <summary>The error in an answer; if there is none, one that says what came instead.</summary>
    public static ErrorDocument ReadError(HttpStatusCode status, byte[] json)
    {
        try
        {
            if (JsonSerializer.Deserialize(json, ApiJson.Default.ErrorDocument) is { Message: not null } error)
            {
                return error;
            }
        }
        catch (JsonException)
        {
            // Not an error document: say what it was, below.
        }

        var text = Encoding.UTF8.GetString(json).Trim();
        var excerpt = text.Length > ExcerptCharsMax ? text[..ExcerptCharsMax] + "…" : text;
        return new ErrorDocument
        {
            Code = "answer.unexpected",
            Message = $"netd answered {(int)status} without saying why" + (excerpt.Length == 0 ? "." : $": {excerpt}"),
            Hint = "Are netctl and netd of the same version? Compare with netctl version.",
        };
    }
}
