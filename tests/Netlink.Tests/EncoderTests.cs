using System.Net;
using Networking.Kernel;
using Networking.Model;
using Networking.Netlink.Tests.Planted;

namespace Networking.Netlink.Tests;

/// <summary>Our requests say what those of iproute2 say, and differ only where a test says why.</summary>
public sealed class EncoderTests
{
    private static readonly NetNs Sandbox = new(7);

    private delegate void Encode(ref NetlinkWriter writer);

    [Fact]
    public void A_bridge_is_asked_for_like_ip_does() => Same("bridge", (ref w) => LinkEncoder.Create(
        ref w, Link("br0", new BridgeLink()) with { Mac = new MacAddress(0x02420a140001), MtuBytes = 1499 }, new LinkReferences()));

    [Fact]
    public void A_pair_is_asked_for_like_ip_does() => Same("veth", (ref w) => LinkEncoder.Create(
        ref w,
        Link("ve0", new VethLink(NetNs.Host, "eth0", new MacAddress(0x02420a140101))) with { MtuBytes = 1450 },
        new LinkReferences { MasterIndex = 2 }));

    [Fact]
    public void The_peer_is_made_inside_its_namespace()
    {
        var bytes = Write((ref w) => LinkEncoder.Create(
            ref w,
            Link("ve0", new VethLink(Sandbox, "eth0", new MacAddress(0x02420a140101))) with { MtuBytes = 1450 },
            new LinkReferences { MasterIndex = 2, PeerNamespace = 33 }));
        Assert.Contains("link/18/2/1/28 21000000", MessageTree.Of(bytes), StringComparison.Ordinal); // IFLA_NET_NS_FD
        Assert.Equal(MessageTree.Of(Capture.Request("veth")), MessageTree.Of(bytes, "link/18/2/1/28"));
    }

    [Fact]
    public void A_vxlan_device_is_asked_for_like_ip_does() => Same("vxlan", (ref w) => LinkEncoder.Create(
        ref w, Link("vx0", new VxlanLink(8_388_865, 4790, IPAddress.Parse("192.0.2.1"))) with { MtuBytes = 1450 }, new LinkReferences()));

    [Fact]
    public void A_macvlan_is_asked_for_like_ip_does() => Same("macvlan", (ref w) => LinkEncoder.Create(
        ref w,
        Link("mv0", new MacvlanLink(NetNs.Host, "br0", MacvlanMode.Bridge)) with { Mac = new MacAddress(0x02420a090077) },
        new LinkReferences { ParentIndex = 2 }));

    [Fact]
    public void A_vlan_is_asked_for_like_ip_does() =>
        Same("vlan", (ref w) => LinkEncoder.Create(ref w, Link("vl0", new VlanLink("br0", 7)), new LinkReferences { ParentIndex = 2 }));

    [Fact]
    public void Port_settings_carry_the_ports_kind()
    {
        var link = Link("ve0", new VethLink(Sandbox, "eth0", default)) with { Port = new BridgePortState(true, true) };
        var bytes = Write((ref w) => Assert.True(LinkEncoder.TryConfigure(ref w, link, null, withHardware: false)));

        // ip names the link by index, and says "bridge_slave" as the link's own kind, where the port's kind is the newer word.
        Assert.Equal(
            MessageTree.Of(Capture.Request("port"), "header", "link/18/1"),
            MessageTree.Of(bytes, "header", "link/3", "link/18/4"));
    }

    [Fact]
    public void The_address_mode_is_set_like_ip_does() => SameBody("addrgen", (ref w) => Assert.True(
        LinkEncoder.TryConfigure(ref w, Link("ve0", new BridgeLink()) with { HasLinkLocal = false }, null, withHardware: false)));

    [Fact]
    public void The_alias_is_set_like_ip_does_and_ends_the_time_in_the_group_of_the_newborn()
    {
        var link = Link("ve0", new BridgeLink()) with { Alias = "netd:x:endpoint/1" };
        var created = Write((ref w) => LinkEncoder.Create(ref w, link, new LinkReferences()));
        Assert.Contains("link/27 6E5F646E", MessageTree.Of(created), StringComparison.Ordinal); // IFLA_GROUP

        var bytes = Write((ref w) => Assert.True(LinkEncoder.TryFinish(ref w, link, null)));
        Assert.Contains("link/27 00000000", MessageTree.Of(bytes), StringComparison.Ordinal);
        Assert.Equal(MessageTree.Of(Capture.Request("alias"), "header"), MessageTree.Of(bytes, "header", "link/3", "link/27"));
    }

    [Fact]
    public void A_link_with_an_mtu_too_small_for_ipv6_is_given_no_address_mode() => Write((ref w) => Assert.False(
        LinkEncoder.TryConfigure(ref w, Link("ve0", new BridgeLink()) with { MtuBytes = 1279, HasLinkLocal = false }, null, withHardware: false)));

