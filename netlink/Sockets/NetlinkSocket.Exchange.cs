using System.Buffers.Binary;

namespace Networking.Netlink;

/// <summary>Pipelined requests: many messages in one send, each acknowledged, answers matched by sequence number.</summary>
public sealed unsafe partial class NetlinkSocket
{
    private const ushort ErrorType = 2; // NLMSG_ERROR
    private const ushort DoneType = 3; // NLMSG_DONE

    private static readonly NetlinkAck s_late = new(Errno.TimedOut, "the kernel did not answer in time", -1);

    /// <summary>
    /// Sends the messages and waits until each is answered. A refused message does not stop the later ones.
    /// Never throws for what the kernel says: a lost answer is ENOBUFS, a missing one ETIMEDOUT.
    /// </summary>
    /// <param name="messages">Whole messages one behind the other, each with the acknowledge flag.</param>
    /// <param name="acks">One per message, filled in order.</param>
    /// <param name="replies">Takes what comes back besides acknowledgements; null to drop it.</param>
    public void Exchange(Span<byte> messages, Span<NetlinkAck> acks, INetlinkReplies? replies = null)
    {
        lock (_gate)
        {
            CheckOpen();
            acks.Fill(new NetlinkAck(NetlinkAck.Unanswered, null, -1));
            var first = Number(messages, acks.Length);
            var done = 0;
            while (done < acks.Length)
            {
                var (count, bytes) = Portion(messages, acks.Length - done);
                var errno = Send(messages[..bytes], count);
                if (errno == 0)
                {
                    Await(first, done, count, acks, replies);
                }
                else
                {
                    Fill(acks.Slice(done, count), new NetlinkAck(errno, null, -1));
                }

                done += count;
                messages = messages[bytes..];
            }
        }
    }

    /// <summary>How many messages go into one send: their answers must fit the receive buffer before we read the first.</summary>
    private static (int Count, int Bytes) Portion(ReadOnlySpan<byte> messages, int left)
    {
        var count = 0;
        var bytes = 0;
        while (count < left && count < MessagesPerSend)
        {
            var length = (int)LengthAt(messages[bytes..]);
            if (count > 0 && bytes + length > BytesPerSend)
            {
                break;
            }

            bytes += length;
            count++;
        }

        return (count, bytes);
    }

    private static void Fill(Span<NetlinkAck> acks, NetlinkAck what)
    {
        foreach (ref var ack in acks)
        {
            if (ack.Errno == NetlinkAck.Unanswered)
            {
                ack = what;
            }
        }
    }

    private void Await(uint first, int done, int count, Span<NetlinkAck> acks, INetlinkReplies? replies)
    {
        var area = ReceiveArea.Borrow();
        try
        {
            Await(ref area, first, done, count, acks, replies);
        }
        finally
        {
            ReceiveArea.GiveBack(area);
        }
    }

    private void Await(ref ReceiveArea area, uint first, int done, int count, Span<NetlinkAck> acks, INetlinkReplies? replies)
    {
        const int doNotWait = 0x40; // MSG_DONTWAIT
        var missing = count;
        var flags = 0;
        while (missing > 0)
        {
            var datagrams = area.Receive(_descriptor.Number, flags);
            if (datagrams == -Errno.NoBuffers)
            {
                // Answers were lost, but those that fitted are still to be read; nothing more will come.
                flags = doNotWait;
                continue;
            }

            if (datagrams < 0)
            {
                var isLate = datagrams == -Errno.Again && flags != doNotWait;
                Fill(acks.Slice(done, count), isLate ? s_late : new NetlinkAck(datagrams == -Errno.Again ? Errno.NoBuffers : -datagrams, null, -1));
                return;
            }

            var mustGrow = false;
            Count(new NetlinkCounters(0, 0, 0, 0, 0, 1));
            for (var i = 0; i < datagrams; i++)
            {
                if (area.IsFromKernel(i))
                {
                    mustGrow |= area.IsTruncated(i);
                    missing -= Read(area.Datagram(i), first, acks, replies);
                }
            }

            if (mustGrow)
            {
                area = new ReceiveArea(area.Slots, area.SlotBytes * 2);
            }
        }
    }

