using System.Text;
using System.Text.Json;

namespace Networking.Netd.Configuration;

/// <summary>
/// Reads <c>netd.json</c>: one object of <see cref="Setting"/> keys with text, number or boolean values, or an array of text
/// where a setting has several. Every mistake is reported at once, each with file, line and key.
/// </summary>
internal static class ConfigurationFile
{
    public static DaemonOptions Read(string path, byte[] content, DaemonOptions options, List<string> problems)
    {
        if (content.AsSpan().Trim(" \t\r\n"u8).IsEmpty)
        {
            return options; // an empty file configures nothing
        }

        try
        {
            return ReadObject(path, content, options, problems);
        }
        catch (JsonException e)
        {
            problems.Add($"{path}:{e.LineNumber + 1}: not JSON: {e.Message}");
            return options;
        }
    }

    private static DaemonOptions ReadObject(string path, byte[] content, DaemonOptions options, List<string> problems)
    {
        var reader = new Utf8JsonReader(content, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            problems.Add($"{path}:1: must be a JSON object");
            return options;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var line = LineOf(content, reader.TokenStartIndex);
            var key = reader.GetString()!; // a property name is text
            _ = reader.Read();
            if (Setting.All.FirstOrDefault(s => s.Key == key) is not { } setting)
            {
                problems.Add($"{path}:{line}: unknown key '{key}'; known are {string.Join(", ", Setting.All.Select(static s => s.Key))}");
                reader.Skip();
            }
            else if (!seen.Add(key))
            {
                problems.Add($"{path}:{line}: key '{key}' is given twice");
                reader.Skip();
            }
            else if (setting.IsList)
            {
                options = ReadList(path, content, setting, ref reader, options, problems);
            }
            else if (ValueOf(ref reader) is not { } value)
            {
                problems.Add($"{path}:{line}: {key} must be text, a number or true or false, not {(reader.TokenType == JsonTokenType.Null ? "null" : "a list or object")}");
                reader.Skip();
            }
            else if (setting.Apply(ref options, value) is { } problem)
            {
                problems.Add($"{path}:{line}: {key}: {problem}");
            }
        }

        _ = reader.Read(); // throws if anything is behind the object
        return options;
    }

    private static DaemonOptions ReadList(
        string path, byte[] content, Setting setting, ref Utf8JsonReader reader, DaemonOptions options, List<string> problems)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            problems.Add($"{path}:{LineOf(content, reader.TokenStartIndex)}: {setting.Key} must be an array of text");
            reader.Skip();
            return options;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var line = LineOf(content, reader.TokenStartIndex);
            if (reader.TokenType != JsonTokenType.String)
            {
                problems.Add($"{path}:{line}: {setting.Key} must be an array of text");
                reader.Skip();
            }
            else if (setting.Apply(ref options, reader.GetString()!) is { } problem) // it is text
            {
                problems.Add($"{path}:{line}: {setting.Key}: {problem}");
            }
        }

        return options;
    }

    private static string? ValueOf(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString(),
        JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        _ => null,
    };

    private static int LineOf(byte[] content, long index) => 1 + content.AsSpan(0, (int)index).Count((byte)'\n');
}
