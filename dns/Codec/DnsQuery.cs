using System.Buffers.Binary;

namespace Networking.Dns;

/// <summary>One question as it stands in a message: a view over the message's bytes.</summary>
public readonly ref struct DnsQuery
{
    private DnsQuery(ReadOnlySpan<byte> message, DnsHeader header, int nameLength, EdnsOptions? edns, int ednsOffset, bool hasEdnsOptions)
    {
        (EdnsOffset, HasEdnsOptions) = (ednsOffset, hasEdnsOptions);
        Message = message;
        Header = header;
        Name = message.Slice(DnsHeader.Bytes, nameLength);
        QuestionEnd = DnsHeader.Bytes + nameLength + 4;
        Type = (RecordType)BinaryPrimitives.ReadUInt16BigEndian(message[(QuestionEnd - 4)..]);
        Class = BinaryPrimitives.ReadUInt16BigEndian(message[(QuestionEnd - 2)..]);
        Edns = edns;
    }

    /// <summary>The internet's class (IN).</summary>
    public const ushort Internet = 1;

    /// <summary>The whole message.</summary>
    public ReadOnlySpan<byte> Message { get; }

    /// <summary>Its header.</summary>
    public DnsHeader Header { get; }

    /// <summary>The name asked for, plain, in the letters it was asked in.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>What is asked of it.</summary>
    public RecordType Type { get; }

    /// <summary>Its class; <see cref="Internet"/> but for curiosities.</summary>
    public ushort Class { get; }

    /// <summary>Offset behind the question.</summary>
    public int QuestionEnd { get; }

    /// <summary>EDNS of the sender; null if it speaks none.</summary>
    public EdnsOptions? Edns { get; }

    /// <summary>Where the OPT record begins; zero without one.</summary>
    public int EdnsOffset { get; }

    /// <summary>Whether the OPT record has options, which may make an answer this client's alone.</summary>
    public bool HasEdnsOptions { get; }

    /// <summary>Longest answer that the sender takes by UDP, 512–65,535 bytes.</summary>
    public int PayloadMax => Math.Max(EdnsOptions.PayloadMin, (int)(Edns?.Payload ?? 0));

    /// <summary>Reads a query: exactly one question, nothing in the answer sections but perhaps an OPT record.</summary>
    /// <returns>What is wrong; the view is valid only for <see cref="DnsFault.None"/>. Never throws.</returns>
    public static DnsFault TryRead(ReadOnlySpan<byte> message, out DnsQuery query) => TryRead(message, isResponse: false, out query);

    /// <summary>Reads the question of an answer, and its OPT record.</summary>
    /// <returns>What is wrong; the view is valid only for <see cref="DnsFault.None"/>. Never throws.</returns>
    public static DnsFault TryReadResponse(ReadOnlySpan<byte> message, out DnsQuery query) => TryRead(message, isResponse: true, out query);

    private static DnsFault TryRead(ReadOnlySpan<byte> message, bool isResponse, out DnsQuery query)
    {
        query = default;
        if (!DnsHeader.TryRead(message, out var header))
        {
            return DnsFault.TooShort;
        }

        if (header.IsResponse != isResponse)
        {
            return DnsFault.WrongDirection;
        }

        if (header.Operation != 0)
        {
            return DnsFault.UnknownOperation;
        }

        if (header.Questions != 1)
        {
            return DnsFault.QuestionCount;
        }

        // Nothing stands before the question that a pointer could lead to.
        var name = NameWire.PlainLength(message[DnsHeader.Bytes..]);
        if (name == 0)
        {
            return DnsFault.BadName;
        }

        if (message.Length < DnsHeader.Bytes + name + 4)
        {
            return DnsFault.CutShort;
        }

        EdnsOptions? edns = null;
        var (ednsOffset, hasEdnsOptions) = (0, false);
        var records = new RecordReader(message, header, DnsHeader.Bytes + name + 4);
        while (records.MoveNext())
        {
            if (records.Type != RecordType.Opt)
            {
                continue;
            }

            if (edns is not null || records.Section != RecordSection.Additional || message[records.NameOffset] != 0)
            {
                return DnsFault.BadEdns;
            }

            edns = new EdnsOptions((ushort)records.Class, records.Ttl);
            (ednsOffset, hasEdnsOptions) = (records.NameOffset, records.DataLength > 0);
        }

        if (records.Fault != DnsFault.None)
        {
            return records.Fault;
        }

        query = new DnsQuery(message, header, name, edns, ednsOffset, hasEdnsOptions);
        return DnsFault.None;
    }
}

/// <summary>The fixed part of an OPT record (RFC 6891).</summary>
/// <param name="Payload">Longest UDP message that the sender takes, in bytes.</param>
/// <param name="Extended">Upper eight bits of the result, version, and flags, as they stand in place of a TTL.</param>
public readonly record struct EdnsOptions(ushort Payload, uint Extended)
{
    /// <summary>Longest UDP message without EDNS, in bytes; also the least that an OPT record can say.</summary>
    public const int PayloadMin = 512;

    /// <summary>What we say ourselves: fits an Ethernet frame over IPv6, so no answer is ever fragmented.</summary>
    public const int PayloadOurs = 1232;

    /// <summary>Version; only zero is known.</summary>
    public byte Version => (byte)(Extended >> 16);

    /// <summary>DO: the sender wants signatures.</summary>
    public bool WantsSignatures => (Extended & 0x8000) != 0;
}
