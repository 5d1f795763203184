using System.Text.Json;
using System.Text.Json.Serialization;
using Networking.Model;

namespace Networking.Store;

/// <summary>A secret as base64, in the one file that only its owner reads.</summary>
internal sealed class SecretConverter : JsonConverter<Secret>
{
    public override Secret Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Secret.TryParse(reader.GetString(), out var secret) ? secret! : throw new JsonException("not base64"); // true: there is one

    public override void Write(Utf8JsonWriter writer, Secret value, JsonSerializerOptions options) => writer.WriteStringValue(value.Reveal());
}
