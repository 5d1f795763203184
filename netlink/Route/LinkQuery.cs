using Networking.Model;

namespace Networking.Netlink;

/// <summary>Small questions to one namespace, each with buffers of its own, so they may be asked from any thread.</summary>
internal static class LinkQuery
{
    private delegate void Encode(ref NetlinkWriter writer);

    /// <summary>What a name stands for.</summary>
    public static LinkIdentity Identify(NetlinkSocket socket, string name) =>
        Ask(socket, (ref writer) => LinkEncoder.Get(ref writer, name)) is { } body ? LinkIdentity.Read(body) : default;

    /// <summary>The link with an index; null if there is none.</summary>
    public static LinkMessage? Get(NetlinkSocket socket, int index) =>
        Ask(socket, (ref writer) => LinkEncoder.Get(ref writer, index)) is { } body ? LinkMessage.Read(body) : null;

    /// <summary>The link of a name; null if there is none.</summary>
    public static LinkMessage? Get(NetlinkSocket socket, string name) =>
        Ask(socket, (ref writer) => LinkEncoder.Get(ref writer, name)) is { } body ? LinkMessage.Read(body) : null;

    /// <summary>The IPv4 addresses of a link; none if they cannot be read.</summary>
    public static List<InterfaceAddress> AddressesOf(NetlinkSocket socket, int index)
    {
        var addresses = new List<InterfaceAddress>();
        var replies = new CollectedReplies();
        var batch = new NetlinkBatch();
        var writer = batch.Begin();
        AddressEncoder.Dump(ref writer, WireFamily.Inet, index);
        _ = batch.Commit(writer);
        if (socket.Dump(batch.Messages, "read addresses", replies) is null)
        {
            foreach (var (_, body) in replies.Messages)
            {
                // Kernels before 4.20 do not filter.
                if (AddressMessage.Read(body) is { } address && address.LinkIndex == index)
                {
                    addresses.Add(address.Address);
                }
            }
        }

        return addresses;
    }

    private static byte[]? Ask(NetlinkSocket socket, Encode encode)
    {
        var replies = new CollectedReplies();
        var batch = new NetlinkBatch();
        var writer = batch.Begin();
        encode(ref writer);
        _ = batch.Commit(writer);
        socket.Exchange(batch.Messages, batch.Acks, replies);
        return replies.Messages.Count > 0 ? replies.Messages[0].Body : null;
    }
}
