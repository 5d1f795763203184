using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Networking.Model;

namespace Networking.Store;

/// <summary>
/// Fills in what an older release did not write yet. Source generated JSON passes every init-only property to the
/// initialiser, so an absent one would become null or zero, not the default that the record declares; the declared
/// defaults are therefore read off a blank record.
/// </summary>
internal static class RecordDefaults
{
    private static readonly NetworkSpec BlankNetworkSpec = new() { Name = "-" };

    private static readonly ImmutableDictionary<Type, string> Blanks = new Dictionary<Type, string>
    {
        [typeof(NodeRecord)] = JsonSerializer.Serialize(
            new NodeRecord { InstanceId = "-", BootId = "-" }, StoreJson.Default.NodeRecord),
        [typeof(NetworkRecord)] = JsonSerializer.Serialize(
            new NetworkRecord
            {
                Id = new NetworkId("-"),
                Spec = BlankNetworkSpec,
                LinkName = "-",
                LinkMac = default,
                Created = default,
            },
            StoreJson.Default.NetworkRecord),
        [typeof(SandboxRecord)] = JsonSerializer.Serialize(
            new SandboxRecord
            {
                Id = new SandboxId("-"),
                Name = "-",
                Owner = default,
                Path = "-",
                Namespace = default,
                BootId = "-",
                Created = default,
            },
            StoreJson.Default.SandboxRecord),
        [typeof(EndpointRecord)] = JsonSerializer.Serialize(
            new EndpointRecord
            {
                Id = new EndpointId("-"),
                NetworkId = new NetworkId("-"),
                SandboxId = new SandboxId("-"),
                Name = "-",
                Spec = new EndpointSpec(),
                HostInterface = "-",
                Interface = "-",
                Mac = default,
                BootId = "-",
                Created = default,
            },
            StoreJson.Default.EndpointRecord),
    }.ToImmutableDictionary();

    /// <summary>The record with every absent property that has a default; required ones stay absent.</summary>
    public static JsonNode? Fill(ReadOnlySpan<byte> utf8, JsonTypeInfo type)
    {
        var record = JsonNode.Parse(utf8);
        if (record is JsonObject properties && JsonNode.Parse(Blanks[type.Type]) is JsonObject blank)
        {
            Fill(properties, type, blank);
        }

        return record;
    }

    private static void Fill(JsonObject record, JsonTypeInfo type, JsonObject blank)
    {
        foreach (var property in type.Properties)
        {
            var declared = blank[property.Name];
            if (!record.TryGetPropertyValue(property.Name, out var value))
            {
                if (!property.IsRequired)
                {
                    record[property.Name] = declared?.DeepClone();
                }
            }
            else if (value is JsonObject inner && declared is JsonObject innerBlank
                && type.Options.GetTypeInfo(property.PropertyType) is { Kind: JsonTypeInfoKind.Object } innerType)
            {
                Fill(inner, innerType, innerBlank);
            }
        }
    }
}
