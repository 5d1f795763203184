using System.Net;
using System.Text.Json.Nodes;
using Networking.Kernel;
using Networking.Model;
using Networking.Netlink;
using static Networking.NetnsFirewall.Tests.Firewall;
using static Networking.NetnsFirewall.Tests.RuleSet;

namespace Networking.NetnsFirewall.Tests;

/// <summary>The firewall against the real kernel, asked back through nft.</summary>
public sealed class FirewallTests
{
    private static readonly FirewallSetState Ports = Set("ports", true, FirewallType.None, FirewallType.Port);
    private static readonly FirewallSetState Subnets6 = Set("subnets6", true, FirewallType.Verdict, FirewallType.Ipv6Address);
    private static readonly FirewallSetState Published =
        Set("published", true, FirewallType.Ipv4Address, FirewallType.Ipv4Address, FirewallType.Protocol, FirewallType.Port);
    private static readonly FirewallSetState Wide = Set(
        "wide", false, FirewallType.Mark, FirewallType.InterfaceName, FirewallType.Ipv6Address, FirewallType.Protocol, FirewallType.Port);
    private static readonly FirewallSetState Targets = Map(
        "targets",
        false,
        [FirewallType.Ipv4Address, FirewallType.Protocol, FirewallType.Port],
        [FirewallType.Ipv4Address, FirewallType.Port]);
    private static readonly FirewallSetState Ranges6 = Map(
        "ranges6",
        true,
        [FirewallType.Ipv6Address, FirewallType.Protocol, FirewallType.Port],
        [FirewallType.Ipv6Address]);
    private static readonly FirewallSetState Sources = Map("sources", false, [FirewallType.Ipv4Address], [FirewallType.Ipv4Address]);
    private static readonly FirewallSetState Marks = Set("marks", false, FirewallType.Verdict, FirewallType.Mark);
    private static readonly FirewallChainState Web = Chain("web", null, FirewallRule.Create("back", new Verdict(FirewallVerdict.Return)));

    private static readonly FirewallField[] Ports4 = [FirewallField.Ipv4Destination, FirewallField.Protocol, FirewallField.DestinationPort];

