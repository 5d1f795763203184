using System.Text.Json.Serialization;
using Networking.Model;

namespace Networking.Store;

/// <summary>
/// JSON of stored records: camelCase, every property written, unknown ones ignored when read (a newer minor release
/// may have written them). Reading goes through <see cref="RecordReader"/>, which adds what this context cannot.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    IgnoreReadOnlyProperties = true,
    RespectNullableAnnotations = true,
    UseStringEnumConverter = true,
    Converters =
    [
        typeof(NetworkIdConverter),
        typeof(SandboxIdConverter),
        typeof(EndpointIdConverter),
        typeof(NetNsConverter),
        typeof(MacAddressConverter),
        typeof(IPAddressConverter),
        typeof(IPNetworkConverter),
        typeof(InterfaceAddressConverter),
        typeof(PortRangeConverter),
    ])]
[JsonSerializable(typeof(NodeRecord))]
[JsonSerializable(typeof(NetworkRecord))]
[JsonSerializable(typeof(SandboxRecord))]
[JsonSerializable(typeof(EndpointRecord))]
internal sealed partial class StoreJson : JsonSerializerContext;
