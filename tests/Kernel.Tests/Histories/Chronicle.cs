using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Kernel.Tests.Histories;

/// <summary>The histories that the suite plays.</summary>
public static class Chronicle
{
    private static readonly NetNs s_five = new(5);
    private static readonly ObjectKey s_bridge = LinkState.KeyOf(NetNs.Host, "br1");

    private static readonly Intent s_network = Intent.Empty.With(new SampleNetwork(1));
    private static readonly Intent s_sandbox = s_network.With(new SampleSandbox(5));
    private static readonly Intent s_one = s_network.With(new SampleSandbox(5, 1)).With(new SampleEndpoint(1, 1, 5));
    private static readonly Intent s_two = s_one.With(new SampleSandbox(6, 1)).With(new SampleEndpoint(2, 1, 6));

    private static readonly Intent s_twoNetworks = s_one
        .With(new SampleNetwork(2)).With(new SampleEndpoint(3, 2, 5, "eth1", Ports: 0));

    public static ImmutableArray<History> All { get; } =
    [
        new("attach and detach",
        [
            new("network", s_network), new("sandbox", s_sandbox), new("first endpoint", s_one), new("second endpoint", s_two),
            new("first leaves", s_two.WithoutEndpoint(1).With(new SampleSandbox(5))), new("all gone", Intent.Empty),
        ]),
        new("everything at once", [new("two of all", s_twoNetworks.With(new SampleSandbox(6, 1)).With(new SampleEndpoint(2, 1, 6)))]),
        new("other scopes with the same names",
        [
            new("one", s_one),
            new("another endpoint takes eth0", s_one.WithoutEndpoint(1).With(new SampleEndpoint(4, 1, 5))),
            new("and the first comes back", s_one),
        ]),
        new("rename",
        [
            new("eth0", s_one),
            new("net0", s_one.With(new SampleSandbox(5, 1, "net0")).With(new SampleEndpoint(1, 1, 5, "net0"))),
        ]),
        new("two swap their names",
        [
            new("straight", s_twoNetworks),
            new("crossed", s_twoNetworks
                .With(new SampleEndpoint(1, 1, 5, "eth1")).With(new SampleEndpoint(3, 2, 5, "eth0", Ports: 0)).With(new SampleSandbox(5, 1, "eth1"))),
        ]),
        new("two swap their ports",
        [
            new("straight", s_two),
            new("crossed", s_two
                .With(new SampleEndpoint(1, 1, 5) { FirstPort = 8010 }).With(new SampleEndpoint(2, 1, 6) { FirstPort = 7990 })),
        ]),
        new("mtu", [new("1500", s_one), new("1400", s_one.With(new SampleNetwork(1, 1400)).With(new SampleEndpoint(1, 1, 5) { MtuBytes = 1400 }))]),
        new("the gateway moves",
        [
            new("by eth0", s_twoNetworks),
            new("by eth1", s_twoNetworks.With(new SampleSandbox(5, 2, "eth1"))),
            new("eth0 leaves", s_twoNetworks.With(new SampleSandbox(5, 2, "eth1")).WithoutEndpoint(1).WithoutNetwork(1)),
        ]),
        new("the gateway's endpoint leaves as the gateway moves",
        [
            new("by eth0", s_twoNetworks),
            new("eth0 leaves", s_twoNetworks.With(new SampleSandbox(5, 2, "eth1")).WithoutEndpoint(1)),
        ]),
        new("a network moves under the same bridge name",
        [
            new("one", s_one),
            new("nothing", Intent.Empty),
            new("one again", s_one.With(new SampleNetwork(1, 1450))),
        ]),
        new("a stranger deletes the bridge", [new("two", s_two), new("gone", s_two) { Stranger = k => k.ForeignDelete(s_bridge) }]),
        new("a stranger deletes a pair by its host end",
        [
            new("two", s_two), new("gone", s_two) { Stranger = static k => k.ForeignDelete(LinkState.KeyOf(NetNs.Host, "veth1")) },
        ]),
        new("a stranger deletes a pair by its sandbox end",
        [
            new("two", s_two), new("gone", s_two) { Stranger = static k => k.ForeignDelete(LinkState.KeyOf(s_five, "eth0")) },
        ]),
        new("a stranger takes an interface down",
        [
            new("one", s_one), new("down", s_one) { Stranger = static k => k.ForeignChange(LinkState.KeyOf(s_five, "eth0"), static l => l with { IsUp = false }) },
        ]),
        new("a stranger takes a port out of its bridge",
        [
            new("one", s_one),
            new("out", s_one) { Stranger = static k => k.ForeignChange(LinkState.KeyOf(NetNs.Host, "veth1"), static l => l with { Master = null, Port = null }) },
        ]),
        new("a stranger deletes an address and the default route",
        [
            new("one", s_one),
            new("address", s_one) { Stranger = static k => k.ForeignDelete(new ObjectKey(s_five, ObjectKind.Address, "eth0 10.1.0.3/16")) },
            new("route", s_one) { Stranger = static k => k.ForeignDelete(new ObjectKey(s_five, ObjectKind.Route, "0.0.0.0/0 metric 0 table 254")) },
        ]),
        new("a stranger changes sysctls",
        [
            new("one", s_one),
            new("forwarding off, found by the slow check", s_one)
            {
                Stranger = static k => k.ForeignSysctl(NetNs.Host, "net/ipv4/ip_forward", "0"), Passes = TimeSpan.FromMinutes(11),
            },
        ]),
        new("a stranger flushes the firewall", [new("two", s_two), new("flushed", s_two) { Stranger = static k => k.ForeignFlushFirewall(NetNs.Host) }]),
        new("a stranger flushes the firewall as an endpoint leaves",
        [
            new("two", s_two), new("flushed", s_one) { Stranger = static k => k.ForeignFlushFirewall(NetNs.Host) },
        ]),
        new("the firewall moves to another backend and back",
        [
            new("in nf_tables", s_two),
            new("in iptables", s_two with { Table = Ownership.IptablesTable }),
            new("there an endpoint leaves", s_one with { Table = Ownership.IptablesTable }),
            new("and back", s_one),
        ]),
        new("the firewall moves as one endpoint comes and another goes",
        [
            new("in iptables", s_one with { Table = Ownership.IptablesTable }),
            new("in nf_tables", s_two.WithoutEndpoint(1).With(new SampleSandbox(5))),
            new("and back, with both", s_two with { Table = Ownership.IptablesTable }),
        ]),
        new("ports are swapped in iptables",
        [
            new("straight", s_two with { Table = Ownership.IptablesTable }),
            new("crossed", s_two
                .With(new SampleEndpoint(1, 1, 5) { FirstPort = 8010 }).With(new SampleEndpoint(2, 1, 6) { FirstPort = 7990 }) with { Table = Ownership.IptablesTable }),
            new("flushed", s_one with { Table = Ownership.IptablesTable }) { Stranger = static k => k.ForeignFlushFirewall(NetNs.Host) },
        ]),
        new("a stranger flushes the firewall as it moves",
        [
            new("in iptables", s_two with { Table = Ownership.IptablesTable }),
            new("flushed", s_one) { Stranger = static k => k.ForeignFlushFirewall(NetNs.Host) },
        ]),
        new("a namespace dies",
        [
            new("two networks, two sandboxes", s_twoNetworks.With(new SampleSandbox(6, 1)).With(new SampleEndpoint(2, 1, 6))),
            new("dead", s_network.With(new SampleNetwork(2)).With(new SampleSandbox(6, 1)).With(new SampleEndpoint(2, 1, 6)))
            {
                Stranger = static k => k.ForeignDestroyNamespace(s_five),
            },
            new("another comes", s_network.With(new SampleSandbox(6, 1)).With(new SampleEndpoint(1, 1, 6))),
        ])
        {
            IsExpandable = false,
        },
    ];

    public static History Named(string name) => All.SelectMany(static h => h.Expand()).First(h => h.Name == name);
}
