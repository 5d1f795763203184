using System.Buffers;
using System.Buffers.Binary;

namespace Networking.Dns;

/// <summary>
/// One question to one server. The query goes out as it came, but for a random id, random letters (0x20) and a size that is
/// not fragmented; it is sent from a port of its own. Only what comes from the server with that id and that question is the answer.
/// </summary>
internal static class UpstreamExchange
{
    private const int DatagramMax = 4096;

    /// <summary>Asks by UDP, and by TCP if the answer is cut or comes in other letters.</summary>
    /// <returns>The whole answer.</returns>
    /// <exception cref="IOException">The server cannot be reached, or ends the connection.</exception>
    /// <exception cref="OperationCanceledException">Nobody wants the answer any more.</exception>
    public static async Task<byte[]> AskAsync(
        UpstreamGroup group, UpstreamServer server, ReadOnlyMemory<byte> query, RandomBytes random, ForwardingCounters counters, CancellationToken cancellationToken)
    {
        var sent = Prepare(query, random, mixesLetters: !server.ChangesLetters);
        var (answer, hasOtherLetters) = await AskByUdpAsync(group.Sockets, server, sent, counters, cancellationToken);
        if (answer is not null && !IsTruncated(answer))
        {
            return answer;
        }

        counters.CountOverTcp();
        var whole = await AskByTcpAsync(group.Sockets, server, Prepare(query, random, mixesLetters: false), counters, cancellationToken);
        if (hasOtherLetters)
        {
            server.NoteChangedLetters();
        }

        return whole;
    }

    private static async Task<(byte[]? Answer, bool HasOtherLetters)> AskByUdpAsync(
        IUpstreamSockets sockets, UpstreamServer server, byte[] sent, ForwardingCounters counters, CancellationToken cancellationToken)
    {
        using var socket = await sockets.OpenUdpAsync(server.Address, cancellationToken);
        await socket.SendAsync(sent, cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(DatagramMax);
        try
        {
            while (true)
            {
                var (bytes, from) = await socket.ReceiveAsync(buffer.AsMemory(0, DatagramMax), cancellationToken);
                var match = from.Equals(server.Address) ? Compare(sent, buffer.AsSpan(0, bytes)) : Match.None;
                switch (match)
                {
                    case Match.Exact:
                        return (buffer[..bytes], false);
                    case Match.OtherLetters:
                        return (null, true);
                    default:
                        counters.CountSpoofed(); // the real one may still come
                        break;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task<byte[]> AskByTcpAsync(
        IUpstreamSockets sockets, UpstreamServer server, byte[] sent, ForwardingCounters counters, CancellationToken cancellationToken)
    {
        await using var stream = await sockets.ConnectAsync(server.Address, cancellationToken);
        var framed = new byte[sent.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)sent.Length);
        sent.CopyTo(framed, 2);
        await stream.WriteAsync(framed, cancellationToken);
        var length = new byte[2];
        await stream.ReadExactlyAsync(length, cancellationToken);
        var answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        await stream.ReadExactlyAsync(answer, cancellationToken);
        if (Compare(sent, answer) == Match.None)
        {
            counters.CountSpoofed();
            throw new IOException($"{server.Address} answered another question than it was asked");
        }

        return answer;
    }

    private static byte[] Prepare(ReadOnlyMemory<byte> query, RandomBytes random, bool mixesLetters)
    {
        var bytes = query.ToArray();
        Span<byte> chance = stackalloc byte[2 + (NameWire.BytesMax / 8) + 1];
        random(chance);
        chance[..2].CopyTo(bytes);
        _ = DnsQuery.TryRead(query.Span, out var read); // only questions that were read come here
        var name = bytes.AsSpan(DnsHeader.Bytes, read.Name.Length);
        for (var i = 0; mixesLetters && i < name.Length; i++)
        {
            if (NameWire.IsLetter(name[i]) && (chance[2 + (i >> 3)] >> (i & 7) & 1) != 0)
            {
                name[i] ^= 0x20;
            }
        }

        if (read.EdnsOffset is var edns and > 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(edns + 3), EdnsOptions.PayloadOurs);
        }

        return bytes;
    }

    private static Match Compare(ReadOnlySpan<byte> sent, ReadOnlySpan<byte> answer)
    {
        if (DnsQuery.TryReadResponse(answer, out var read) != DnsFault.None || !sent[..2].SequenceEqual(answer[..2])
            || sent.Length < read.QuestionEnd || !sent[(read.QuestionEnd - 4)..read.QuestionEnd].SequenceEqual(answer[(read.QuestionEnd - 4)..read.QuestionEnd]))
        {
            return Match.None;
        }

        var name = sent.Slice(DnsHeader.Bytes, read.Name.Length);
        return name.SequenceEqual(read.Name) ? Match.Exact
            : NameWire.AreSame(name, read.Name) ? Match.OtherLetters
            : Match.None;
    }

    private static bool IsTruncated(ReadOnlySpan<byte> answer) => DnsHeader.TryRead(answer, out var header) && header.IsTruncated;

    private enum Match
    {
        None,
        OtherLetters,
        Exact,
    }
}

/// <summary>Fills a span with bytes that nobody can guess.</summary>
public delegate void RandomBytes(Span<byte> bytes);
