using System.Text.Json.Serialization;
using Networking.Model;

namespace Networking.Store;

/// <summary>The JSON of <see cref="ClusterFile"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, RespectNullableAnnotations = true, Converters = [typeof(SecretConverter)])]
[JsonSerializable(typeof(ClusterRecord))]
internal sealed partial class ClusterJson : JsonSerializerContext;
