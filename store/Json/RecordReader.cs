using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Networking.Model;

namespace Networking.Store;

/// <summary>
/// Reads stored JSON into records. A record written by this release has every property, which is checked first and
/// fast; one that has not gets its defaults and is read again.
/// </summary>
internal static class RecordReader
{
    private static readonly JsonSerializerOptions Complete = new(StoreJson.Default.Options)
    {
        TypeInfoResolver = StoreJson.Default.WithAddedModifier(RequireWhatCannotBeNull),
    };

    public static JsonTypeInfo<NodeRecord> Node { get; } = Of<NodeRecord>();

    public static JsonTypeInfo<NetworkRecord> Network { get; } = Of<NetworkRecord>();

    public static JsonTypeInfo<SandboxRecord> Sandbox { get; } = Of<SandboxRecord>();

    public static JsonTypeInfo<EndpointRecord> Endpoint { get; } = Of<EndpointRecord>();

    /// <exception cref="JsonException">The record is damaged, or lacks a property that has no default.</exception>
    public static T Read<T>(ReadOnlySpan<byte> utf8, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(utf8, type) ?? throw new JsonException("the record is null");
        }
        catch (Exception e) when (IsAboutTheText(e))
        {
            // An older release wrote it, or it is damaged: the second reading tells.
        }

        try
        {
            // Not null: StoreJson lists every record type.
            var filled = RecordDefaults.Fill(utf8, StoreJson.Default.GetTypeInfo(typeof(T))!);
            return filled.Deserialize(type) ?? throw new JsonException("the record is null");
        }
        catch (Exception e) when (e is not JsonException && IsAboutTheText(e))
        {
            throw new JsonException(e.Message, e);
        }
    }

    // Bytes that are no UTF-8 are an InvalidOperationException to a string, a property that is there twice an ArgumentException to an object.
    private static bool IsAboutTheText(Exception e) => e is JsonException or InvalidOperationException or ArgumentException;

    private static JsonTypeInfo<T> Of<T>() => (JsonTypeInfo<T>)Complete.GetTypeInfo(typeof(T));

    private static void RequireWhatCannotBeNull(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
        {
            return;
        }

        // A property that is computed is neither written nor read.
        foreach (var property in type.Properties.Where(static p => p.Set is not null || p.AssociatedParameter is not null))
        {
            var isNullable = property.IsGetNullable && (!property.PropertyType.IsValueType
                || Nullable.GetUnderlyingType(property.PropertyType) is not null);
            property.IsRequired |= !isNullable && property.Set is not null; // what is computed is not stored
        }
    }
}