    // Every kind of object and expression at once; the chain "branch" jumps to one that sorts behind it.
    private static readonly KernelObject[] Everything =
    [
        .. Node, Ports, Subnets6, Published, Wide, Marks, Targets, Ranges6, Sources,
        Chain(
            "branch",
            null,
            FirewallRule.Create("a", new MatchInterface(FirewallField.InputInterface, "lo", IsNegated: true), new Jump("web")),
            FirewallRule.Create("b", new MatchSet([FirewallField.DestinationPort], "ports"), new Verdict(FirewallVerdict.Return)),
            FirewallRule.Create("c", new LookupVerdict([FirewallField.Ipv6Source], "subnets6")),
            FirewallRule.Create("d", new MatchFamily(IsIpv6: false), new MatchSet([FirewallField.Ipv4Destination, FirewallField.Protocol, FirewallField.DestinationPort], "published", IsNegated: true), new Counter()),
            FirewallRule.Create("e", new LookupVerdict([FirewallField.Mark], "marks"))),
        Chain("fixed", new BaseChain("nat", FirewallHook.Postrouting, 90), FirewallRule.Create("to", new SourceNat(IPAddress.Parse("192.0.2.1"))), FirewallRule.Create("to6", new SourceNat(IPAddress.Parse("2001:db8::1")))),
        Chain(
            "published",
            new BaseChain("nat", FirewallHook.Prerouting, -100),
            FirewallRule.Create("f", new MatchLocal(), new Goto("translate")),
            FirewallRule.Create("g", new MatchProtocol(58), new Verdict(FirewallVerdict.Return))),
        Chain(
            "translate",
            null,
            FirewallRule.Create("h", new DestinationNatMap(IsIpv6: false, [.. Ports4], "targets", HasPort: true)),
            FirewallRule.Create("i", new DestinationNatMap(IsIpv6: true, [FirewallField.Ipv6Destination, .. Ports4[1..]], "ranges6", HasPort: false)),
            FirewallRule.Create("j", new DestinationNatMap(IsIpv6: false, [.. Ports4], "published", HasPort: false))),
        Chain(
            "sources",
            new BaseChain("nat", FirewallHook.Postrouting, 95),
            FirewallRule.Create("k", new SourceNatMap(IsIpv6: false, [FirewallField.Ipv4Source], "sources"))),
        Chain(
            "marking",
            new BaseChain("filter", FirewallHook.Forward, 5),
            FirewallRule.Create("l", new MatchTranslated(), new SetMark(0x10)),
            FirewallRule.Create("m", new MatchMark(0x30), new MatchPrefix(FirewallField.Ipv4Source, IPNetwork.Parse("10.0.0.0/9")), new Verdict(FirewallVerdict.Accept)),
            FirewallRule.Create("n", new MatchPrefix(FirewallField.Ipv6Source, IPNetwork.Parse("fd00::/16"), IsNegated: true), new Verdict(FirewallVerdict.Accept))),
        Chain(
            "rewriting",
            new BaseChain("filter", FirewallHook.Ingress, -300, "lo"),
            FirewallRule.Create("o", new MatchProtocol(17), new MatchPort(FirewallField.DestinationPort, 53), new NoTrack(), new SetPort(17, FirewallField.DestinationPort, 61053)),
            FirewallRule.Create("p", new MatchProtocol(6), new MatchPort(FirewallField.SourcePort, 61053), new SetPort(6, FirewallField.SourcePort, 53)),
            FirewallRule.Create("q", new MatchProtocol(1), new MatchUnreachable(), new Counter(), new Verdict(FirewallVerdict.Drop))),
        Web,
        .. Network("br-a", "network/aa"), .. Network("br-i", "network/ii", isInternal: true),
        Element(Ports, "0-79", null, "low"), Element(Ports, "80-80", null, "one"), Element(Ports, "81-90"), Element(Ports, "65000-65535", null, "high"),
        Element(Subnets6, "2001:db8::-2001:db8::ffff", "jump web", "net"), Element(Subnets6, "fd00::1-fd00::1", "drop"),
        Element(Published, "10.0.0.0-10.0.0.255 . tcp . 80-90", "192.0.2.9", "endpoint/e"), Element(Published, "10.0.1.1 . udp . 53", "192.0.2.10"),
        Element(Wide, "br-a . fd00::1 . ipv6-icmp . 7", "0x000000ff", "wide"),
        Element(Marks, "0x00000010", "return"),
        Element(Targets, "192.0.2.1 . tcp . 8080", "10.0.0.9 . 80", "endpoint/e"), Element(Targets, "192.0.2.1 . udp . 8080", "10.0.0.9 . 53"),
        Element(Ranges6, "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff . tcp . 20000-29999", "fd00::9", "endpoint/e"),
        Element(Ranges6, "2001:db8::1 . udp . 53", "fd00::8"),
        Element(Sources, "10.0.0.9", "192.0.2.7", "endpoint/e"),
    ];

    [Fact]
    public void What_was_written_is_read_back_without_a_difference()
    {
        using var ns = new TestNamespace();
        ns.Inside(() =>
        {
            using var channel = new NetfilterSocket();
            using var transport = new FirewallTransport(channel);

            Assert.Empty(Errors(transport.Apply(Create(Everything))));
            var observed = transport.Observe(NetNs.Host, TableName).ToDictionary(static o => o.Key);

            Assert.Equal(Everything.Select(static o => o.Key).Order(), observed.Keys.Order());
            Assert.All(Everything, o => Assert.Equal(DifferenceKind.None, o.CompareTo(observed[o.Key]).Kind));
            Assert.All(Everything.Where(static o => o is not FirewallChainState), o => Assert.Equal(o, observed[o.Key]));
        });
    }

