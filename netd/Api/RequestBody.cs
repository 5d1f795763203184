using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Networking.Drivers;
using Networking.Model;

namespace Networking.Netd.Api;

/// <summary>
/// Reads the JSON of a request. A field that is unknown, given twice or of the wrong type is told by its path, with what is
/// there and what is wanted, and the others are read all the same, so that they can be judged, too.
/// </summary>
internal static class RequestBody
{
    private const int ToldMax = 32;
    private const int ShownMax = 32;

    /// <summary>The request without its mistakes; null if nothing of it can be read.</summary>
    /// <typeparam name="T">The request: a record whose fields are texts, numbers, flags, lists of texts, and texts by key.</typeparam>
    /// <param name="body">JSON in UTF-8.</param>
    /// <param name="type">How it is read, strictly.</param>
    /// <param name="problems">Takes what is wrong.</param>
    public static T? Read<T>(ReadOnlyMemory<byte> body, JsonTypeInfo<T> type, ICollection<Problem> problems)
        where T : class
    {
        if (body.IsEmpty)
        {
            problems.Add(new Problem("request.empty", null, "the request has no body", "send a JSON object"));
            return null;
        }

        try
        {
            if (JsonSerializer.Deserialize(body.Span, type) is { } request)
            {
                return request;
            }
        }
        catch (JsonException)
        {
            // Some field is wrong, and only the first one would be told: all of them are looked for below.
        }

        try
        {
            using var document = JsonDocument.Parse(body);
            return Read(document.RootElement, type, problems);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter for texts that are no Unicode
        {
            problems.Add(new Problem("request.json", null, $"the request is no JSON: {e.Message}", "send one JSON object in UTF-8"));
            return null;
        }
    }

    private static T? Read<T>(JsonElement root, JsonTypeInfo<T> type, ICollection<Problem> problems)
        where T : class
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            problems.Add(new Problem("request.type", null, $"the request is {Shown(root)}, and an object is wanted", "send a JSON object, such as {\"name\": \"app\"}"));
            return null;
        }