    /// <summary>Reads one datagram.</summary>
    /// <returns>How many requests it answered.</returns>
    private int Read(ReadOnlySpan<byte> datagram, uint first, Span<NetlinkAck> acks, INetlinkReplies? replies)
    {
        var answered = 0;
        var received = 0;
        var rest = datagram;
        while (rest.Length >= HeaderBytes)
        {
            var length = LengthAt(rest);
            if (length < HeaderBytes)
            {
                break;
            }

            received++;
            var request = BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]) - first;
            if (request < (uint)acks.Length && BinaryPrimitives.ReadUInt32LittleEndian(rest[12..]) == PortId)
            {
                answered += Take(rest, length, (int)request, ref acks[(int)request], replies);
            }

            rest = rest[(int)Math.Min((length + 3) & ~3u, (uint)rest.Length)..];
        }

        Count(new NetlinkCounters(0, 0, 0, received, datagram.Length, 0));
        return answered;
    }

    private static int Take(ReadOnlySpan<byte> rest, uint length, int request, ref NetlinkAck ack, INetlinkReplies? replies)
    {
        var type = BinaryPrimitives.ReadUInt16LittleEndian(rest[4..]);
        if (length > rest.Length)
        {
            // A cut reply: the request was done, its answer must be asked for again with the larger buffer.
            ack = new NetlinkAck(Errno.MessageSize, null, -1);
            return type == ErrorType ? 1 : 0;
        }

        var message = rest[..(int)length];
        if (type != ErrorType)
        {
            Forward(message, request, ref ack, replies);
            return 0;
        }

        var wasAnswered = ack.Errno is not (NetlinkAck.Unanswered or Errno.MessageSize or Errno.BadMessage);
        if (ack.Errno == NetlinkAck.Unanswered)
        {
            ack = ReadAck(message);
        }

        return wasAnswered ? 0 : 1;
    }

    private static void Forward(ReadOnlySpan<byte> message, int request, ref NetlinkAck ack, INetlinkReplies? replies)
    {
        try
        {
            replies?.OnMessage(request, BinaryPrimitives.ReadUInt16LittleEndian(message[4..]), message[HeaderBytes..]);
        }
        catch (WireFormatException exception)
        {
            // The other answers of this exchange must still be read.
            ack = new NetlinkAck(Errno.BadMessage, exception.Message, -1);
        }
    }

    /// <summary>Reads NLMSG_ERROR: errno, the request's header (all of the request if it was refused and not capped), details.</summary>
    internal static NetlinkAck ReadAck(ReadOnlySpan<byte> message)
    {
        if (message.Length < HeaderBytes + sizeof(int))
        {
            return new NetlinkAck(Errno.Invalid, "the kernel's answer is cut short", -1);
        }

        var errno = -BinaryPrimitives.ReadInt32LittleEndian(message[HeaderBytes..]);
        var flags = (NetlinkFlags)BinaryPrimitives.ReadUInt16LittleEndian(message[6..]);
        if (errno == 0 || !flags.HasFlag(NetlinkFlags.AckAttributes) || message.Length < HeaderBytes + 4 + HeaderBytes)
        {
            return new NetlinkAck(errno, null, -1);
        }

        var details = HeaderBytes + 4 + HeaderBytes;
        if (!flags.HasFlag(NetlinkFlags.Capped))
        {
            var request = LengthAt(message[(HeaderBytes + 4)..]);
            details = (int)Math.Min(HeaderBytes + 4 + (((ulong)request + 3) & ~3ul), (ulong)message.Length);
        }

        return ReadDetails(errno, message[details..]);
    }

    private static NetlinkAck ReadDetails(int errno, ReadOnlySpan<byte> attributes)
    {
        string? text = null;
        var offset = -1;
        try
        {
            var reader = new AttributeReader(attributes);
            while (reader.MoveNext())
            {
                switch (reader.Type)
                {
                    case 1: // NLMSGERR_ATTR_MSG
                        text = reader.GetString();
                        break;
                    case 2: // NLMSGERR_ATTR_OFFS
                        offset = reader.GetInt32();
                        break;
                }
            }
        }
        catch (WireFormatException)
        {
            // The errno is what counts; a broken explanation is none.
        }

        return new NetlinkAck(errno, text, offset);
    }
}
