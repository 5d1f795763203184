using System.Net;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netns.Tests;

/// <summary>Each kind of link: made, found as desired, changed, deleted.</summary>
public sealed class LinkKindTests
{
    [Fact]
    public async Task A_bridge_is_made_changed_and_deleted()
    {
        await using var lab = Lab.Open();
        var bridge = lab.BridgeState();
        await lab.DoneAsync(NetNs.Host, Lab.Create(bridge));
        await lab.AssertAsDesiredAsync(bridge);
        Assert.Equal("bridge", Lab.Link(null, bridge.Name)!.Value.GetProperty("linkinfo").GetProperty("info_kind").GetString());

        var changed = bridge with { MtuBytes = 1400, Mac = new MacAddress(0x0242_0a14_0009), IsUp = false, HasLinkLocal = true };
        await lab.DoneAsync(NetNs.Host, Lab.Change(bridge, changed));
        await lab.AssertAsDesiredAsync(changed);
        Assert.Equal(1400, Lab.Link(null, bridge.Name)!.Value.GetProperty("mtu").GetInt32());

        await lab.DoneAsync(NetNs.Host, Lab.Delete(changed));
        Assert.Null(Lab.Link(null, bridge.Name));
        await lab.DoneAsync(NetNs.Host, Lab.Delete(changed)); // absent is done
        await lab.DoneAsync(NetNs.Host, Lab.Create(bridge), Lab.Delete(bridge), Lab.Create(bridge)); // its name is free at once
        await lab.AssertAsDesiredAsync(bridge);
        await lab.Kernel.WhenReapedAsync();
        await lab.AssertAsDesiredAsync(bridge);
    }