        var wrong = new Findings();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var right = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var field in root.EnumerateObject())
        {
            if (Known(field, type) is not { } known)
            {
                if (wrong.IsToBeTold())
                {
                    wrong.Told.Add(new Problem("request.unknown", Cut(field.Name), $"there is no field '{Cut(field.Name)}' in this request", Meant(field.Name, type)));
                }
            }
            else if (!seen.Add(known.Name))
            {
                wrong.AddTwice(new Place(known.Name));
            }
            else if (!(field.Value.ValueKind == JsonValueKind.Null && MayBeNull(known)) && Right(known.Name, field.Value, known.PropertyType, wrong) is { } value)
            {
                right[known.Name] = value;
            }
        }

        foreach (var problem in wrong.Told)
        {
            problems.Add(problem);
        }

        if (wrong.Count > ToldMax)
        {
            problems.Add(new Problem("request.type", null, $"and {wrong.Count - ToldMax} more fields are wrong", "GET /v1/openapi.json describes them"));
        }

        return JsonSerializer.Deserialize(Written(right), type);
    }

    private static JsonPropertyInfo? Known<T>(JsonProperty field, JsonTypeInfo<T> type)
    {
        foreach (var known in type.Properties)
        {
            if (field.NameEquals(known.Name))
            {
                return known;
            }
        }

        return null;
    }

    private static bool MayBeNull(JsonPropertyInfo field) =>
        field.PropertyType.IsValueType ? Nullable.GetUnderlyingType(field.PropertyType) is not null : field.IsSetNullable;

    // What of a value is right: an element, a list of texts, or texts by key; null if nothing is.
    private static object? Right(string path, JsonElement value, Type wanted, Findings wrong)
    {
        if (wanted == typeof(ImmutableArray<string>) && value.ValueKind == JsonValueKind.Array)
        {
            return value.EnumerateArray()
                .Where((e, i) => IsRight(new Place(path, Index: i), e, typeof(string), wrong))
                .Select(static e => e.GetString()!) // it is a text
                .ToArray();
        }

        if (wanted == typeof(ImmutableSortedDictionary<string, string>) && value.ValueKind == JsonValueKind.Object)
        {
            var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var pair in value.EnumerateObject())
            {
                var at = new Place(path, Key: pair.Name);
                if (IsRight(at, pair.Value, typeof(string), wrong) && !pairs.TryAdd(pair.Name, pair.Value.GetString()!)) // it is a text
                {
                    wrong.AddTwice(at);
                }
            }

            return pairs;
        }

        return IsRight(new Place(path), value, wanted, wrong) ? value : null;
    }

    private static bool IsRight(Place at, JsonElement value, Type wanted, Findings wrong)
    {
        var (isRight, words, hint) = Wanted(wanted);
        if (isRight(value))
        {
            return true;
        }

        if (wrong.IsToBeTold())
        {
            wrong.Told.Add(new Problem("request.type", at.ToString(), $"{at} is {Shown(value)}, and {words} is wanted", hint));
        }

        return false;
    }

    private static (Predicate<JsonElement> IsRight, string Words, string Hint) Wanted(Type type) =>
        type == typeof(string) ? (static v => v.ValueKind == JsonValueKind.String, "a text", "write it in double quotes, or leave it out")
        : type == typeof(bool) || type == typeof(bool?) ? (static v => v.ValueKind is JsonValueKind.True or JsonValueKind.False, "true or false", "write it without quotes, or leave it out")
        : type == typeof(int) ? (static v => v.ValueKind == JsonValueKind.Number && v.TryGetInt32(out _), "a whole number of 32 bits", "write it without quotes, or leave it out")
        : type == typeof(ImmutableArray<string>) ? (static _ => false, "a list of texts", "write [\"…\", \"…\"], or leave it out")
        : type == typeof(ImmutableSortedDictionary<string, string>) ? (static _ => false, "an object of texts", "write {\"KEY\": \"VALUE\"}, or leave it out")
        : throw new ArgumentException($"requests have no fields of {type}", nameof(type));

    private static string Meant<T>(string name, JsonTypeInfo<T> type)
    {
        var names = type.Properties.Select(static p => p.Name).ToArray();
        var near = EditDistance.Nearest(Cut(name), names);
        return $"{(near is null ? string.Empty : $"did you mean {near}? ")}its fields are {string.Join(", ", names)}";
    }

    private static string Shown(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => $"the text '{Cut(value.GetString()!)}'", // it is a text
        JsonValueKind.Number => $"the number {Cut(value.GetRawText())}",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "an object",
        _ => "null",
    };

    private static string Cut(string text) => text.Length <= ShownMax ? text : $"{text[..ShownMax]}…";

    private static byte[] Written(Dictionary<string, object> fields)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in fields)
            {
                writer.WritePropertyName(name);
                Write(writer, value);
            }

            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, object value)
    {
        switch (value)
        {
            case string[] texts:
                writer.WriteStartArray();
                Array.ForEach(texts, writer.WriteStringValue);
                writer.WriteEndArray();
                return;
            case Dictionary<string, string> pairs:
                writer.WriteStartObject();
                foreach (var (key, text) in pairs)
                {
                    writer.WriteString(key, text);
                }

                writer.WriteEndObject();
                return;
            default:
                ((JsonElement)value).WriteTo(writer);
                return;
        }
    }

    // What is wrong: the first ones in words, the others by their number, for a megabyte has room for many. So nothing is made of
    // a value that is only counted.
    private sealed class Findings
    {
        public List<Problem> Told { get; } = [];

        public int Count { get; private set; }

        /// <summary>Counts one more; whether it is among the first ones.</summary>
        public bool IsToBeTold() => ++Count <= ToldMax;

        public void AddTwice(Place at)
        {
            if (IsToBeTold())
            {
                Told.Add(new Problem("request.twice", at.ToString(), $"{at} is given twice", "give it once"));
            }
        }
    }

    // Where a value stands: a field, an element of one, or a key in one.
    private readonly record struct Place(string Field, int? Index = null, string? Key = null)
    {
        public override string ToString() => Index is { } index ? string.Create(CultureInfo.InvariantCulture, $"{Field}[{index}]")
            : Key is { } key ? $"{Field}.{Cut(key)}"
            : Field;
    }
}
