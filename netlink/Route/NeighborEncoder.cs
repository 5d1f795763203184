using System.Net;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>Writes neighbour and forwarding database messages.</summary>
internal static class NeighborEncoder
{
    private const ushort Permanent = 0x80; // NUD_PERMANENT
    private const ushort NoArp = 0x40; // NUD_NOARP: a static entry of a bridge
    private const byte Self = 0x02; // NTF_SELF: the device's own table
    private const byte OfMaster = 0x04; // NTF_MASTER: the table of the device's bridge
    private const NetlinkFlags Acknowledged = NetlinkFlags.Request | NetlinkFlags.Ack;

    /// <summary>
    /// Sets a permanent neighbour. It replaces: the kernel may hold a learnt entry for the address, which is not an
    /// object of anybody.
    /// </summary>
    public static void Set(ref NetlinkWriter writer, NeighborState neighbor, int linkIndex) => Put(
        ref writer,
        RouteMessageType.NewNeighbor,
        Acknowledged | NetlinkFlags.Create | NetlinkFlags.Replace,
        Header(neighbor.Address, linkIndex),
        neighbor.Address,
        neighbor.Mac,
        Ownership.RouteProtocol);

    /// <summary>Deletes a neighbour.</summary>
    public static void Delete(ref NetlinkWriter writer, NeighborState neighbor, int linkIndex) => Put(
        ref writer, RouteMessageType.DeleteNeighbor, Acknowledged, Header(neighbor.Address, linkIndex), neighbor.Address, null, 0);

    /// <summary>
    /// Sets a forwarding entry. The zero address may lead to many remotes, so it is appended; any other leads to one,
    /// so a station that moved replaces its old entry in one step, without a gap.
    /// </summary>
    public static void Set(ref NetlinkWriter writer, FdbState entry, int linkIndex)
    {
        var flags = Acknowledged | NetlinkFlags.Create | (entry.Mac.IsZero ? NetlinkFlags.Append : NetlinkFlags.Replace);
        Put(ref writer, RouteMessageType.NewNeighbor, flags, Header(entry, linkIndex), entry.Remote, entry.Mac, 0);
    }

    /// <summary>Deletes a forwarding entry.</summary>
    public static void Delete(ref NetlinkWriter writer, FdbState entry, int linkIndex) => Put(
        ref writer, RouteMessageType.DeleteNeighbor, Acknowledged, Header(entry, linkIndex), entry.Remote, entry.Mac, 0);

    /// <summary>Asks for the neighbours of a family; for the bridge family of one device.</summary>
    public static void Dump(ref NetlinkWriter writer, byte family, int linkIndex)
    {
        var message = writer.BeginMessage(RouteMessageType.GetNeighbor, NetlinkFlags.Request | NetlinkFlags.Dump, 0);
        writer.PutHeader(new NeighborHeader { Family = family, Index = linkIndex });
        writer.EndMessage(message);
    }

    private static NeighborHeader Header(IPAddress address, int linkIndex) =>
        new() { Family = WireFamily.Of(address), Index = linkIndex, State = Permanent };

    private static NeighborHeader Header(FdbState entry, int linkIndex) => new()
    {
        Family = WireFamily.Bridge,
        Index = linkIndex,
        State = (ushort)(entry.Remote is null ? NoArp : Permanent | NoArp),
        Flags = entry.Remote is null ? OfMaster : Self,
    };

    private static void Put(
        ref NetlinkWriter writer, ushort type, NetlinkFlags flags, in NeighborHeader header, IPAddress? destination, MacAddress? mac, byte protocol)
    {
        var message = writer.BeginMessage(type, flags, 0);
        writer.PutHeader(header);
        if (mac is { } hardware)
        {
            writer.PutMac(NeighborAttribute.HardwareAddress, hardware);
        }

        if (destination is not null)
        {
            writer.PutAddress(NeighborAttribute.Destination, destination);
        }

        if (protocol != 0)
        {
            writer.PutByte(NeighborAttribute.Protocol, protocol);
        }

        writer.EndMessage(message);
    }
}
