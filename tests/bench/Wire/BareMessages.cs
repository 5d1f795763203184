using System.Net;
using Networking.Model;
using Networking.Netlink;

namespace Networking.Bench;

/// <summary>The messages that a program written by hand would send, written with the room's writer and nothing else of it.</summary>
internal static class BareMessages
{
    private const NetlinkFlags Acknowledged = NetlinkFlags.Request | NetlinkFlags.Ack;
    private const NetlinkFlags Making = Acknowledged | NetlinkFlags.Create | NetlinkFlags.Exclusive;
    private const uint Up = 1; // IFF_UP
    private const byte Inet = 2; // AF_INET

    /// <summary>A veth pair, its peer in place in another namespace, the host's end up and on a bridge: one message.</summary>
    public static void CreatePair(ref NetlinkWriter writer, string name, int bridge, string peer, MacAddress mac, int peerNamespace)
    {
        var message = BeginLink(ref writer, 16 /* RTM_NEWLINK */, Making, new BareLink { Flags = Up, Change = Up });
        writer.PutString(3 /* IFLA_IFNAME */, name);
        writer.PutUInt32(10 /* IFLA_MASTER */, (uint)bridge);
        var info = writer.BeginNest(18 /* IFLA_LINKINFO */);
        writer.PutString(1 /* IFLA_INFO_KIND */, "veth");
        var data = writer.BeginNest(2 /* IFLA_INFO_DATA */);
        var other = writer.BeginNest(1 /* VETH_INFO_PEER */);
        writer.PutHeader(default(BareLink)); // not up yet: at this moment it has no other end, and the kernel refuses
        writer.PutString(3 /* IFLA_IFNAME */, peer);
        writer.PutMac(1 /* IFLA_ADDRESS */, mac);
        writer.PutUInt32(28 /* IFLA_NET_NS_FD */, (uint)peerNamespace);
        writer.EndNest(other);
        writer.EndNest(data);
        writer.EndNest(info);
        writer.EndMessage(message);
    }

    public static void Get(ref NetlinkWriter writer, string name)
    {
        var message = BeginLink(ref writer, 18 /* RTM_GETLINK */, Acknowledged, default);
        writer.PutString(3 /* IFLA_IFNAME */, name);
        writer.EndMessage(message);
    }

    public static void BringUp(ref NetlinkWriter writer, int index)
    {
        var message = BeginLink(ref writer, 19 /* RTM_SETLINK */, Acknowledged, new BareLink { Index = index, Flags = Up, Change = Up });
        writer.EndMessage(message);
    }

    public static void Delete(ref NetlinkWriter writer, string name)
    {
        var message = BeginLink(ref writer, 17 /* RTM_DELLINK */, Acknowledged, default);
        writer.PutString(3 /* IFLA_IFNAME */, name);
        writer.EndMessage(message);
    }

    public static void AddAddress(ref NetlinkWriter writer, int index, InterfaceAddress address)
    {
        var message = writer.BeginMessage(20 /* RTM_NEWADDR */, Making, 0);
        writer.PutHeader(new BareAddress { Family = Inet, PrefixLength = (byte)address.PrefixLength, Index = index });
        writer.PutAddress(2 /* IFA_LOCAL */, address.Address);
        writer.PutAddress(1 /* IFA_ADDRESS */, address.Address);
        writer.EndMessage(message);
    }

    public static void AddDefaultRoute(ref NetlinkWriter writer, int index, IPAddress gateway)
    {
        var message = writer.BeginMessage(24 /* RTM_NEWROUTE */, Making, 0);
        writer.PutHeader(new BareRoute { Family = Inet, Table = 254, Protocol = 4 /* RTPROT_STATIC */, Type = 1 /* RTN_UNICAST */ });
        writer.PutAddress(5 /* RTA_GATEWAY */, gateway);
        writer.PutUInt32(4 /* RTA_OIF */, (uint)index);
        writer.EndMessage(message);
    }

    private static WriterMark BeginLink(ref NetlinkWriter writer, ushort type, NetlinkFlags flags, in BareLink header)
    {
        var message = writer.BeginMessage(type, flags, 0);
        writer.PutHeader(header);
        return message;
    }
}
