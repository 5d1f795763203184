using System.Runtime.InteropServices;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink.Tests;

/// <summary>What the kernel dumped is read as what was made before the dump.</summary>
public sealed class DecoderTests
{
    private const int Header = 16;

    [Fact]
    public void Links_are_read_with_all_that_decides()
    {
        var links = Capture.Dump("links").ConvertAll(static m => LinkMessage.Read(m.AsSpan(Header)));
        var bridge = links.Single(static l => l.Name == "br0");
        Assert.Equal(("bridge", 1450, true, "02:42:0a:14:00:01"), (bridge.Kind, bridge.MtuBytes, bridge.IsUp, bridge.Mac.ToString()));
        var port = links.Single(static l => l.Name == "ve0");
        Assert.Equal(bridge.Index, port.MasterIndex);
        Assert.Equal(new BridgePortState(true, true), port.Port);
        Assert.Equal("netd:x:endpoint/1", port.Alias);
        Assert.False(port.HasLinkLocal);
        Assert.True(bridge.HasLinkLocal);
        var vxlan = links.Single(static l => l.Name == "vx0");
        Assert.Equal((8_388_865, 4790, "192.0.2.1"), (vxlan.VxlanId, vxlan.VxlanPort, vxlan.VxlanLocal!.ToString()));
        Assert.Equal((bridge.Index, bridge.Mac, 1450), Tuple(LinkIdentity.Read(Capture.Dump("links").Single(
            m => LinkMessage.Read(m.AsSpan(Header)).Name == "br0").AsSpan(Header))));
    }

    [Fact]
    public void Addresses_and_routes_survive_being_written_again()
    {
        foreach (var message in Capture.Dump("addrs"))
        {
            var read = AddressMessage.Read(message.AsSpan(Header))!;
            var again = AddressMessage.Read(Write((ref w) => AddressEncoder.Add(ref w, read.Address, read.LinkIndex, replace: false)))!;
            Assert.Equal(read with { Protocol = Ownership.AddressProtocol }, again);
        }

        foreach (var read in Capture.Dump("routes").Where(static m => m[4] == RouteMessageType.NewRoute).Select(static m => RouteMessage.Read(m.AsSpan(Header))).OfType<RouteMessage>())
        {
            var again = RouteMessage.Read(Write((ref w) => RouteEncoder.Add(ref w, read.ToState(NetNs.Host, "x"), read.LinkIndex, false)));
            Assert.Equal(read with { Protocol = Ownership.RouteProtocol }, again);
        }
    }

    [Fact]
    public void Our_routes_are_among_the_dumped_ones()
    {
        var routes = Capture.Dump("routes").Where(static m => m[4] == RouteMessageType.NewRoute).Select(static m => RouteMessage.Read(m.AsSpan(Header))).OfType<RouteMessage>()
            .Where(static r => r.Protocol == Ownership.RouteProtocol)
            .Select(static r => r.ToState(NetNs.Host, "br0").Describe())
            .Order(StringComparer.Ordinal);
        Assert.Equal(
            [
                "route 10.31.0.0/16 dev br0 metric 0",
                "route 10.32.0.0/16 dev br0 metric 0 table 1000",
                "route ::/0 via fd00:20::9 dev br0 metric 1024",
            ],
            routes);
    }

    [Fact]
    public void Neighbours_forwarding_entries_and_rules_are_read()
    {
        var neighbor = Neighbors("neighs").Single(static n => n.IsPermanent && n.Family == 2);
        Assert.Equal(("10.20.0.7", "02:42:0a:14:00:07"), (neighbor.Destination!.ToString(), neighbor.Mac.ToString()));
        var remotes = Neighbors("fdbs").Where(static n => n.Destination is not null);
        Assert.Equal(["00:00:00:00:00:00", "02:42:0a:14:00:07"], remotes.Select(static r => r.Mac.ToString()).Order(StringComparer.Ordinal));
        var rule = Capture.Dump("rules").Select(static m => RuleMessage.Read(m.AsSpan(Header))).Single(static r => r.Protocol == Ownership.RouteProtocol);
        Assert.Equal((100, 0x42u, 0xffu, 1000), (rule.Priority, rule.Mark, rule.MarkMask, rule.Table));
    }

    [Fact]
    public void Headers_have_the_kernels_sizes_and_offsets()
    {
        Assert.Equal(16, Marshal.SizeOf<LinkHeader>()); // struct ifinfomsg
        Assert.Equal((4, 8, 12), Offsets<LinkHeader>("Index", "Flags", "Change"));
        Assert.Equal(8, Marshal.SizeOf<AddressHeader>()); // struct ifaddrmsg
        Assert.Equal((1, 3, 4), Offsets<AddressHeader>("PrefixLength", "Scope", "Index"));
        Assert.Equal(12, Marshal.SizeOf<RouteHeader>()); // struct rtmsg
        Assert.Equal((4, 7, 8), Offsets<RouteHeader>("Table", "Type", "Flags"));
        Assert.Equal(12, Marshal.SizeOf<NeighborHeader>()); // struct ndmsg
        Assert.Equal((4, 8, 10), Offsets<NeighborHeader>("Index", "State", "Flags"));
        Assert.Equal(12, Marshal.SizeOf<RuleHeader>()); // struct fib_rule_hdr
        Assert.Equal((4, 7, 8), Offsets<RuleHeader>("Table", "Action", "Flags"));
        Assert.Equal(12, Marshal.SizeOf<NetlinkAddress>()); // struct sockaddr_nl
        Assert.Equal(20, Marshal.SizeOf<PacketAddress>()); // struct sockaddr_ll
        Assert.Equal(56, Marshal.SizeOf<MessageVector>()); // struct msghdr
        Assert.Equal(64, Marshal.SizeOf<MultiMessage>()); // struct mmsghdr
        Assert.Equal(16, Marshal.SizeOf<ControlHeader>()); // struct cmsghdr
        Assert.Equal(8, Marshal.SizeOf<PollDescriptor>()); // struct pollfd
    }

    private delegate void Encode(ref NetlinkWriter writer);

    /// <summary>The tools ask for links first, to know their names.</summary>
    private static IEnumerable<NeighborMessage> Neighbors(string golden) =>
        Capture.Dump(golden).Where(static m => m[4] == RouteMessageType.NewNeighbor).Select(static m => NeighborMessage.Read(m.AsSpan(Header)));

    private static (int Index, MacAddress Mac, int Mtu) Tuple(LinkIdentity link) => (link.Index, link.Mac, link.MtuBytes);

    private static (int, int, int) Offsets<T>(string first, string second, string third) =>
        ((int)Marshal.OffsetOf<T>(first), (int)Marshal.OffsetOf<T>(second), (int)Marshal.OffsetOf<T>(third));

    private static byte[] Write(Encode encode)
    {
        var writer = new NetlinkWriter(new byte[1024]);
        encode(ref writer);
        return writer.Written[Header..].ToArray();
    }
}
