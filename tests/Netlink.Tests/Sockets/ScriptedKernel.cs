using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Networking.Netlink.Tests.Sockets;

/// <summary>
/// What the kernel says, as the test says it: behind the descriptor of a real netlink socket is one end of a pair, and what
/// is put into the other is what the socket receives, datagram by datagram.
/// </summary>
/// <remarks>
/// <code>
///   test ──Say──► other end ═══ pair (SOCK_SEQPACKET) ═══ descriptor of NetlinkSocket ──► the code under test
/// </code>
/// The numbers of requests are known beforehand (1, 2, 3 …), so answers are said before they are asked for. Who does not say
/// anything is a kernel that never answers.
/// </remarks>
internal sealed partial class ScriptedKernel : IDisposable
{
    /// <summary>How long the socket waits for an answer that does not come.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    private const int UnixFamily = 1; // AF_UNIX
    private const int SequencedPackets = 5 | 0x80000; // SOCK_SEQPACKET | SOCK_CLOEXEC

    private readonly Socket _end;

    public ScriptedKernel()
    {
        var descriptor = new FileDescriptor(NetlinkSocket.TryOpenRaw(NetlinkProtocol.Route));
        Socket = new NetlinkSocket(descriptor);
        Span<int> pair = stackalloc int[2];
        Assert.Equal(0, MakePair(UnixFamily, SequencedPackets, 0, pair));
        using (var ours = new FileDescriptor(pair[0]))
        {
            Assert.Equal(descriptor.Number, Replace(ours.Number, descriptor.Number));
        }

        _end = new Socket(new SafeSocketHandle(pair[1], ownsHandle: true)) { ReceiveTimeout = 10_000 };
        Socket.SetReceiveTimeout(Patience);
    }

    public NetlinkSocket Socket { get; }

    /// <summary>Datagrams that the socket will receive, in order.</summary>
    public void Say(params IEnumerable<byte[]> datagrams)
    {
        foreach (var datagram in datagrams)
        {
            Assert.Equal(datagram.Length, _end.Send(datagram));
        }
    }

    /// <summary>NLMSG_ERROR about a request; errno zero is an acknowledgement.</summary>
    public byte[] Answer(uint sequence, int errno = 0) => ScriptedChannel.Answer(sequence, errno, port: Socket.PortId);

    /// <summary>NLMSG_DONE of a dump.</summary>
    public byte[] Done(uint sequence, NetlinkFlags flags = NetlinkFlags.None) => Message(3, sequence, flags | NetlinkFlags.Multi, new byte[4]);

    /// <summary>A captured message as an answer to a request.</summary>
    public byte[] Reply(byte[] captured, uint sequence, NetlinkFlags flags = NetlinkFlags.None) =>
        Message(BinaryPrimitives.ReadUInt16LittleEndian(captured.AsSpan(4)), sequence, flags | NetlinkFlags.Multi, captured.AsSpan(16));

    /// <summary>The next request that the socket has sent, whole.</summary>
    public byte[] Heard()
    {
        var buffer = new byte[64 * 1024];
        return buffer[.._end.Receive(buffer)];
    }

    /// <summary>A captured bridge.</summary>
    public static byte[] Bridge { get; } = Capture.Dump("links").Single(static m => LinkMessage.Read(m.AsSpan(16)).Kind == "bridge");

    /// <summary>The captured bridge up to eight bytes into its IFLA_LINKINFO, which says that it is longer.</summary>
    public static byte[] BridgeCutInNest()
    {
        var at = 32; // struct nlmsghdr, struct ifinfomsg
        while ((BinaryPrimitives.ReadUInt16LittleEndian(Bridge.AsSpan(at + 2)) & 0x3fff) != 18)
        {
            at += Math.Max(4, (BinaryPrimitives.ReadUInt16LittleEndian(Bridge.AsSpan(at)) + 3) & ~3);
        }

        return Bridge[..(at + 8)];
    }

    public void Dispose()
    {
        Socket.Dispose();
        _end.Dispose();
    }

    private byte[] Message(ushort type, uint sequence, NetlinkFlags flags, ReadOnlySpan<byte> body)
    {
        var message = new byte[16 + body.Length];
        BinaryPrimitives.WriteInt32LittleEndian(message, message.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(4), type);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(6), (ushort)flags);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(8), sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(12), Socket.PortId);
        body.CopyTo(message.AsSpan(16));
        return message;
    }

    [LibraryImport("libc", EntryPoint = "socketpair", SetLastError = true)]
    private static partial int MakePair(int family, int type, int protocol, Span<int> pair);

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    private static partial int Replace(int from, int number);
}
