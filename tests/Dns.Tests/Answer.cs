namespace Networking.Dns.Tests;

/// <summary>Answers as words.</summary>
internal static class Answer
{
    public static string Words(ReadOnlySpan<byte> message)
    {
        Assert.Equal(DnsFault.None, DnsQuery.TryReadResponse(message, out var query));
        var words = new List<string> { query.Header.Code.ToString() };
        if (query.Header.IsTruncated)
        {
            words.Add("truncated");
        }

        var reader = new RecordReader(message, query.Header, query.QuestionEnd);
        while (reader.MoveNext())
        {
            if (reader.Type != RecordType.Opt)
            {
                words.Add(Data(reader));
            }
        }

        return string.Join(' ', words);
    }

    private static string Data(RecordReader reader)
    {
        var name = new byte[NameWire.BytesMax];
        var service = reader.ReadService(out _, out _, out var port, name);
        return reader switch
        {
            _ when reader.ReadAddress() is { } address => (reader.Section == RecordSection.Additional ? "+" : string.Empty) + address,
            _ when service > 0 => $"{NameText.Of(name.AsSpan(0, service))}:{port}",
            _ => NameText.Of(name.AsSpan(0, reader.ReadTarget(name))),
        };
    }
}
