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
            var name = field.Name;
            if (type.Properties.FirstOrDefault(p => p.Name == name) is not { } known)
            {
                wrong.Add(() => new Problem("request.unknown", Cut(name), $"there is no field '{Cut(name)}' in this request", Meant(name, type)));
            }
            else if (!seen.Add(name))
            {
                wrong.Add(() => Twice(name));
            }
            else if (!(field.Value.ValueKind == JsonValueKind.Null && MayBeNull(known)) && Right(name, field.Value, known.PropertyType, wrong) is { } value)
            {
                right[name] = value;
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

    private static bool MayBeNull(JsonPropertyInfo field) =>
        field.PropertyType.IsValueType ? Nullable.GetUnderlyingType(field.PropertyType) is not null : field.IsSetNullable;

    // What of a value is right: an element, a list of texts, or texts by key; null if nothing is.
    private static object? Right(string path, JsonElement value, Type wanted, Findings wrong)
    {
        if (wanted == typeof(ImmutableArray<string>) && value.ValueKind == JsonValueKind.Array)
        {
            return value.EnumerateArray()
                .Where((e, i) => IsRight(() => string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), e, typeof(string), wrong))
                .Select(static e => e.GetString()!) // it is a text
                .ToArray();
        }

        if (wanted == typeof(ImmutableSortedDictionary<string, string>) && value.ValueKind == JsonValueKind.Object)
        {
            var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var pair in value.EnumerateObject())
            {
                var name = pair.Name;
                string At() => $"{path}.{Cut(name)}";
                if (IsRight(At, pair.Value, typeof(string), wrong) && !pairs.TryAdd(name, pair.Value.GetString()!)) // it is a text
                {
                    wrong.Add(() => Twice(At()));
                }
            }

            return pairs;
        }

        return IsRight(() => path, value, wanted, wrong) ? value : null;
    }

    private static bool IsRight(Func<string> path, JsonElement value, Type wanted, Findings wrong)
    {
        var (isRight, words, hint) = Wanted(wanted);
        if (isRight(value))
        {
            return true;
        }

        wrong.Add(() => new Problem("request.type", path(), $"{path()} is {Shown(value)}, and {words} is wanted", hint));
        return false;
    }

    private static (Predicate<JsonElement> IsRight, string Words, string Hint) Wanted(Type type) =>
        type == typeof(string) ? (static v => v.ValueKind == JsonValueKind.String, "a text", "write it in double quotes, or leave it out")
        : type == typeof(bool) || type == typeof(bool?) ? (static v => v.ValueKind is JsonValueKind.True or JsonValueKind.False, "true or false", "write it without quotes, or leave it out")
        : type == typeof(int) ? (static v => v.ValueKind == JsonValueKind.Number && v.TryGetInt32(out _), "a whole number of 32 bits", "write it without quotes, or leave it out")
        : type == typeof(ImmutableArray<string>) ? (static _ => false, "a list of texts", "write [\"…\", \"…\"], or leave it out")
        : type == typeof(ImmutableSortedDictionary<string, string>) ? (static _ => false, "an object of texts", "write {\"KEY\": \"VALUE\"}, or leave it out")
        : throw new ArgumentException($"requests have no fields of {type}", nameof(type));

    private static Problem Twice(string path) => new("request.twice", path, $"{path} is given twice", "give it once");

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

    // What is wrong: the first ones in words, the others by their number, for a megabyte has room for many.
    private sealed class Findings
    {
        public List<Problem> Told { get; } = [];

        public int Count { get; private set; }

        public void Add(Func<Problem> problem)
        {
            if (++Count <= ToldMax)
            {
                Told.Add(problem());
            }
        }
    }
}