    [Fact]
    public void Nft_lists_what_was_written()
    {
        using var ns = new TestNamespace();
        ns.Inside(() => Apply(Create(Everything)));

        var ours = ns.Run("nft", "list", "table", "inet", TableName);

        // The same text loaded by nft and listed again: nft reads our sets, names and marks as it would its own.
        using var copy = new TestNamespace("c");
        var file = Path.GetTempFileName();
        File.WriteAllText(file, ours);
        copy.Run("nft", "-f", file);
        File.Delete(file);
        Assert.Equal(Sorted(ours), Sorted(copy.Run("nft", "list", "table", "inet", TableName)));
        string[] expected =
        [
            "iifname . oifname vmap @bridge_pairs comment \"same bridge #", "meta nfproto ipv4 iifname @masquerade4 masquerade comment",
            "oifname @bridges ct state established,related accept comment", "type nat hook postrouting priority srcnat; policy accept;",
            "\"br-a\" . \"br-a\" comment \"network/aa\" : accept", "iifname != \"lo\" jump web", "65000-65535 comment \"high\"",
            "10.0.0.0/24 . tcp . 80-90 comment \"endpoint/e\" : 192.0.2.9", "\"br-a\" . fd00::1 . ipv6-icmp . 7 comment \"wide\" : 0x000000ff",
            "snat ip6 to 2001:db8::1", "th dport @ports return", "0x00000010 : return",
            "fib daddr type local goto translate", "dnat ip to ip daddr . meta l4proto . th dport map @targets",
            "dnat ip6 to ip6 daddr . meta l4proto . th dport map @ranges6", "snat ip to ip saddr map @sources",
            "192.0.2.1 . tcp . 8080 comment \"endpoint/e\" : 10.0.0.9 . 80", "::/0 . tcp . 20000-29999 comment \"endpoint/e\" : fd00::9",
            "ct status dnat meta mark set meta mark | 0x00000010", "meta mark & 0x00000030 == 0x00000030 ip saddr 10.0.0.0/9 accept",
            "ip6 saddr != fd00::/16 accept",
            "type filter hook ingress device \"lo\" priority raw; policy accept;", "notrack udp dport set 61053", "tcp sport set 53", "icmp type destination-unreachable counter",
        ];
        Assert.All(expected, line => Assert.Contains(line, ours, StringComparison.Ordinal));
    }

    [Fact]
    public void Nft_sees_the_rule_set_of_the_design()
    {
        using var ns = new TestNamespace();
        ns.Inside(() => Apply(Create([.. Node, .. Network("br-a", "network/aa")])));

        var ruleset = JsonNode.Parse(ns.Run("nft", "-j", "list", "ruleset"))!["nftables"]!.AsArray(); // nft prints an object

        Assert.Equal(["bridges", "internal", "masquerade4"], Names(ruleset, "set"));
        Assert.Equal(["bridge_pairs"], Names(ruleset, "map"));
        Assert.Equal(["forward", "postrouting"], Names(ruleset, "chain"));
        Assert.Equal(
            Forward.Rules.Concat(Postrouting.Rules).Select(static r => r.Comment),
            ruleset.Where(static n => n!["rule"] is not null).Select(static n => n!["rule"]!["comment"]!.GetValue<string>()));
        var map = ruleset.Single(static n => n!["map"] is not null)!["map"]!;
        Assert.Equal("""["ifname","ifname"]""", map["type"]!.ToJsonString());
        Assert.Equal("""[[{"elem":{"val":{"concat":["br-a","br-a"]},"comment":"network/aa"}},{"accept":null}]]""", map["elem"]!.ToJsonString());
    }