    [Fact]
    public void A_link_is_brought_up_like_ip_does()
    {
        var bytes = Write((ref w) => LinkEncoder.BringUp(ref w, "br0"));
        Assert.Equal(Capture.Request("up")[24..32], bytes[24..32]); // ifi_flags and ifi_change
    }

    [Fact]
    public void A_group_is_deleted_like_ip_does() => Same("group", (ref w) => LinkEncoder.DeleteGroup(ref w, 77));

    [Theory]
    [InlineData("addr4", "10.20.0.1/16")]
    [InlineData("addr6", "fd00:20::1/64")]
    public void An_address_is_added_like_ip_does_with_our_mark(string golden, string text)
    {
        var bytes = Write((ref w) => AddressEncoder.Add(ref w, Address(text), 2, replace: false));
        Assert.Contains("address/11 B2", MessageTree.Of(bytes), StringComparison.Ordinal); // IFA_PROTO

        Assert.Equal(MessageTree.Of(Capture.Request(golden)), MessageTree.Of(bytes, "address/11"));
    }

    [Fact]
    public void An_address_is_deleted_like_ip_does() => Same("addrdel", (ref w) => AddressEncoder.Delete(ref w, Address("10.20.0.1/16"), 2));

    [Fact]
    public void Routes_are_added_like_ip_does()
    {
        Same("route4", (ref w) => RouteEncoder.Add(ref w, Route("10.30.0.0/16", "10.20.0.9", 5), 2, replace: false));
        Same("routelink", (ref w) => RouteEncoder.Add(ref w, Route("10.31.0.0/16", null, 0), 2, replace: false));
        Same("default6", (ref w) => RouteEncoder.Add(ref w, Route("::/0", "fd00:20::9", 1024), 2, replace: false));
    }

    [Fact]
    public void A_table_beyond_a_byte_travels_as_an_attribute()
    {
        var bytes = Write((ref w) => RouteEncoder.Add(ref w, Route("10.32.0.0/16", null, 0) with { Table = 1000 }, 2, replace: false));

        // ip leaves the header's table unspecified, we say RT_TABLE_COMPAT as the kernel does; the attribute decides.
        Assert.Equal(252, bytes[20]);
        bytes[20] = 0;
        Assert.Equal(MessageTree.Of(Capture.Request("routetable")), MessageTree.Of(bytes));
    }

    [Fact]
    public void A_route_is_deleted_like_ip_does() =>
        Same("routedel", (ref w) => RouteEncoder.Delete(ref w, Route("10.30.0.0/16", "10.20.0.9", 5), 2));

    [Fact]
    public void Neighbours_and_forwarding_entries_are_set_like_ip_does()
    {
        Same("neigh", (ref w) => NeighborEncoder.Set(ref w, new NeighborState
        {
            Namespace = Sandbox,
            Link = "br0",
            Address = IPAddress.Parse("10.20.0.7"),
            Mac = new MacAddress(0x02420a140007),
        }, 2), "neighbor/12"); // NDA_PROTOCOL is our mark
        Same("fdb", (ref w) => NeighborEncoder.Set(ref w, Fdb(0x02420a140007), 5));
        Same("fdbzero", (ref w) => NeighborEncoder.Set(ref w, Fdb(0), 5));
    }

    [Fact]
    public void A_rule_is_added_like_ip_does() => Same("rule", (ref w) => RuleEncoder.Add(
        ref w, new RuleState { Namespace = Sandbox, IsIpv6 = false, Priority = 100, Mark = 0x42, MarkMask = 0xff, Table = 1000 }));

    private static LinkState Link(string name, LinkDetails details) => new() { Namespace = NetNs.Host, Name = name, Details = details };

    private static FdbState Fdb(ulong mac) =>
        new() { Namespace = Sandbox, Link = "vx0", Mac = new MacAddress(mac), Remote = IPAddress.Parse("192.0.2.2") };

    private static RouteState Route(string destination, string? gateway, int metric) => new()
    {
        Namespace = Sandbox,
        Destination = IPNetwork.Parse(destination),
        Link = "br0",
        Gateway = gateway is null ? null : IPAddress.Parse(gateway),
        Metric = metric,
    };

    private static InterfaceAddress Address(string text)
    {
        Assert.True(Prefix.TryParseInterface(text, out var address, out _));
        return address!;
    }

    private static byte[] Write(Encode encode)
    {
        var writer = new NetlinkWriter(new byte[1024]);
        encode(ref writer);
        return PlantedWire.Route(writer.Written);
    }

    private static void Same(string golden, Encode encode, params string[] ours) =>
        Assert.Equal(MessageTree.Of(Capture.Request(golden)), MessageTree.Of(Write(encode), ours));

    /// <summary>ip names the link by index in the header, we by name: only the rest is compared.</summary>
    private static void SameBody(string golden, Encode encode) =>
        Assert.Equal(MessageTree.Of(Capture.Request(golden), "header"), MessageTree.Of(Write(encode), "header", "link/3"));
}
