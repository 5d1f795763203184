using System.Text.Json.Serialization;
using Networking.Model;

namespace Networking.Store;

/// <summary>The JSON of <see cref="ClusterFile"/> and <see cref="RingFile"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, RespectNullableAnnotations = true, Converters = [typeof(SecretConverter)])]
[JsonSerializable(typeof(ClusterRecord))]
[JsonSerializable(typeof(RingRecord))]
internal sealed partial class ClusterJson : JsonSerializerContext;
