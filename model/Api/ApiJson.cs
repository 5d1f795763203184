using System.Text.Json;
using System.Text.Json.Serialization;

namespace Networking.Model.Api;

/// <summary>JSON of the API: camelCase, nulls left out; requests refuse unknown fields, answers ignore them.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ErrorDocument))]
[JsonSerializable(typeof(NetworkDocument))]
[JsonSerializable(typeof(NetworkDocument[]))]
[JsonSerializable(typeof(SandboxDocument))]
[JsonSerializable(typeof(SandboxDocument[]))]
[JsonSerializable(typeof(EndpointDocument))]
[JsonSerializable(typeof(PortDocument[]))]
[JsonSerializable(typeof(ChangeDocument))]
[JsonSerializable(typeof(PlanDocument))]
[JsonSerializable(typeof(PruneDocument))]
[JsonSerializable(typeof(EventDocument))]
[JsonSerializable(typeof(DoctorDocument))]
[JsonSerializable(typeof(ExplainDocument))]
[JsonSerializable(typeof(VersionDocument))]
[JsonSerializable(typeof(InfoDocument))]
[JsonSerializable(typeof(IpamDocument))]
[JsonSerializable(typeof(IpamNetworkDocument))]
[JsonSerializable(typeof(IpamWhyDocument))]
[JsonSerializable(typeof(DnsNameDocument[]))]
[JsonSerializable(typeof(DnsAnswerDocument))]
[JsonSerializable(typeof(DnsLogDocument))]
[JsonSerializable(typeof(ClusterDocument))]
[JsonSerializable(typeof(ClusterKeyDocument[]))]
[JsonSerializable(typeof(NodeDocument[]))]
[JsonSerializable(typeof(InitClusterRequest))]
[JsonSerializable(typeof(JoinClusterRequest))]
[JsonSerializable(typeof(AddClusterKeyRequest))]
[JsonSerializable(typeof(CreateNetworkRequest))]
[JsonSerializable(typeof(ConnectRequest))]
[JsonSerializable(typeof(DisconnectRequest))]
[JsonSerializable(typeof(UpdateNetworkRequest))]
[JsonSerializable(typeof(UpdateEndpointRequest))]
[JsonSerializable(typeof(CreateSandboxRequest))]
[JsonSerializable(typeof(FirewallRequest))]
public sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>For requests: a field that is unknown or given twice is a mistake of the caller.</summary>
    public static ApiJson Strict { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
    });
}
