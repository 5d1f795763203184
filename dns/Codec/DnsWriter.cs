using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Networking.Dns;

/// <summary>
/// Writes a message over the caller's bytes. Names are compressed against earlier ones. What does not fit is left out whole,
/// record by record, and <see cref="IsFull"/> tells.
/// </summary>
/// <remarks>
/// <code>
/// writer.PutQuestion(name, type);
/// var record = writer.BeginRecord(RecordSection.Answer, name, RecordType.A, ttl);
/// writer.PutAddress(address);
/// writer.EndRecord(record);                 // back-patches the length and counts it, or takes all of it back
/// </code>
/// </remarks>
public ref struct DnsWriter
{
    private const int EdnsBytes = 11;
    private const int PlacesMax = 24; // enough for the owner and its parents; what is not remembered is written out

    private readonly Span<byte> _message;
    private Places _places;
    private int _placeCount;
    private ushort _questions;
    private ushort _answers;
    private ushort _authorities;
    private ushort _additionals;
    private int _reserved;
    private bool _isOver;

    /// <summary>Begins a message; the header is written by <see cref="Finish"/>.</summary>
    /// <param name="message">At least <see cref="DnsHeader.Bytes"/>; its length is the longest the message may get.</param>
    /// <param name="isEdnsComing">Keeps room for the OPT record, which comes last.</param>
    public DnsWriter(Span<byte> message, bool isEdnsComing = false)
    {
        _reserved = isEdnsComing ? EdnsBytes : 0;
        ArgumentOutOfRangeException.ThrowIfLessThan(message.Length, DnsHeader.Bytes + _reserved);
        _message = message;
        Length = DnsHeader.Bytes;
    }

    /// <summary>Bytes so far.</summary>
    public int Length { get; private set; }

    /// <summary>Something did not fit and was left out.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Writes a question.</summary>
    /// <param name="name">A plain name.</param>
    /// <param name="type">What is asked.</param>
    /// <param name="recordClass">Of which class.</param>
    public void PutQuestion(scoped ReadOnlySpan<byte> name, RecordType type, ushort recordClass = DnsQuery.Internet)
    {
        var (start, placeCount) = (Length, _placeCount);
        PutName(name);
        PutUInt16BigEndian((ushort)type);
        PutUInt16BigEndian(recordClass);
        if (!TakeBackIfOver(start, placeCount))
        {
            _questions++;
        }
    }

    /// <summary>Begins a record; its data follows, then <see cref="EndRecord"/> with the token.</summary>
    public RecordToken BeginRecord(RecordSection section, scoped ReadOnlySpan<byte> name, RecordType type, uint ttl)
    {
        var token = new RecordToken(section, Length, _placeCount);
        PutName(name);
        PutUInt16BigEndian((ushort)type);
        PutUInt16BigEndian(DnsQuery.Internet);
        PutUInt32BigEndian(ttl);
        PutUInt16BigEndian(0);
        return token with { DataStart = Length };
    }

    /// <summary>Ends a record.</summary>
    /// <returns>False if it did not fit and is taken back.</returns>
    public bool EndRecord(RecordToken token)
    {
        if (TakeBackIfOver(token.Start, token.PlaceCount))
        {
            return false;
        }

        BinaryPrimitives.WriteUInt16BigEndian(_message[(token.DataStart - 2)..], (ushort)(Length - token.DataStart));
        Count(token.Section);
        return true;
    }

    /// <summary>Data of an A or AAAA record.</summary>
    public void PutAddress(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var bytes = address.AddressFamily == AddressFamily.InterNetworkV6 ? 16 : 4;
        if (Reserve(bytes) is var at and >= 0)
        {
            _ = address.TryWriteBytes(_message[at..], out _); // there is room
        }
    }

    /// <summary>A name in the data of a CNAME, NS, PTR or SOA record; compressed.</summary>
    public void PutName(scoped ReadOnlySpan<byte> name)
    {
        var at = 0;
        while (at < name.Length && name[at] != 0)
        {
            if (Find(name[at..]) is var place and not 0)
            {
                PutUInt16BigEndian((ushort)((NameWire.PointerMark << 8) | place));
                return;
            }

            Remember();
            PutBytes(name.Slice(at, name[at] + 1));
            at += name[at] + 1;
        }

        PutByte(0);
    }

    /// <summary>Data of an SRV record; its host is not compressed (RFC 2782), but later names may point to it.</summary>
    public void PutService(ushort priority, ushort weight, ushort port, scoped ReadOnlySpan<byte> host)
    {
        PutUInt16BigEndian(priority);
        PutUInt16BigEndian(weight);
        PutUInt16BigEndian(port);
        for (var at = 0; at < host.Length && host[at] != 0; at += host[at] + 1)
        {
            Remember();
            PutBytes(host.Slice(at, host[at] + 1));
        }

        PutByte(0);
    }

    /// <summary>One string of a TXT record's data, at most 255 bytes.</summary>
    public void PutText(scoped ReadOnlySpan<byte> text)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(text.Length, byte.MaxValue);
        PutByte((byte)text.Length);
        PutBytes(text);
    }

    /// <summary>Data of an SOA record.</summary>
    /// <param name="server">Name of the zone's server.</param>
    /// <param name="mailbox">Who is responsible.</param>
    /// <param name="serial">Version.</param>
    /// <param name="negativeTtl">How long "there is no such thing" holds, in seconds; stands for the other times too.</param>
    public void PutAuthority(scoped ReadOnlySpan<byte> server, scoped ReadOnlySpan<byte> mailbox, uint serial, uint negativeTtl)
    {
        PutName(server);
        PutName(mailbox);
        PutUInt32BigEndian(serial);
        for (var i = 0; i < 4; i++)
        {
            PutUInt32BigEndian(negativeTtl); // refresh, retry, expire, minimum
        }
    }

    /// <summary>An OPT record of ours in answer to one.</summary>
    /// <param name="code">The whole result; its upper bits travel here.</param>
    /// <param name="wantsSignatures">DO is given back as it came (RFC 3225).</param>
    public void PutEdns(ResponseCode code, bool wantsSignatures)
    {
        var start = Length;
        _reserved = 0;
        PutByte(0);
        PutUInt16BigEndian((ushort)RecordType.Opt);
        PutUInt16BigEndian(EdnsOptions.PayloadOurs);
        PutUInt32BigEndian(((uint)code >> 4 << 24) | (wantsSignatures ? 0x8000u : 0));
        PutUInt16BigEndian(0);
        if (!TakeBackIfOver(start, _placeCount))
        {
            _additionals++;
        }
    }

    /// <summary>Writes the header, and with it the message is whole.</summary>
    /// <param name="id">Of the query.</param>
    /// <param name="flags">As on the wire; TC is added if something was left out.</param>
    /// <param name="code">Result; its lower four bits go here.</param>
    /// <returns>Length of the message.</returns>
    public readonly int Finish(ushort id, ushort flags, ResponseCode code)
    {
        var all = (ushort)(flags | (IsFull ? DnsHeader.Truncated : 0) | ((byte)code & 0xf));
        new DnsHeader(id, all, _questions, _answers, _authorities, _additionals).Write(_message);
        return Length;
    }

    private bool TakeBackIfOver(int start, int placeCount)
    {
        if (!_isOver)
        {
            return false;
        }

        (Length, _placeCount, _isOver, IsFull) = (start, placeCount, false, true);
        return true;
    }

    private void Count(RecordSection section)
    {
        switch (section)
        {
            case RecordSection.Answer:
                _answers++;
                break;
            case RecordSection.Authority:
                _authorities++;
                break;
            default:
                _additionals++;
                break;
        }
    }

    // Earlier names are few, and a place is compared only as far as it is equal.
    private readonly int Find(scoped ReadOnlySpan<byte> suffix)
    {
        for (var i = 0; i < _placeCount; i++)
        {
            if (Matches(_places[i], suffix))
            {
                return _places[i];
            }
        }

        return 0;
    }

    private readonly bool Matches(int place, scoped ReadOnlySpan<byte> suffix)
    {
        var at = 0;
        while (place < Length)
        {
            var label = _message[place];
            if (label >= NameWire.PointerMark)
            {
                place = ((label & ~NameWire.PointerMark) << 8) | _message[place + 1]; // written by us: backwards
                continue;
            }

            // Letters are compared as they are, so that an answer shows its names as they were asked for.
            if (at + label >= suffix.Length || place + label >= Length
                || !_message.Slice(place, label + 1).SequenceEqual(suffix.Slice(at, label + 1)))
            {
                return false;
            }

            if (label == 0)
            {
                return true;
            }

            place += label + 1;
            at += label + 1;
        }

        return false;
    }

    private void Remember()
    {
        if (_placeCount < PlacesMax && Length <= NameWire.PointerMax)
        {
            _places[_placeCount++] = (ushort)Length;
        }
    }

    private void PutByte(byte value)
    {
        if (Reserve(1) is var at and >= 0)
        {
            _message[at] = value;
        }
    }

    private void PutUInt16BigEndian(ushort value)
    {
        if (Reserve(2) is var at and >= 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(_message[at..], value);
        }
    }

    private void PutUInt32BigEndian(uint value)
    {
        if (Reserve(4) is var at and >= 0)
        {
            BinaryPrimitives.WriteUInt32BigEndian(_message[at..], value);
        }
    }

    private void PutBytes(scoped ReadOnlySpan<byte> bytes)
    {
        if (Reserve(bytes.Length) is var at and >= 0)
        {
            bytes.CopyTo(_message[at..]);
        }
    }

    private int Reserve(int bytes)
    {
        if (_isOver || _message.Length - _reserved - Length < bytes)
        {
            _isOver = true;
            return -1;
        }

        var at = Length;
        Length += bytes;
        return at;
    }

    [InlineArray(PlacesMax)]
    private struct Places
    {
        private ushort _first;
    }
}

/// <summary>A record that was begun.</summary>
/// <param name="Section">Where it counts.</param>
/// <param name="Start">Where it begins.</param>
/// <param name="PlaceCount">How many names were known before it.</param>
/// <param name="DataStart">Where its data begins.</param>
public readonly record struct RecordToken(RecordSection Section, int Start, int PlaceCount, int DataStart = 0);