    [Fact]
    public async Task A_vxlan_device_carries_forwarding_and_neighbour_entries()
    {
        await using var lab = Lab.Open();
        var (sandbox, name) = await lab.SandboxAsync();
        var vxlan = new LinkState
        {
            Namespace = sandbox,
            Name = "vx-00101",
            Details = new VxlanLink(8_388_865, 4790, IPAddress.Parse("192.0.2.1")),
            Alias = $"{lab.Tag}:network/1",
            MtuBytes = 1450,
            IsUp = true,
            HasLinkLocal = false,
        };
        var objects = new KernelObject[]
        {
            vxlan,
            new NeighborState { Namespace = sandbox, Link = vxlan.Name, Address = IPAddress.Parse("10.9.0.2"), Mac = new MacAddress(0x0242_0a09_0002) },
            new FdbState { Namespace = sandbox, Link = vxlan.Name, Mac = new MacAddress(0x0242_0a09_0002), Remote = IPAddress.Parse("192.0.2.2") },
            new FdbState { Namespace = sandbox, Link = vxlan.Name, Mac = default, Remote = IPAddress.Parse("192.0.2.2") },
            new FdbState { Namespace = sandbox, Link = vxlan.Name, Mac = default, Remote = IPAddress.Parse("192.0.2.3") },
        };
        await lab.DoneAsync(sandbox, [.. objects.Select(Lab.Create)]);
        await lab.AssertAsDesiredAsync(objects);

        var details = Lab.Link(name, vxlan.Name)!.Value.GetProperty("linkinfo").GetProperty("info_data");
        Assert.Equal(8_388_865, details.GetProperty("id").GetInt32());
        Assert.Equal(4790, details.GetProperty("port").GetInt32());
        Assert.False(details.GetProperty("learning").GetBoolean());
        var fdb = Lab.Run("bridge", "-n", name, "fdb", "show", "dev", vxlan.Name);
        Assert.Contains("02:42:0a:09:00:02 dst 192.0.2.2 self permanent", fdb, StringComparison.Ordinal);
        Assert.Contains("00:00:00:00:00:00 dst 192.0.2.3 self permanent", fdb, StringComparison.Ordinal);
        Assert.Contains("10.9.0.2 dev vx-00101 lladdr 02:42:0a:09:00:02 PERMANENT", Lab.Run("ip", "-n", name, "neigh"), StringComparison.Ordinal);

        // The station moves: its old entry is replaced, and the old one's deletion finds nothing.
        var moved = (FdbState)objects[2] with { Remote = IPAddress.Parse("192.0.2.3") };
        await lab.DoneAsync(sandbox, Lab.Create(moved), Lab.Delete(objects[2]), Lab.Delete(objects[3]), Lab.Delete(objects[1]));
        await lab.AssertAsDesiredAsync(vxlan, moved, objects[4]);
        fdb = Lab.Run("bridge", "-n", name, "fdb", "show", "dev", vxlan.Name);
        Assert.Contains("02:42:0a:09:00:02 dst 192.0.2.3", fdb, StringComparison.Ordinal);
        Assert.DoesNotContain("192.0.2.2", fdb, StringComparison.Ordinal);
        Assert.DoesNotContain("10.9.0.2", Lab.Run("ip", "-n", name, "neigh"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_macvlan_is_made_from_the_hosts_interface_directly_inside_the_sandbox()
    {
        await using var lab = Lab.Open();
        var (sandbox, name) = await lab.SandboxAsync();
        var macvlan = new LinkState
        {
            Namespace = sandbox,
            Name = "eth0",
            Details = new MacvlanLink(NetNs.Host, lab.Bridge, MacvlanMode.Bridge),
            Alias = $"{lab.Tag}:endpoint/1",
            Mac = new MacAddress(0x0242_0a09_0077),
            MtuBytes = 1400,
            IsUp = true,
            HasLinkLocal = false,
        };
        await lab.DoneAsync(NetNs.Host, Lab.Create(lab.BridgeState()));
        await lab.DoneAsync(sandbox, Lab.Create(macvlan), Lab.Create(Lab.Address(sandbox, "eth0", "10.8.0.2/24")));
        await lab.AssertAsDesiredAsync(macvlan);
        var link = Lab.Link(name, "eth0")!.Value;
        Assert.Equal("bridge", link.GetProperty("linkinfo").GetProperty("info_data").GetProperty("mode").GetString());
        Assert.Equal("02:42:0a:09:00:77", link.GetProperty("address").GetString());

        await lab.DoneAsync(sandbox, Lab.Delete(macvlan));
        Assert.Null(Lab.Link(name, "eth0"));

        var lost = macvlan with { Details = new MacvlanLink(NetNs.Host, "nt-nowhere", MacvlanMode.Bridge) };
        var result = (await lab.ApplyAsync(sandbox, Lab.Create(lost)))[0];
        Assert.Equal("ENODEV", result.Error!.ErrnoName);
        Assert.Contains("nt-nowhere", result.Error.KernelText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_macvlan_may_have_a_name_that_the_host_has_too()
    {
        await using var lab = Lab.Open();
        var (sandbox, name) = await lab.SandboxAsync();
        var parent = lab.BridgeState();
        var macvlan = new LinkState
        {
            Namespace = sandbox,
            Name = parent.Name, // kernels before 6.15 look for it in the namespace of the interface below
            Details = new MacvlanLink(NetNs.Host, parent.Name, MacvlanMode.Bridge),
            Alias = $"{lab.Tag}:endpoint/1",
            Mac = new MacAddress(0x0242_0a09_0078),
            IsUp = true,
        };
        await lab.DoneAsync(NetNs.Host, Lab.Create(parent));
        Halve(parent, name);
        await lab.DoneAsync(sandbox, Lab.Create(macvlan), Lab.Create(Lab.Address(sandbox, macvlan.Name, "10.8.0.2/24")));
        await lab.AssertAsDesiredAsync(macvlan);
        Assert.Null(Lab.Link(name, "nx-new"));
        Assert.Equal("default", Lab.Link(name, macvlan.Name)!.Value.GetProperty("group").GetString());
        Assert.Equal("EEXIST", (await lab.ApplyAsync(sandbox, Lab.Create(macvlan)))[0].Error!.ErrnoName);
        Assert.Null(Lab.Link(name, "nx-new"));
    }

    [Fact]
    public async Task A_macvlan_that_was_left_without_its_name_is_seen_by_whoever_reads_and_one_of_others_is_not()
    {
        await using var lab = Lab.Open();
        var (sandbox, name) = await lab.SandboxAsync();
        var parent = lab.BridgeState();
        await lab.DoneAsync(NetNs.Host, Lab.Create(parent));
        Halve(parent, name);
        var found = Assert.IsType<LinkState>(Assert.Single((await lab.Kernel.ObserveAsync(new Observation(sandbox, lab.Tag, []), Lab.Cancel)).Objects));
        Assert.Equal("nx-new", found.Name);
        await lab.DoneAsync(sandbox, Lab.Delete(found));
        Assert.Null(Lab.Link(name, "nx-new"));

        Lab.Run("ip", "-n", name, "link", "add", "nx-new", "type", "bridge");
        Assert.Empty((await lab.Kernel.ObserveAsync(new Observation(sandbox, lab.Tag, []), Lab.Cancel)).Objects);
        var macvlan = new LinkState { Namespace = sandbox, Name = parent.Name, Details = new MacvlanLink(NetNs.Host, parent.Name, MacvlanMode.Bridge) };
        Assert.Equal("EEXIST", (await lab.ApplyAsync(sandbox, Lab.Create(macvlan)))[0].Error!.ErrnoName);
        Assert.NotNull(Lab.Link(name, "nx-new"));
    }

    // What a sudden death leaves between the two steps in which such a device is made.
    private static void Halve(LinkState parent, string netns) => Lab.Run(
        "ip", "link", "add", "link", parent.Name, "name", "nx-new", "netns", netns, "group", $"{Ownership.NewbornGroup}", "type", "macvlan", "mode", "bridge");

    [Fact]
    public async Task A_vlan_carries_its_tag()
    {
        await using var lab = Lab.Open();
        var bridge = lab.BridgeState();
        var vlan = lab.BridgeState() with { Name = $"{lab.Bridge}.7", Details = new VlanLink(bridge.Name, 7), Mac = null, HasLinkLocal = null };
        var results = await lab.ApplyAsync(NetNs.Host, Lab.Create(bridge), Lab.Create(vlan));
        Assert.SkipWhen(results[1].Error?.ErrnoName == "EOPNOTSUPP", "needs 802.1Q");
        Assert.True(results[1].IsDone, results[1].Error?.ToString());
        await lab.AssertAsDesiredAsync(vlan);
    }

    [Fact]
    public async Task A_missing_kind_names_the_feature()
    {
        await using var lab = Lab.Open();
        var dummy = lab.BridgeState() with { Details = new DummyLink() };
        var error = (await lab.ApplyAsync(NetNs.Host, Lab.Create(dummy)))[0].Error;
        Assert.SkipWhen(error is null, "needs a kernel without the dummy device");
        Assert.Equal("EOPNOTSUPP", error!.ErrnoName);
        Assert.Equal("the dummy device (CONFIG_DUMMY) is not in this kernel", error.KernelText);
    }

    [Fact]
    public async Task An_existing_link_is_changed_but_never_made_or_deleted()
    {
        await using var lab = Lab.Open();
        var (sandbox, name) = await lab.SandboxAsync();
        var lo = new LinkState { Namespace = sandbox, Name = "lo", Details = new ExistingLink(string.Empty), IsUp = true };
        await lab.DoneAsync(sandbox, Lab.Create(lo));
        Assert.Contains("UP", Lab.Link(name, "lo")!.Value.GetProperty("flags").ToString(), StringComparison.Ordinal);
        await lab.AssertAsDesiredAsync(lo);
        await lab.DoneAsync(sandbox, Lab.Delete(lo));
        Assert.NotNull(Lab.Link(name, "lo"));

        var error = (await lab.ApplyAsync(sandbox, Lab.Create(lo with { Name = "eth7" })))[0].Error;
        Assert.Equal(("ENODEV", "there is no interface eth7"), (error!.ErrnoName, error.KernelText));
    }

    [Fact]
    public async Task A_link_that_is_left_alone_is_not_brought_up_but_said_to_be_down()
    {
        await using var lab = Lab.Open();
        var (sandbox, name) = await lab.SandboxAsync();
        Lab.Run("ip", "-n", name, "link", "add", "up0", "type", "veth", "peer", "name", "up1");
        var parent = new LinkState { Namespace = sandbox, Name = "up0", Details = new ExistingLink(string.Empty) { IsLeftAlone = true }, IsUp = true };
        var error = (await lab.ApplyAsync(sandbox, Lab.Create(parent)))[0].Error;
        Assert.Equal("ENETDOWN", error!.ErrnoName);
        Assert.Equal("cannot use interface up0: interface up0 is down, and not netd's to bring up (ENETDOWN)", error.ToString());
        Assert.DoesNotContain("\"UP\"", Lab.Link(name, "up0")!.Value.GetProperty("flags").ToString(), StringComparison.Ordinal);

        Lab.Run("ip", "-n", name, "link", "set", "up0", "up");
        await lab.DoneAsync(sandbox, Lab.Create(parent));
        await lab.AssertAsDesiredAsync(parent);
        error = (await lab.ApplyAsync(sandbox, Lab.Create(parent with { Name = "up7" })))[0].Error;
        Assert.Equal("cannot use interface up7: there is no interface up7 (ENODEV)", error!.ToString());
    }

    [Fact]
    public async Task Rules_and_routes_with_our_mark_are_found_again_and_others_are_left_alone()
    {
        await using var lab = Lab.Open();
        var (sandbox, name) = await lab.SandboxAsync();
        Lab.Run("ip", "-n", name, "link", "set", "lo", "up");
        Lab.Run("ip", "-n", name, "route", "add", "10.77.0.0/16", "dev", "lo", "metric", "5");
        var objects = new KernelObject[]
        {
            new RuleState { Namespace = sandbox, IsIpv6 = false, Priority = 100, Mark = 0x42, MarkMask = 0xff, Table = 1000 },
            new RuleState { Namespace = sandbox, IsIpv6 = true, Priority = 100, Mark = 0x42, Table = 100 },
            new RouteState { Namespace = sandbox, Destination = IPNetwork.Parse("10.1.0.0/16"), Link = "lo", Table = 1000 },
            new RouteState { Namespace = sandbox, Destination = IPNetwork.Parse("fd00:1::/64"), Link = "lo", Metric = 1024 },
        };
        await lab.DoneAsync(sandbox, [.. objects.Select(Lab.Create)]);
        await lab.AssertAsDesiredAsync(objects);
        Assert.Contains("fwmark 0x42/0xff lookup 1000", Lab.Run("ip", "-n", name, "rule"), StringComparison.Ordinal);

        var foreign = new RouteState { Namespace = sandbox, Destination = IPNetwork.Parse("10.77.0.0/16"), Link = "lo", Metric = 5 };
        await lab.DoneAsync(sandbox, [.. objects.Select(Lab.Delete), Lab.Delete(foreign)]);
        Assert.DoesNotContain("fwmark", Lab.Run("ip", "-n", name, "rule"), StringComparison.Ordinal);
        Assert.Contains("10.77.0.0/16", Lab.Run("ip", "-n", name, "route"), StringComparison.Ordinal);

        var state = await lab.Kernel.ObserveAsync(new Observation(sandbox, lab.Tag, [foreign]), Lab.Cancel);
        Assert.Equal([foreign.Key], state.Keys);
    }
}
