using System.Buffers;
using System.Buffers.Binary;
using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>Dumps: one request, many messages, one at a time per socket.</summary>
public sealed unsafe partial class NetlinkSocket
{
    private const int DumpBytes = 64 * 1024; // the kernel never fills more than 32 KiB at a time
    private const int DumpAttemptsMax = 16;

    /// <summary>Reads all objects a request asks for; begins anew when a change interrupts it.</summary>
    /// <param name="request">One message with the dump flags.</param>
    /// <param name="operation">What is read, for the error.</param>
    /// <param name="replies">Takes the messages.</param>
    /// <returns>The refusal, or null.</returns>
    public KernelError? Dump(Span<byte> request, string operation, INetlinkReplies replies)
    {
        ArgumentNullException.ThrowIfNull(replies);
        lock (_gate)
        {
            CheckOpen();
            var buffer = ArrayPool<byte>.Shared.Rent(DumpBytes);
            try
            {
                for (var attempt = 0; attempt < DumpAttemptsMax; attempt++)
                {
                    var sequence = Number(request, 1);
                    var errno = Send(request, 1);
                    if (errno != 0)
                    {
                        return SystemCalls.ErrorOf(errno, operation);
                    }

                    var dump = new DumpProgress(sequence, replies);
                    ReadDump(buffer, ref dump);
                    if (!dump.IsInterrupted || dump.Ack.Errno != 0)
                    {
                        return dump.Ack.IsDone ? null : dump.Ack.ToError(operation);
                    }

                    replies.OnRestart();
                }

                return SystemCalls.ErrorOf(Errno.Interrupted, operation, $"interrupted by changes {DumpAttemptsMax} times");
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private void ReadDump(byte[] buffer, ref DumpProgress dump)
    {
        fixed (byte* start = buffer)
        {
            var address = default(NetlinkAddress);
            var vector = new BufferVector { Start = start, Length = (nuint)buffer.Length };
            var message = new MessageVector { Buffers = &vector, BufferCount = 1 };
            while (!dump.IsEnded)
            {
                message.Name = &address;
                message.NameLength = (uint)sizeof(NetlinkAddress);
                message.Flags = 0;
                var got = Libc.recvmsg(_descriptor.Number, &message, 0);
                var errno = got < 0 ? Errno.Last : 0;
                if (errno == Errno.Interrupted)
                {
                    continue;
                }

                if (errno != 0)
                {
                    dump.End(errno == Errno.Again ? s_late : new NetlinkAck(errno, null, -1));
                    return;
                }

                if (address.PortId != 0)
                {
                    continue;
                }

                if ((message.Flags & 0x20) != 0) // MSG_TRUNC
                {
                    dump.Break(new NetlinkAck(Errno.MessageSize, "a message did not fit the receive buffer", -1));
                }

                ReadDump(buffer.AsSpan(0, (int)got), ref dump);
            }
        }
    }

    private void ReadDump(ReadOnlySpan<byte> rest, ref DumpProgress dump)
    {
        var received = 0;
        var bytes = rest.Length;
        while (rest.Length >= HeaderBytes && !dump.IsEnded)
        {
            var length = LengthAt(rest);
            if (length < HeaderBytes || length > rest.Length)
            {
                break;
            }

            received++;
            var message = rest[..(int)length];
            if (BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]) == dump.Sequence
                && BinaryPrimitives.ReadUInt32LittleEndian(rest[12..]) == PortId)
            {
                dump.Take(message);
            }

            rest = rest[(int)Math.Min((length + 3) & ~3u, (uint)rest.Length)..];
        }

        if (!rest.IsEmpty && !dump.IsEnded)
        {
            dump.Break(new NetlinkAck(Errno.BadMessage, $"an answer of {bytes} bytes ends in the middle of a message", -1));
        }

        Count(new NetlinkCounters(0, 0, 0, received, bytes, 1));
    }

    /// <summary>A dump as far as it got.</summary>
    private ref struct DumpProgress(uint sequence, INetlinkReplies replies)
    {
        public readonly uint Sequence = sequence;

        // A message that could not be read. The dump is read to its end first, or the next one would be refused as busy.
        private NetlinkAck _broken;

        public bool IsEnded { get; private set; }

        public bool IsInterrupted { get; private set; }

        public NetlinkAck Ack { get; private set; }

        /// <summary>What came is not all, or cannot be read: the first of these is what the dump ends with.</summary>
        public void Break(NetlinkAck why) => _broken = _broken.IsDone ? why : _broken;

        public void End(NetlinkAck ack)
        {
            Ack = ack.IsDone ? _broken : ack;
            IsEnded = true;
        }

        public void Take(ReadOnlySpan<byte> message)
        {
            var type = BinaryPrimitives.ReadUInt16LittleEndian(message[4..]);
            var flags = (NetlinkFlags)BinaryPrimitives.ReadUInt16LittleEndian(message[6..]);
            IsInterrupted |= flags.HasFlag(NetlinkFlags.DumpInterrupted);
            switch (type)
            {
                case ErrorType:
                    End(ReadAck(message));
                    break;
                case DoneType:
                    End(ReadDone(message));
                    break;
                default:
                    Forward(type, message[HeaderBytes..]);
                    break;
            }
        }

        private static NetlinkAck ReadDone(ReadOnlySpan<byte> message)
        {
            if (message.Length < HeaderBytes + sizeof(int))
            {
                return new NetlinkAck(Errno.BadMessage, "the end of the answer is cut short", -1);
            }

            return new NetlinkAck(Math.Max(0, -BinaryPrimitives.ReadInt32LittleEndian(message[HeaderBytes..])), null, -1);
        }

        private void Forward(ushort type, ReadOnlySpan<byte> body)
        {
            if (!_broken.IsDone)
            {
                return;
            }

            try
            {
                replies.OnMessage(0, type, body);
            }
            catch (WireFormatException exception)
            {
                Break(new NetlinkAck(Errno.BadMessage, exception.Message, -1));
            }
        }
    }
}
