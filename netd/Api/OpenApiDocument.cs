using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using Networking.Model.Api;

namespace Networking.Netd.Api;

/// <summary>
/// Describes <see cref="ApiRoutes"/> and the documents they take and give as OpenAPI 3.1. The result is committed as
/// <c>docs/openapi.json</c> and embedded; a test generates it anew and compares.
/// </summary>
internal static class OpenApiDocument
{
    private const string Json = "application/json";

    private static readonly ImmutableDictionary<string, JsonTypeInfo> s_requests = new Dictionary<string, JsonTypeInfo>(StringComparer.Ordinal)
    {
        ["POST /v1/networks"] = ApiJson.Default.CreateNetworkRequest,
        ["POST /v1/networks/{ref}/connect"] = ApiJson.Default.ConnectRequest,
        ["POST /v1/networks/{ref}/disconnect"] = ApiJson.Default.DisconnectRequest,
        ["PATCH /v1/networks/{ref}"] = ApiJson.Default.UpdateNetworkRequest,
        ["PATCH /v1/networks/{ref}/endpoint"] = ApiJson.Default.UpdateEndpointRequest,
        ["POST /v1/sandboxes"] = ApiJson.Default.CreateSandboxRequest,
        ["PUT /v1/firewall"] = ApiJson.Default.FirewallRequest,
        ["POST /v1/cluster/init"] = ApiJson.Default.InitClusterRequest,
        ["POST /v1/cluster/join"] = ApiJson.Default.JoinClusterRequest,
        ["POST /v1/cluster/keys"] = ApiJson.Default.AddClusterKeyRequest,
    }.ToImmutableDictionary(StringComparer.Ordinal);

    private static readonly ImmutableDictionary<string, JsonTypeInfo> s_answers = new Dictionary<string, JsonTypeInfo>(StringComparer.Ordinal)
    {
        ["GET /v1/version"] = ApiJson.Default.VersionDocument,
        ["GET /v1/info"] = ApiJson.Default.InfoDocument,
        ["GET /v1/networks"] = ApiJson.Default.NetworkDocumentArray,
        ["POST /v1/networks"] = ApiJson.Default.ChangeDocument,
        ["POST /v1/networks/prune"] = ApiJson.Default.PruneDocument,
        ["GET /v1/networks/{ref}"] = ApiJson.Default.NetworkDocument,
        ["DELETE /v1/networks/{ref}"] = ApiJson.Default.ChangeDocument,
        ["PATCH /v1/networks/{ref}"] = ApiJson.Default.ChangeDocument,
        ["PATCH /v1/networks/{ref}/endpoint"] = ApiJson.Default.ChangeDocument,
        ["POST /v1/networks/{ref}/connect"] = ApiJson.Default.ChangeDocument,
        ["POST /v1/networks/{ref}/disconnect"] = ApiJson.Default.ChangeDocument,
        ["GET /v1/sandboxes"] = ApiJson.Default.SandboxDocumentArray,
        ["POST /v1/sandboxes"] = ApiJson.Default.ChangeDocument,
        ["GET /v1/sandboxes/{ref}"] = ApiJson.Default.SandboxDocument,
        ["DELETE /v1/sandboxes/{ref}"] = ApiJson.Default.ChangeDocument,
        ["GET /v1/ports"] = ApiJson.Default.PortDocumentArray,
        ["GET /v1/ipam"] = ApiJson.Default.IpamDocument,
        ["GET /v1/ipam/networks/{ref}"] = ApiJson.Default.IpamNetworkDocument,
        ["GET /v1/ipam/why"] = ApiJson.Default.IpamWhyDocument,
        ["GET /v1/dns"] = ApiJson.Default.DnsNameDocumentArray,
        ["GET /v1/dns/query"] = ApiJson.Default.DnsAnswerDocument,
        ["GET /v1/cluster"] = ApiJson.Default.ClusterDocument,
        ["POST /v1/cluster/init"] = ApiJson.Default.ClusterDocument,
        ["POST /v1/cluster/join"] = ApiJson.Default.ClusterDocument,
        ["POST /v1/cluster/leave"] = ApiJson.Default.ClusterDocument,
        ["GET /v1/cluster/keys"] = ApiJson.Default.ClusterKeyDocumentArray,
        ["POST /v1/cluster/keys"] = ApiJson.Default.ClusterDocument,
        ["POST /v1/cluster/keys/{ref}/use"] = ApiJson.Default.ClusterDocument,
        ["DELETE /v1/cluster/keys/{ref}"] = ApiJson.Default.ClusterDocument,
        ["GET /v1/nodes"] = ApiJson.Default.NodeDocumentArray,
        ["GET /v1/plan"] = ApiJson.Default.PlanDocument,
        ["GET /v1/diff"] = ApiJson.Default.PlanDocument,
        ["POST /v1/repair"] = ApiJson.Default.PlanDocument,
        ["PUT /v1/firewall"] = ApiJson.Default.ChangeDocument,
        ["GET /v1/explain/{ref}"] = ApiJson.Default.ExplainDocument,
        ["GET /v1/doctor"] = ApiJson.Default.DoctorDocument,
    }.ToImmutableDictionary(StringComparer.Ordinal);

