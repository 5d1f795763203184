using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>Writes route messages.</summary>
internal static class RouteEncoder
{
    private const byte Unicast = 1; // RTN_UNICAST
    private const byte LinkScope = 253; // RT_SCOPE_LINK
    private const byte NowhereScope = 255; // RT_SCOPE_NOWHERE: any, in a deletion
    private const byte CompatTable = 252; // RT_TABLE_COMPAT: see RTA_TABLE

    /// <summary>Adds a route with our mark, or replaces the one of the same destination, metric and table.</summary>
    public static void Add(ref NetlinkWriter writer, RouteState route, int linkIndex, bool replace)
    {
        var flags = NetlinkFlags.Request | NetlinkFlags.Ack | NetlinkFlags.Create | (replace ? NetlinkFlags.Replace : NetlinkFlags.Exclusive);
        var isOnLink = route.Gateway is null && WireFamily.Of(route.Destination.BaseAddress) == WireFamily.Inet;
        Put(ref writer, RouteMessageType.NewRoute, flags, route, linkIndex, isOnLink ? LinkScope : (byte)0);
    }

    /// <summary>Deletes a route of ours; one of another protocol is not found.</summary>
    public static void Delete(ref NetlinkWriter writer, RouteState route, int linkIndex) => Put(
        ref writer, RouteMessageType.DeleteRoute, NetlinkFlags.Request | NetlinkFlags.Ack, route, linkIndex, NowhereScope);

    /// <summary>Asks for the routes of a family.</summary>
    /// <param name="protocol">Only those of this protocol; zero for all.</param>
    /// <param name="table">Only those of this table; zero for all.</param>
    public static void Dump(ref NetlinkWriter writer, byte family, byte protocol, int table)
    {
        var message = writer.BeginMessage(RouteMessageType.GetRoute, NetlinkFlags.Request | NetlinkFlags.Dump, 0);
        writer.PutHeader(new RouteHeader { Family = family, Protocol = protocol });
        if (table != 0)
        {
            writer.PutUInt32(RouteAttribute.Table, (uint)table);
        }

        writer.EndMessage(message);
    }

    private static void Put(
        ref NetlinkWriter writer, ushort type, NetlinkFlags flags, RouteState route, int linkIndex, byte scope)
    {
        var message = writer.BeginMessage(type, flags, 0);
        writer.PutHeader(new RouteHeader
        {
            Family = WireFamily.Of(route.Destination.BaseAddress),
            DestinationLength = (byte)route.Destination.PrefixLength,
            Table = route.Table < 256 ? (byte)route.Table : CompatTable,
            Protocol = Ownership.RouteProtocol,
            Scope = scope,
            Type = type == RouteMessageType.NewRoute ? Unicast : (byte)0, // any, in a deletion
        });
        if (route.Destination.PrefixLength > 0)
        {
            writer.PutAddress(RouteAttribute.Destination, route.Destination.BaseAddress);
        }

        if (route.Table >= 256)
        {
            writer.PutUInt32(RouteAttribute.Table, (uint)route.Table);
        }

        if (route.Gateway is { } gateway)
        {
            writer.PutAddress(RouteAttribute.Gateway, gateway);
        }

        if (linkIndex != 0)
        {
            writer.PutUInt32(RouteAttribute.OutLink, (uint)linkIndex);
        }

        if (route.Metric != 0)
        {
            writer.PutUInt32(RouteAttribute.Priority, (uint)route.Metric);
        }

        writer.EndMessage(message);
    }
}
