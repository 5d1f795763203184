using System.Buffers.Binary;
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

    public static void BeginBatch(ref NetlinkWriter writer) => PutBatchMark(ref writer, 16 /* NFNL_MSG_BATCH_BEGIN */);

    public static void EndBatch(ref NetlinkWriter writer) => PutBatchMark(ref writer, 17 /* NFNL_MSG_BATCH_END */);

    /// <summary>Adds to, or removes from, the map <c>ports</c> of the table <c>ip bare</c>: one message.</summary>
    public static void ChangePorts(
        ref NetlinkWriter writer, bool isNew, IPAddress target, params ReadOnlySpan<BarePort> ports)
    {
        var type = (10 /* NFNL_SUBSYS_NFTABLES */ << 8) | (isNew ? 12 /* NFT_MSG_NEWSETELEM */ : 14 /* NFT_MSG_DELSETELEM */);
        var message = writer.BeginMessage((ushort)type, isNew ? Acknowledged | NetlinkFlags.Create : Acknowledged, 0);
        writer.PutHeader(new BareNetfilter { Family = Inet });
        writer.PutString(1 /* NFTA_SET_ELEM_LIST_TABLE */, "bare");
        writer.PutString(2 /* NFTA_SET_ELEM_LIST_SET */, "ports");
        var list = writer.BeginNest(3 /* NFTA_SET_ELEM_LIST_ELEMENTS */);
        Span<byte> bytes = stackalloc byte[8];
        foreach (var (protocol, hostPort, targetPort) in ports)
        {
            var element = writer.BeginNest(1 /* NFTA_LIST_ELEM */);
            bytes.Clear(); // each part of a key takes four bytes
            bytes[0] = protocol;
            BinaryPrimitives.WriteUInt16BigEndian(bytes[4..], (ushort)hostPort);
            PutData(ref writer, 1 /* NFTA_SET_ELEM_KEY */, bytes);
            if (isNew)
            {
                bytes.Clear();
                _ = target.TryWriteBytes(bytes, out _); // four bytes fit
                BinaryPrimitives.WriteUInt16BigEndian(bytes[4..], (ushort)targetPort);
                PutData(ref writer, 2 /* NFTA_SET_ELEM_DATA */, bytes);
            }

            writer.EndNest(element);
        }

        writer.EndNest(list);
        writer.EndMessage(message);
    }

    private static void PutData(ref NetlinkWriter writer, ushort type, scoped ReadOnlySpan<byte> value)
    {
        var data = writer.BeginNest(type);
        writer.PutBytes(1 /* NFTA_DATA_VALUE */, value);
        writer.EndNest(data);
    }

    private static void PutBatchMark(ref NetlinkWriter writer, ushort type)
    {
        var message = writer.BeginMessage(type, Acknowledged, 0);
        writer.PutHeader(new BareNetfilter { Resource = (10 /* NFNL_SUBSYS_NFTABLES */ << 8) });
        writer.EndMessage(message);
    }

    private static WriterMark BeginLink(ref NetlinkWriter writer, ushort type, NetlinkFlags flags, in BareLink header)
    {
        var message = writer.BeginMessage(type, flags, 0);
        writer.PutHeader(header);
        return message;
    }
}
