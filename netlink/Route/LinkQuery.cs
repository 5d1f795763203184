using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>
/// Small questions to one namespace, asked through a buffer of the thread's own, so they may be asked from any thread. Each throws
/// <see cref="KernelException"/> if the kernel gives no answer: that is not the answer that there is no such link.
/// </summary>
internal static class LinkQuery
{
    private delegate void Encode(ref NetlinkWriter writer);

    // One a thread: deleting a link asks for its addresses, and a new buffer of some 9 KB each time would be most of what it costs.
    [ThreadStatic]
    private static NetlinkBatch? t_question;

    private delegate T Decode<T>(ReadOnlySpan<byte> body);

    /// <summary>What a name stands for.</summary>
    public static LinkIdentity Identify(NetlinkSocket socket, string name) =>
        Ask(socket, $"look for interface {name}", (ref writer) => LinkEncoder.Get(ref writer, name), LinkIdentity.Read);

    /// <summary>The link with an index; null if there is none.</summary>
    public static LinkMessage? Get(NetlinkSocket socket, int index) =>
        Ask(socket, $"look for interface number {index}", (ref writer) => LinkEncoder.Get(ref writer, index), LinkMessage.Read);

    /// <summary>The link of a name; null if there is none.</summary>
    public static LinkMessage? Get(NetlinkSocket socket, string name) =>
        Ask(socket, $"look for interface {name}", (ref writer) => LinkEncoder.Get(ref writer, name), LinkMessage.Read);

    /// <summary>The addresses of a link in one family; none if there is no such link.</summary>
    public static List<InterfaceAddress> AddressesOf(NetlinkSocket socket, byte family, int index)
    {
        var addresses = new List<InterfaceAddress>();
        var replies = new CollectedReplies();
        var batch = Question();
        var writer = batch.Begin();
        AddressEncoder.Dump(ref writer, family, index);
        _ = batch.Commit(writer);
        if (socket.Dump(batch.Messages, "read addresses", replies) is { } error)
        {
            return error.Errno == Errno.NoDevice ? addresses : throw new KernelException(error);
        }

        foreach (var (_, body) in replies.Messages)
        {
            // Kernels before 4.20 do not filter.
            if (AddressMessage.Read(body) is { } address && address.LinkIndex == index)
            {
                addresses.Add(address.Address);
            }
        }

        return addresses;
    }

    private static NetlinkBatch Question()
    {
        t_question ??= new NetlinkBatch();
        t_question.Clear();
        return t_question;
    }

    private static T? Ask<T>(NetlinkSocket socket, string operation, Encode encode, Decode<T?> decode)
    {
        var answer = new Answer<T>(decode);
        var batch = Question();
        var writer = batch.Begin();
        encode(ref writer);
        _ = batch.Commit(writer);
        socket.Exchange(batch.Messages, batch.Acks, answer);
        var ack = batch.Acks[0];
        return ack.IsDone || ack.Errno == Errno.NoDevice ? answer.Value : throw new KernelException(ack.ToError(operation));
    }

    private sealed class Answer<T>(Decode<T?> decode) : INetlinkReplies
    {
        public T? Value { get; private set; }

        public void OnMessage(int request, ushort type, ReadOnlySpan<byte> body) => Value = decode(body);

        public void OnRestart()
        {
        }
    }
}
