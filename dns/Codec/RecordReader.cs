using System.Buffers.Binary;
using System.Net;

namespace Networking.Dns;

/// <summary>Parts of a message behind the question.</summary>
public enum RecordSection
{
    /// <summary>The answer.</summary>
    Answer,

    /// <summary>Who would know, or the SOA of a negative answer.</summary>
    Authority,

    /// <summary>What may help, and OPT.</summary>
    Additional,
}

/// <summary>
/// Goes over the records of a message. Ends at the first that does not fit and says so in <see cref="Fault"/>; the work is
/// bounded by the message's length, since no record is shorter than eleven bytes.
/// </summary>
public ref struct RecordReader
{
    private const int FixedBytes = 10;

    private readonly ReadOnlySpan<byte> _message;
    private readonly int _answers;
    private readonly int _authorities;
    private readonly int _total;
    private int _index;
    private int _next;

    /// <summary>Begins behind the questions.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="header">Its header, which says how many records follow.</param>
    /// <param name="offset">Where the first record begins.</param>
    public RecordReader(ReadOnlySpan<byte> message, DnsHeader header, int offset)
    {
        _message = message;
        _answers = header.Answers;
        _authorities = header.Answers + header.Authorities;
        _total = _authorities + header.Additionals;
        _next = offset;
        _index = -1;
    }

    /// <summary>What ended it; none at the end or before it.</summary>
    public DnsFault Fault { get; private set; }

    /// <summary>Where the record's name begins.</summary>
    public int NameOffset { get; private set; }

    /// <summary>Its type.</summary>
    public RecordType Type { get; private set; }

    /// <summary>Its class; of OPT, the payload.</summary>
    public int Class { get; private set; }

    /// <summary>How long it holds, in seconds; of OPT, something else.</summary>
    public uint Ttl { get; private set; }

    /// <summary>Where the four bytes of the TTL are.</summary>
    public int TtlOffset { get; private set; }

    /// <summary>Where its data begins.</summary>
    public int DataOffset { get; private set; }

    /// <summary>Its data's length in bytes.</summary>
    public int DataLength { get; private set; }

    /// <summary>Its data.</summary>
    public readonly ReadOnlySpan<byte> Data => _message.Slice(DataOffset, DataLength);

    /// <summary>Which section it is in.</summary>
    public readonly RecordSection Section => _index < _answers ? RecordSection.Answer : _index < _authorities ? RecordSection.Authority : RecordSection.Additional;

    /// <summary>Goes to the next record; false behind the last and at a malformed one.</summary>
    public bool MoveNext()
    {
        if (_index + 1 >= _total || Fault != DnsFault.None)
        {
            return false;
        }

        var behind = NameWire.Skip(_message, _next);
        if (behind == 0)
        {
            Fault = DnsFault.BadName;
            return false;
        }

        if (_message.Length - behind < FixedBytes)
        {
            Fault = DnsFault.CutShort;
            return false;
        }

        var length = BinaryPrimitives.ReadUInt16BigEndian(_message[(behind + 8)..]);
        if (_message.Length - behind - FixedBytes < length)
        {
            Fault = DnsFault.CutShort;
            return false;
        }

        NameOffset = _next;
        Type = (RecordType)BinaryPrimitives.ReadUInt16BigEndian(_message[behind..]);
        Class = BinaryPrimitives.ReadUInt16BigEndian(_message[(behind + 2)..]);
        TtlOffset = behind + 4;
        Ttl = BinaryPrimitives.ReadUInt32BigEndian(_message[TtlOffset..]);
        DataOffset = behind + FixedBytes;
        DataLength = length;
        _next = DataOffset + length;
        _index++;
        return true;
    }

    /// <summary>The record's own name.</summary>
    /// <param name="name">At least <see cref="NameWire.BytesMax"/>.</param>
    /// <returns>Its length; zero if it is malformed.</returns>
    public readonly int ReadName(Span<byte> name) => NameWire.Expand(_message, NameOffset, name);

    /// <summary>The address of an A or AAAA record; null if it is none of these or has a wrong length.</summary>
    public readonly IPAddress? ReadAddress() => (Type, DataLength) switch
    {
        (RecordType.A, 4) or (RecordType.Aaaa, 16) => new IPAddress(Data),
        _ => null,
    };

    /// <summary>The name that a CNAME, NS or PTR record holds.</summary>
    /// <param name="name">At least <see cref="NameWire.BytesMax"/>.</param>
    /// <returns>Its length; zero for another type or a malformed one.</returns>
    public readonly int ReadTarget(Span<byte> name) => Type switch
    {
        RecordType.Cname or RecordType.Ns or RecordType.Ptr when NameWire.Skip(_message, DataOffset) == DataOffset + DataLength =>
            NameWire.Expand(_message, DataOffset, name),
        _ => 0,
    };

    /// <summary>Priority, weight and port of an SRV record, and its host.</summary>
    /// <param name="priority">The lowest is tried first.</param>
    /// <param name="weight">Share among equal priorities.</param>
    /// <param name="port">Port.</param>
    /// <param name="name">At least <see cref="NameWire.BytesMax"/>.</param>
    /// <returns>Length of the host's name; zero for another type or a malformed one.</returns>
    public readonly int ReadService(out ushort priority, out ushort weight, out ushort port, Span<byte> name)
    {
        (priority, weight, port) = (0, 0, 0);
        if (Type != RecordType.Srv || DataLength < 7 || NameWire.Skip(_message, DataOffset + 6) != DataOffset + DataLength)
        {
            return 0;
        }

        priority = BinaryPrimitives.ReadUInt16BigEndian(Data);
        weight = BinaryPrimitives.ReadUInt16BigEndian(Data[2..]);
        port = BinaryPrimitives.ReadUInt16BigEndian(Data[4..]);
        return NameWire.Expand(_message, DataOffset + 6, name);
    }

    /// <summary>How long a negative answer holds: the lesser of the SOA's TTL and its last field (RFC 2308); null if it is no whole SOA.</summary>
    public readonly uint? ReadNegativeTtl()
    {
        if (Type != RecordType.Soa)
        {
            return null;
        }

        var behind = NameWire.Skip(_message, DataOffset);
        behind = behind == 0 ? 0 : NameWire.Skip(_message, behind);
        return behind != 0 && behind + 20 == DataOffset + DataLength
            ? Math.Min(Ttl, BinaryPrimitives.ReadUInt32BigEndian(_message[(behind + 16)..]))
            : null;
    }
}
