using System.Buffers.Binary;

namespace Networking.Dns;

/// <summary>The twelve bytes every message begins with (RFC 1035, 4.1.1).</summary>
/// <param name="Id">Joins an answer to its query.</param>
/// <param name="Flags">QR, opcode, AA, TC, RD, RA, AD, CD and RCODE as on the wire.</param>
/// <param name="Questions">QDCOUNT.</param>
/// <param name="Answers">ANCOUNT.</param>
/// <param name="Authorities">NSCOUNT.</param>
/// <param name="Additionals">ARCOUNT.</param>
public readonly record struct DnsHeader(ushort Id, ushort Flags, ushort Questions, ushort Answers, ushort Authorities, ushort Additionals)
{
    /// <summary>Length of a header in bytes.</summary>
    public const int Bytes = 12;

    /// <summary>QR: it is an answer.</summary>
    public const ushort Response = 0x8000;

    /// <summary>AA: the answer comes from whoever owns the name.</summary>
    public const ushort Authoritative = 0x0400;

    /// <summary>TC: there is more than fits; ask by TCP.</summary>
    public const ushort Truncated = 0x0200;

    /// <summary>RD: please ask others.</summary>
    public const ushort RecursionDesired = 0x0100;

    /// <summary>RA: others are asked here.</summary>
    public const ushort RecursionAvailable = 0x0080;

    /// <summary>AD: signatures were checked.</summary>
    public const ushort AuthenticData = 0x0020;

    /// <summary>CD: signatures need not be checked.</summary>
    public const ushort CheckingDisabled = 0x0010;

    /// <summary>Whether it is an answer.</summary>
    public bool IsResponse => (Flags & Response) != 0;

    /// <summary>Whether it was cut to fit.</summary>
    public bool IsTruncated => (Flags & Truncated) != 0;

    /// <summary>Operation, 0–15; 0 is QUERY.</summary>
    public int Operation => (Flags >> 11) & 0xf;

    /// <summary>Lower four bits of the result.</summary>
    public ResponseCode Code => (ResponseCode)(Flags & 0xf);

    /// <summary>Reads a header; false if there are fewer than <see cref="Bytes"/>.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out DnsHeader header)
    {
        if (message.Length < Bytes)
        {
            header = default;
            return false;
        }

        header = new DnsHeader(
            BinaryPrimitives.ReadUInt16BigEndian(message),
            BinaryPrimitives.ReadUInt16BigEndian(message[2..]),
            BinaryPrimitives.ReadUInt16BigEndian(message[4..]),
            BinaryPrimitives.ReadUInt16BigEndian(message[6..]),
            BinaryPrimitives.ReadUInt16BigEndian(message[8..]),
            BinaryPrimitives.ReadUInt16BigEndian(message[10..]));
        return true;
    }

    /// <summary>Writes it; the span must have <see cref="Bytes"/>.</summary>
    public void Write(Span<byte> message)
    {
        BinaryPrimitives.WriteUInt16BigEndian(message, Id);
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], Flags);
        BinaryPrimitives.WriteUInt16BigEndian(message[4..], Questions);
        BinaryPrimitives.WriteUInt16BigEndian(message[6..], Answers);
        BinaryPrimitives.WriteUInt16BigEndian(message[8..], Authorities);
        BinaryPrimitives.WriteUInt16BigEndian(message[10..], Additionals);
    }
}
