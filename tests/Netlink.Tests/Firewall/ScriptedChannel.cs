using System.Buffers.Binary;
using System.Text;
using Networking.Kernel;
using Networking.Netlink.Tests.Planted;

namespace Networking.Netlink.Tests;

/// <summary>A kernel that answers each datagram as the test says.</summary>
internal sealed class ScriptedChannel(params Func<List<WireMessage>, IEnumerable<byte[]>>[] script) : INetfilterChannel
{
    private readonly Queue<byte[]> _answers = [];
    private int _next;

    public List<List<WireMessage>> Sent { get; } = [];

    public uint PortId => 77;

    public void Send(ReadOnlySpan<byte> datagram)
    {
        Sent.Add(WireMessage.Parse(PlantedWire.Firewall(datagram)));
        foreach (var answer in script[_next++](Sent[^1]))
        {
            _answers.Enqueue(answer);
        }
    }

    public int Receive(Span<byte> buffer)
    {
        if (!_answers.TryDequeue(out var answer))
        {
            throw new KernelException(new KernelError(11, "EAGAIN", "receive", IsTransient: true));
        }

        if (answer.Length == 0)
        {
            throw new KernelException(new KernelError(105, "ENOBUFS", "receive", IsTransient: true));
        }

        answer.AsSpan(0, Math.Min(answer.Length, buffer.Length)).CopyTo(buffer);
        return answer.Length;
    }

    /// <summary>Writes attributes.</summary>
    public delegate void Write(ref NetlinkWriter writer);

    /// <summary>A message of nf_tables, as an answer.</summary>
    public static byte[] Message(ushort type, uint sequence, Write write)
    {
        var writer = new NetlinkWriter(new byte[256]);
        var message = writer.BeginMessage(type, NetlinkFlags.None, sequence);
        writer.PutHeader(new NetfilterHeader(1, 0)); // NFPROTO_INET
        write(ref writer);
        writer.EndMessage(message);
        var bytes = writer.Written.ToArray();
        bytes[12] = 77;
        return bytes;
    }

    /// <summary>NLMSG_DONE of a dump.</summary>
    public static byte[] Done(uint sequence, NetlinkFlags flags = NetlinkFlags.None)
    {
        var writer = new NetlinkWriter(new byte[20]);
        var message = writer.BeginMessage(3, flags | NetlinkFlags.Multi, sequence);
        writer.PutHeader(0);
        writer.EndMessage(message);
        var bytes = writer.Written.ToArray();
        bytes[12] = 77;
        return bytes;
    }

    /// <summary>Stands for ENOBUFS: the queue ran over.</summary>
    public static byte[] Lost { get; } = [];

    /// <summary>The messages of a batch pass, and those that ask for it (NLM_F_ACK) are answered.</summary>
    public static IEnumerable<byte[]> Done(List<WireMessage> batch) =>
        batch.Where(static m => (m.Flags & 4) != 0).Select(static m => Answer(m.Sequence, 0));

    /// <summary>NLMSG_ERROR, capped, with extended attributes.</summary>
    public static byte[] Answer(uint sequence, int errno, string? text = null, int? offset = null, uint port = 77)
    {
        var bytes = new List<byte>();
        void Add(uint value)
        {
            Span<byte> four = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(four, value);
            bytes.AddRange(four);
        }

        Add(0);
        Add(2 | (0x300u << 16));
        Add(sequence);
        Add(port);
        Add(unchecked((uint)-errno));
        bytes.AddRange(new byte[16]);
        if (text is not null)
        {
            var value = Encoding.UTF8.GetBytes(text + "\0");
            Add((uint)(4 + value.Length) | (1u << 16));
            bytes.AddRange(value);
            bytes.AddRange(new byte[-value.Length & 3]);
        }

        if (offset is { } at)
        {
            Add(8 | (2u << 16));
            Add((uint)at);
        }

        var answer = bytes.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(answer, answer.Length);
        return answer;
    }
}
