using System.Diagnostics;
using System.Net.Sockets;
using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>Writes IFLA_LINKINFO: the kind of a new link and what only that kind has.</summary>
internal static class LinkKindEncoder
{
    public static void Put(ref NetlinkWriter writer, LinkState link, int peerNamespace)
    {
        var info = writer.BeginNest(LinkAttribute.LinkInfo);
        writer.PutString(LinkInfoAttribute.Kind, KindOf(link.Details));
        if (link.Details is not (BridgeLink or DummyLink))
        {
            var details = writer.BeginNest(LinkInfoAttribute.Details);
            PutDetails(ref writer, link, peerNamespace);
            writer.EndNest(details);
        }

        writer.EndNest(info);
    }

    /// <summary>
    /// One queue each way. Nobody uses more of a pair unless he sets them up (ethtool -L); but asked for none in particular the kernel makes one for each
    /// possible processor, and waits twice for all processors (synchronize_rcu_expedited) until all but the first are out of use again.
    /// </summary>
    public static void PutQueues(ref NetlinkWriter writer)
    {
        writer.PutUInt32(LinkAttribute.SendQueues, 1);
        writer.PutUInt32(LinkAttribute.ReceiveQueues, 1);
    }

    /// <summary>The kernel's word for a kind of link.</summary>
    public static string KindOf(LinkDetails details) => details switch
    {
        BridgeLink => "bridge",
        VethLink or VethPeerLink => "veth",
        VlanLink => "vlan",
        MacvlanLink => "macvlan",
        VxlanLink => "vxlan",
        DummyLink => "dummy",
        ExistingLink existing => existing.Kind,
        _ => throw new UnreachableException(),
    };

    private static void PutDetails(ref NetlinkWriter writer, LinkState link, int peerNamespace)
    {
        switch (link.Details)
        {
            case VethLink veth:
                PutPeer(ref writer, veth, link.MtuBytes, peerNamespace);
                break;
            case VlanLink vlan:
                writer.PutUInt16(LinkKindAttribute.VlanId, (ushort)vlan.VlanId);
                break;
            case MacvlanLink macvlan:
                writer.PutUInt32(LinkKindAttribute.MacvlanMode, (uint)macvlan.Mode);
                break;
            case VxlanLink vxlan:
                PutVxlan(ref writer, vxlan);
                break;
            default:
                throw new UnreachableException($"{link.Details} cannot be made");
        }
    }

    /// <summary>The other end is made directly inside its namespace; moving it there afterwards costs forty times more.</summary>
    private static void PutPeer(ref NetlinkWriter writer, VethLink veth, int? mtuBytes, int peerNamespace)
    {
        var peer = writer.BeginNest(LinkKindAttribute.VethPeer);
        writer.PutHeader(default(LinkHeader));
        writer.PutString(LinkAttribute.Name, veth.PeerName);
        PutQueues(ref writer);
        if (!veth.PeerMac.IsZero)
        {
            writer.PutMac(LinkAttribute.HardwareAddress, veth.PeerMac);
        }

        if (mtuBytes is { } mtu)
        {
            writer.PutUInt32(LinkAttribute.Mtu, (uint)mtu);
        }

        if (peerNamespace >= 0)
        {
            writer.PutUInt32(LinkAttribute.NamespaceDescriptor, (uint)peerNamespace);
        }

        writer.EndNest(peer);
    }

    /// <summary>Learning is off: forwarding entries come from gossip, and a learnt one could be spoofed by any host of the underlay.</summary>
    private static void PutVxlan(ref NetlinkWriter writer, VxlanLink vxlan)
    {
        writer.PutUInt32(LinkKindAttribute.VxlanId, (uint)vxlan.VniNumber);
        if (vxlan.Local is { } local)
        {
            var isIpv6 = local.AddressFamily == AddressFamily.InterNetworkV6;
            writer.PutAddress(isIpv6 ? LinkKindAttribute.VxlanLocal6 : LinkKindAttribute.VxlanLocal, local);
        }

        writer.PutByte(LinkKindAttribute.VxlanLearning, 0);
        writer.PutUInt16BigEndian(LinkKindAttribute.VxlanPort, (ushort)vxlan.Port);
    }
}
