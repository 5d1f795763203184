using System.Text.Json;
using System.Text.Json.Serialization;

namespace Networking.Store;

/// <summary>
/// A value that is stored as one JSON string. Reading takes exactly what writing makes: a text that would be silently
/// changed (a prefix with host bits, <c>10.1</c> for <c>10.0.0.1</c>) is a damaged record.
/// </summary>
internal abstract class TextConverter<T> : JsonConverter<T>
{
    /// <summary>What the value is, for the message about a damaged one.</summary>
    protected abstract string Noun { get; }

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        if (text is null || !TryParse(text, out var value) || ToText(value) != text)
        {
            throw new JsonException($"'{text}' is not {Noun}");
        }

        return value;
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteStringValue(ToText(value));

    protected abstract bool TryParse(string text, out T value);

    protected abstract string ToText(T value);
}
