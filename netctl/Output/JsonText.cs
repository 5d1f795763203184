using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Networking.Netctl.Output;

/// <summary>
/// The daemon's JSON for programs: every field and number as it came, only indented. It is not written anew from our
/// own types, so that an older <c>netctl</c> loses nothing of a newer daemon's answer.
/// </summary>
internal static class JsonText
{
    private static readonly JsonWriterOptions Indented = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // shells read it, not browsers
    };

    /// <summary>One document.</summary>
    public static string Of(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        return Written(document.RootElement.WriteTo);
    }

    /// <summary>Several documents as an array.</summary>
    public static string Of(IEnumerable<ReadOnlyMemory<byte>> documents) => Written(writer =>
    {
        writer.WriteStartArray();
        foreach (var json in documents)
        {
            using var document = JsonDocument.Parse(json);
            document.RootElement.WriteTo(writer);
        }

        writer.WriteEndArray();
    });

    /// <summary>Those elements of an array whose index is kept.</summary>
    public static string Of(ReadOnlyMemory<byte> array, Func<int, bool> isKept) => Written(writer =>
    {
        using var document = JsonDocument.Parse(array);
        writer.WriteStartArray();
        var index = 0;
        foreach (var element in document.RootElement.EnumerateArray())
        {
            if (isKept(index++))
            {
                element.WriteTo(writer);
            }
        }

        writer.WriteEndArray();
    });

    private static string Written(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Indented))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length) + "\n";
    }
}
