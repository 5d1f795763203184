namespace Networking.Dns.Tests;

/// <summary>Names for tests.</summary>
internal static class Wire
{
    /// <summary>A plain name from text that is one.</summary>
    public static byte[] Name(string text)
    {
        var name = new byte[NameWire.BytesMax];
        var length = NameText.TryWrite(text, name);
        Assert.NotEqual(0, length);
        return name[..length];
    }

    /// <summary>A query without EDNS, as a client would send it.</summary>
    public static byte[] Query(string name, RecordType type, ushort id = 0x1234, int? payload = null)
    {
        var bytes = new byte[512];
        var writer = new DnsWriter(bytes);
        writer.PutQuestion(Name(name), type);
        if (payload is { } size)
        {
            writer.PutEdns(ResponseCode.NoError, wantsSignatures: false);
            var length = writer.Finish(id, DnsHeader.RecursionDesired, ResponseCode.NoError);
            System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(length - 8), (ushort)size);
            return bytes[..length];
        }

        return bytes[..writer.Finish(id, DnsHeader.RecursionDesired, ResponseCode.NoError)];
    }
}