    [Fact]
    public void Refused_batch_leaves_everything_as_it_was_and_names_the_culprits()
    {
        using var ns = new TestNamespace();
        ns.Inside(() => Apply(Create(Node)));
        var before = ns.Run("nft", "-a", "list", "ruleset");

        ns.Inside(() =>
        {
            using var channel = new NetfilterSocket();
            using var transport = new FirewallTransport(channel);
            Assert.Empty(Errors(transport.Apply(Create(Element(Bridges, "br-1", null, "x")))));
            Assert.Empty(Errors(transport.Apply(Delete(Element(Bridges, "br-1")))));

            var results = transport.Apply([.. Create(
                Element(Bridges, "br-0"), Element(Bridges, "br-1"), Element(Bridges, "br-0"), Element(Pairs, "a . b", "jump nowhere"), Bridges)]);

            Assert.Equal(["ECANCELED", "ECANCELED", "EEXIST", "ENOENT", "EEXIST"], results.Select(static r => r.Error?.ErrnoName));
            Assert.StartsWith("cannot create element netd bridges { br-0 }: ", results[2].Error?.ToString(), StringComparison.Ordinal);
        });

        Assert.Equal(before, ns.Run("nft", "-a", "list", "ruleset"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Deletions_do_not_mind_absence(bool usesDestroy)
    {
        using var ns = new TestNamespace();
        ns.Inside(() =>
        {
            using var channel = new NetfilterSocket();
            using var transport = new FirewallTransport(channel) { UsesDestroy = usesDestroy };

            // Nothing is there, not even the table.
            Assert.Empty(Errors(transport.Apply(Delete(Everything.Reverse()))));

            // More answers than the queue holds, where each deletion is a message of its own.
            Assert.Empty(Errors(transport.Apply(
                Delete(Enumerable.Range(0, 2_000).Select(static i => Element(Bridges, $"br-{i}"))))));

            // Half of it is there.
            Assert.Empty(Errors(transport.Apply(Create([.. Node, .. Network("br-a", "network/aa")]))));
            Assert.Empty(Errors(transport.Apply(Delete(Everything.Reverse().SkipLast(1)))));
            Assert.Equal([Table], transport.Observe(NetNs.Host, TableName));

            // All of it is there; the table takes everything along.
            Assert.Empty(Errors(transport.Apply(Create([.. Everything.Skip(1)]))));
            Assert.Empty(Errors(transport.Apply(Delete(Table))));
            Assert.Empty(transport.Observe(NetNs.Host, TableName));
        });
    }

    [Fact]
    public void Changed_chain_is_filled_anew_and_its_counters_with_it()
    {
        using var ns = new TestNamespace();
        ns.Inside(() =>
        {
            Apply(Create(Node));
            var shorter = Forward with { Rules = [Forward.Rules[3], FirewallRule.Create("new", new Counter())] };
            Apply([new KernelOperation(OperationVerb.Change, Forward, shorter, ["rules"])]);

            using var channel = new NetfilterSocket();
            using var transport = new FirewallTransport(channel);
            Assert.Contains(shorter, transport.Observe(NetNs.Host, TableName));
        });
    }

    [Fact]
    public void Replaced_objects_go_and_come_in_one_batch()
    {
        using var ns = new TestNamespace();
        ns.Inside(() =>
        {
            Apply(Create([.. Node, .. Network("br-a", "network/aa")]));
            var dropped = Element(Pairs, "br-a . br-a", "drop", "network/aa");
            var later = Forward with { Base = new BaseChain("filter", FirewallHook.Forward, 10) };

            Apply([.. Delete(Element(Pairs, "br-a . br-a", "accept"), Forward), .. Create(later, dropped)]);

            using var channel = new NetfilterSocket();
            using var transport = new FirewallTransport(channel);
            var observed = transport.Observe(NetNs.Host, TableName).ToArray();
            Assert.Contains(later, observed);
            Assert.Contains(dropped, observed);
        });
    }

    [Fact]
    public void Foreign_changes_inside_the_table_are_seen()
    {
        using var ns = new TestNamespace();
        ns.Inside(() => Apply(Create(Node)));
        ns.Run("nft", "insert rule inet netd forward tcp dport { 22, 80 } accept");
        ns.Run("nft", "chain inet netd postrouting { policy drop; }");
        ns.Run("nft", "add set inet netd theirs { type ether_addr . inet_service; elements = { 02:00:00:00:00:01 . 80 } }");

        ns.Inside(() =>
        {
            using var channel = new NetfilterSocket();
            using var transport = new FirewallTransport(channel);
            var observed = transport.Observe(NetNs.Host, TableName).ToDictionary(static o => o.Key);

            Assert.Equal(DifferenceKind.Changeable, Forward.CompareTo(observed[Forward.Key]).Kind);
            Assert.Equal(DifferenceKind.Replace, Postrouting.CompareTo(observed[Postrouting.Key]).Kind);
            Assert.Equal(Node.Length + 2, observed.Count);
        });
    }

    private static IEnumerable<string> Names(JsonArray ruleset, string kind) =>
        ruleset.Where(n => n![kind] is not null).Select(n => n![kind]!["name"]!.GetValue<string>());

    private static IEnumerable<string> Sorted(string text) =>
        text.Split(['\n', ','], StringSplitOptions.TrimEntries).Order();
}
