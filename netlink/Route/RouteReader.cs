using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>Dumps of one namespace, as messages. Each throws <see cref="KernelException"/> if the kernel refuses.</summary>
internal static class RouteReader
{
    private delegate void Encode(ref NetlinkWriter writer);

    private delegate T? Decode<T>(ReadOnlySpan<byte> body)
        where T : class;

    public static List<LinkMessage> Links(NetlinkSocket socket, string operation) =>
        Dump(socket, operation, RouteMessageType.NewLink, static (ref writer) => LinkEncoder.Dump(ref writer), LinkMessage.Read);

    public static List<AddressMessage> Addresses(NetlinkSocket socket, byte family) => Dump(
        socket,
        "read addresses",
        RouteMessageType.NewAddress,
        (ref writer) => AddressEncoder.Dump(ref writer, family, 0),
        AddressMessage.Read);

    public static List<RouteMessage> Routes(NetlinkSocket socket, byte family, byte protocol) =>
        Dump<RouteMessage>(socket, "read routes", RouteMessageType.NewRoute, (ref writer) => RouteEncoder.Dump(ref writer, family, protocol, 0), RouteMessage.Read);

    /// <summary>Those of one table. Kernels before 4.20 tell those of all.</summary>
    public static IEnumerable<RouteMessage> RoutesOf(NetlinkSocket socket, byte family, int table)
    {
        try
        {
            return Dump<RouteMessage>(
                socket, "read routes", RouteMessageType.NewRoute, (ref writer) => RouteEncoder.Dump(ref writer, family, 0, table), RouteMessage.Read)
                .Where(route => route.Table == table);
        }
        catch (KernelException exception) when (exception.Error is { Errno: Errno.NoEntry })
        {
            return []; // a table is made with its first route
        }
    }

    public static List<NeighborMessage> Neighbors(NetlinkSocket socket, byte family, int linkIndex) => Dump(
        socket,
        "read neighbours",
        RouteMessageType.NewNeighbor,
        (ref writer) => NeighborEncoder.Dump(ref writer, family, linkIndex),
        NeighborMessage.Read);

    public static List<RuleMessage> Rules(NetlinkSocket socket, byte family) => Dump(
        socket, "read rules", RouteMessageType.NewRule, (ref writer) => RuleEncoder.Dump(ref writer, family), RuleMessage.Read);

    private static List<T> Dump<T>(NetlinkSocket socket, string operation, ushort type, Encode encode, Decode<T> decode)
        where T : class
    {
        var batch = new NetlinkBatch();
        var writer = batch.Begin();
        encode(ref writer);
        _ = batch.Commit(writer);
        var replies = new Decoded<T>(type, decode);
        return socket.Dump(batch.Messages, operation, replies) is { } error ? throw new KernelException(error) : replies.Items;
    }

    private sealed class Decoded<T>(ushort expected, Decode<T> decode) : INetlinkReplies
        where T : class
    {
        public List<T> Items { get; } = [];

        public void OnMessage(int request, ushort type, ReadOnlySpan<byte> body)
        {
            if (type == expected && decode(body) is { } item)
            {
                Items.Add(item);
            }
        }

        public void OnRestart() => Items.Clear();
    }
}
