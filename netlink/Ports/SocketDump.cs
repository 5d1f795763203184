using System.Buffers.Binary;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>Lists the sockets of the calling thread's namespace that have a local port in some range (NETLINK_SOCK_DIAG).</summary>
internal sealed class SocketDump : INetlinkReplies
{
    private const ushort ByFamily = 20; // SOCK_DIAG_BY_FAMILY
    private const ushort Bytecode = 1; // INET_DIAG_REQ_BYTECODE

    private readonly List<HostSocket> _sockets = [];

    /// <summary>Those that keep others from binding: listening, bound and not yet listening, UDP without a peer.</summary>
    public const uint Bound = (1 << 7) | (1 << 10) | (1 << 13); // TCP_CLOSE, TCP_LISTEN, TCP_BOUND_INACTIVE (Linux 6.8)

    /// <summary>Also connected and ending ones.</summary>
    public const uint Everything = uint.MaxValue;

    /// <summary>Reads one family of one protocol.</summary>
    /// <param name="socket">A socket of that protocol of netlink.</param>
    /// <param name="protocol">Whose sockets.</param>
    /// <param name="family">AF_INET or AF_INET6.</param>
    /// <param name="ports">Local ports of interest.</param>
    /// <param name="states">Bits of TCP states.</param>
    /// <returns>What there is; nothing if the kernel cannot list this protocol.</returns>
    /// <exception cref="KernelException">The list cannot be read, or not to its end.</exception>
    public static List<HostSocket> Read(NetlinkSocket socket, PortProtocol protocol, int family, PortRange ports, uint states)
    {
        var batch = new NetlinkBatch();
        var writer = batch.Begin();
        var message = writer.BeginMessage(ByFamily, NetlinkFlags.Request | NetlinkFlags.Dump, 0);
        writer.PutHeader(new SocketRequest { Family = (byte)family, Protocol = (byte)protocol, States = states });
        PutPortFilter(ref writer, ports);
        writer.EndMessage(message);
        _ = batch.Commit(writer);
        var replies = new SocketDump();

        // A kernel without the list (ENOENT) leaves the holder unnamed, which the caller says.
        return socket.Dump(batch.Messages, "list the host's sockets", replies) is { } error && error.Errno != Errno.NoEntry
            ? throw new KernelException(error)
            : replies._sockets;
    }

    /// <inheritdoc/>
    public void OnMessage(int request, ushort type, ReadOnlySpan<byte> body)
    {
        if (type == ByFamily && HostSocket.Read(body) is { } socket)
        {
            _sockets.Add(socket);
        }
    }

    /// <inheritdoc/>
    public void OnRestart() => _sockets.Clear();

    // Two comparisons of struct inet_diag_bc_op {code, yes, no}, each with its operand in the next one's "no". A jump to four
    // bytes behind the end refuses the socket.
    private static void PutPortFilter(ref NetlinkWriter writer, PortRange ports)
    {
        Span<byte> code = stackalloc byte[16];
        code.Clear();
        WriteOperation(code, 2, refusal: 20, ports.First); // INET_DIAG_BC_S_GE
        WriteOperation(code[8..], 3, refusal: 12, ports.Last); // INET_DIAG_BC_S_LE
        writer.PutBytes(Bytecode, code);
    }

    private static void WriteOperation(Span<byte> code, byte operation, ushort refusal, int port)
    {
        code[0] = operation;
        code[1] = 8; // yes: on to the next
        BinaryPrimitives.WriteUInt16LittleEndian(code[2..], refusal);
        BinaryPrimitives.WriteUInt16LittleEndian(code[6..], (ushort)port);
    }
}
