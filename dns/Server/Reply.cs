using System.Buffers.Binary;

namespace Networking.Dns;

/// <summary>What every answer of ours has in common: the question given back, RD and CD as they came, RA, and EDNS for who speaks it.</summary>
public static class Reply
{
    /// <summary>Begins an answer behind its question.</summary>
    /// <param name="query">The question.</param>
    /// <param name="reply">As long as the answer may get; at least 512 bytes.</param>
    public static DnsWriter Begin(in DnsQuery query, Span<byte> reply)
    {
        var writer = new DnsWriter(reply, isEdnsComing: query.Edns is not null);
        writer.PutQuestion(query.Name, query.Type, query.Class);
        return writer;
    }

    /// <summary>Ends an answer.</summary>
    /// <returns>Its length in bytes.</returns>
    public static int End(ref DnsWriter writer, in DnsQuery query, ResponseCode code, ushort flags = 0)
    {
        if (query.Edns is { } edns)
        {
            writer.PutEdns(code, edns.WantsSignatures);
        }

        const ushort kept = DnsHeader.RecursionDesired | DnsHeader.CheckingDisabled;
        return writer.Finish(
            query.Header.Id, (ushort)(flags | DnsHeader.Response | DnsHeader.RecursionAvailable | (query.Header.Flags & kept)), code);
    }

    /// <summary>An answer without records.</summary>
    /// <returns>Its length in bytes.</returns>
    public static int Write(in DnsQuery query, ResponseCode code, Span<byte> reply)
    {
        var writer = Begin(query, reply);
        return End(ref writer, query, code);
    }

    /// <summary>An answer to bytes that are no question: a header alone, as far as they have one.</summary>
    /// <returns>Its length in bytes; zero if silence is the answer.</returns>
    public static int Write(ReadOnlySpan<byte> message, DnsFault fault, Span<byte> reply)
    {
        // An answer to an answer could go back and forth for ever.
        if (fault is DnsFault.TooShort or DnsFault.WrongDirection)
        {
            return 0;
        }

        var flags = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        const ushort kept = 0x7800 | DnsHeader.RecursionDesired; // the operation is given back too
        return new DnsWriter(reply).Finish(
            BinaryPrimitives.ReadUInt16BigEndian(message),
            (ushort)(DnsHeader.Response | DnsHeader.RecursionAvailable | (flags & kept)),
            fault == DnsFault.UnknownOperation ? ResponseCode.NotImplemented : ResponseCode.FormatError);
    }
}
