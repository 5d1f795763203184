namespace Networking.Dns.Tests;

/// <summary>Reads all there is to read of a message, and that what was checked is whole.</summary>
internal static class Reading
{
    public static void All(ReadOnlySpan<byte> bytes)
    {
        Span<byte> name = stackalloc byte[NameWire.BytesMax];
        if (DnsQuery.TryRead(bytes, out var query) != DnsFault.None && DnsQuery.TryReadResponse(bytes, out query) != DnsFault.None)
        {
            return;
        }

        Assert.Equal(query.Name.Length, NameWire.PlainLength(query.Name));
        _ = NameText.Of(query.Name);
        _ = ReverseName.Address(query.Name);
        _ = query.PayloadMax;
        var reader = new RecordReader(bytes, query.Header, query.QuestionEnd);
        var count = 0;
        while (reader.MoveNext())
        {
            count++;
            var length = reader.ReadName(name);
            Assert.InRange(length, 0, NameWire.BytesMax);
            _ = NameText.Of(name[..length]);
            _ = reader.ReadAddress();
            _ = reader.ReadTarget(name);
            _ = reader.ReadService(out _, out _, out _, name);
            _ = reader.ReadNegativeTtl();
        }

        Assert.Equal(DnsFault.None, reader.Fault);
        Assert.InRange(count, 0, bytes.Length / 11);
    }
}
