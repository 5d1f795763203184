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

    // What a record may hold none or several of, so that no blank record has one to read the defaults off.
    private static readonly ImmutableDictionary<Type, string> InnerBlanks = new Dictionary<Type, string>
    {
        [typeof(SubnetSpec)] = JsonSerializer.Serialize(
            new SubnetSpec(default), (JsonTypeInfo<SubnetSpec>)StoreJson.Default.GetTypeInfo(typeof(SubnetSpec))!), // part of NetworkRecord
        [typeof(SubnetRecord)] = JsonSerializer.Serialize(
            new SubnetRecord(default, null), (JsonTypeInfo<SubnetRecord>)StoreJson.Default.GetTypeInfo(typeof(SubnetRecord))!), // same
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
            var isWritten = blank.TryGetPropertyValue(property.Name, out var declared); // a computed one is not
            if (!record.TryGetPropertyValue(property.Name, out var value))
            {
                if (isWritten && !property.IsRequired)
                {
                    record[property.Name] = declared?.DeepClone();
                }
            }
            else
            {
                FillInner(value, declared, property.PropertyType, type.Options);
            }
        }
    }

    private static void FillInner(JsonNode? value, JsonNode? declared, Type type, JsonSerializerOptions options)
    {
        var info = options.GetTypeInfo(type);
        if (value is JsonObject inner && info.Kind == JsonTypeInfoKind.Object && Blank(declared, type) is { } blank)
        {
            Fill(inner, info, blank);
        }
        else if (value is JsonArray array && info.ElementType is { } element)
        {
            foreach (var item in array)
            {
                FillInner(item, declared: null, element, options);
            }
        }
    }

    private static JsonObject? Blank(JsonNode? declared, Type type) =>
        declared as JsonObject ?? (InnerBlanks.TryGetValue(type, out var text) ? JsonNode.Parse(text) as JsonObject : null);
}