    /// <summary>The document as indented JSON with a newline at its end.</summary>
    public static string Generate()
    {
        var paths = new JsonObject();
        foreach (var group in ApiRoutes.All.GroupBy(static r => r.Path))
        {
            var item = new JsonObject();
            foreach (var route in group)
            {
                item[route.Method.ToLowerInvariant()] = Operation(route);
            }

            paths[group.Key] = item;
        }

        var document = new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "netd",
                ["version"] = "v1",
                ["description"] = "API of the netd network daemon, served over a unix socket.",
            },
            ["paths"] = paths,
        };
        return document.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n";
    }

    private static JsonObject Operation(ApiRoute route)
    {
        var key = $"{route.Method} {route.Path}";
        var operation = new JsonObject { ["summary"] = route.Summary, ["parameters"] = Parameters(route) };
        if (s_requests.TryGetValue(key, out var request))
        {
            operation["requestBody"] = new JsonObject { ["required"] = true, ["content"] = Content(Json, request) };
        }

        operation["responses"] = new JsonObject
        {
            [IsCreation(route) ? "201" : "200"] = new JsonObject { ["description"] = "Done, or on its way: see status.", ["content"] = Answer(key) },
            ["default"] = new JsonObject { ["description"] = "Refused or failed.", ["content"] = Content(Json, ApiJson.Default.ErrorDocument) },
        };
        return operation;
    }

    private static JsonObject Answer(string key) => key switch
    {
        "GET /v1/events" => Content("application/x-ndjson", ApiJson.Default.EventDocument),
        "GET /v1/dns/log" => Content("application/x-ndjson", ApiJson.Default.DnsLogDocument),
        "GET /metrics" => new JsonObject { ["text/plain"] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "string" } } },
        "GET /v1/openapi.json" => new JsonObject { [Json] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "object" } } },
        _ => Content(Json, s_answers[key]),
    };

    private static bool IsCreation(ApiRoute route) =>
        route.Method == "POST" && (route.Path is "/v1/networks" or "/v1/sandboxes" || route.Path.EndsWith("/connect", StringComparison.Ordinal));

    private static JsonArray Parameters(ApiRoute route)
    {
        var parameters = new JsonArray();
        if (route.Path.Contains("{ref}", StringComparison.Ordinal))
        {
            parameters.Add((JsonNode)Parameter("ref", "path", "string", "Id, unique id prefix or name."));
        }

        foreach (var parameter in RouteQuery.Of(route.Method, route.Path).Parameters)
        {
            parameters.Add((JsonNode)Parameter(parameter.Name, "query", parameter.Type, parameter.Description));
        }

        return parameters;
    }

    private static JsonObject Parameter(string name, string place, string type, string description) => new()
    {
        ["name"] = name,
        ["in"] = place,
        ["required"] = place == "path",
        ["description"] = description,
        ["schema"] = new JsonObject { ["type"] = type },
    };

    private static JsonObject Content(string media, JsonTypeInfo type) => new()
    {
        [media] = new JsonObject { ["schema"] = type.GetJsonSchemaAsNode() },
    };
}
