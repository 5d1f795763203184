using System.Text;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink.Tests.Iptables;

/// <summary>Chains, sets and elements as text for iptables-restore.</summary>
public sealed class IptablesRenderingTests
{
    private static readonly IptablesPlace s_filter4 = new(IsIpv6: false, IptablesPlace.Filter);
    private static readonly IptablesPlace s_nat6 = new(IsIpv6: true, IptablesPlace.Nat);

    private static readonly FirewallChainState s_forward = Chain(
        "forward",
        new BaseChain("filter", FirewallHook.Forward, -10),
        FirewallRule.Create("answers", new MatchSet([FirewallField.OutputInterface], "bridges"), new MatchEstablished(), new Goto("admit")),
        FirewallRule.Create("only ipv6", new MatchFamily(IsIpv6: true), new Verdict(FirewallVerdict.Drop)));

    private static readonly FirewallChainState s_admit = Chain("admit", null, FirewallRule.Create("admit", new SetMark(0x40), new Verdict(FirewallVerdict.Accept)));

    private static readonly FirewallChainState s_prerouting = Chain(
        "prerouting",
        new BaseChain("nat", FirewallHook.Prerouting, -100),
        FirewallRule.Create(
            "ports", new DestinationNatMap(IsIpv6: true, [FirewallField.Ipv6Destination, FirewallField.Protocol, FirewallField.DestinationPort], "ports6", HasPort: true)));

    private static readonly FirewallElementState s_bridge = Element("bridges", null, "br-a");
    private static readonly FirewallElementState s_port = Element("ports6", "fd00::2 . 80", "2001:db8::1", "tcp", "8080");

    [Fact]
    public void A_set_that_a_rule_looks_into_is_a_chain_of_its_own()
    {
        var digest = Digest(s_forward.Rules[0]);
        Assert.Equal(
            $"""
            *filter
            -N NETD-USER
            :NETD-ADMIT - [0:0]
            :NETD-FORWARD - [0:0]
            :NETD-FORWARD-{digest} - [0:0]
            -A NETD-ADMIT -m comment --comment "netd: {s_admit.Rules[0].Comment}" -j MARK --set-xmark 0x40/0x40
            -A NETD-ADMIT -m comment --comment "netd+1: {s_admit.Rules[0].Comment}" -j ACCEPT
            -A NETD-FORWARD -m comment --comment "netd: rules of the user" -j NETD-USER
            -A NETD-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -m comment --comment "netd: {s_forward.Rules[0].Comment}" -j NETD-FORWARD-{digest}
            -A NETD-FORWARD-{digest} -o br-a -m comment --comment "netd: bridges br-a @network/1" -g NETD-ADMIT
            -I FORWARD 1 -m comment --comment "netd: netd stands first" -j NETD-FORWARD
            COMMIT

            """,
            Text(s_filter4, new IptablesSnapshot()));
    }

    [Fact]
    public void A_map_translates_by_the_lines_of_its_chain()
    {
        Assert.Contains(
            "-d 2001:db8::1 -p tcp -m tcp --dport 8080 -m comment --comment \"netd: ports6 2001:db8::1 . tcp . 8080 : fd00::2 . 80 @network/1\" -j DNAT --to-destination [fd00::2]:80",
            Text(s_nat6, new IptablesSnapshot()),
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_stands_is_not_touched_and_what_differs_is_changed_line_by_line()
    {
        var standing = new IptablesSnapshot();
        Change(s_filter4, standing).ApplyTo(standing);
        Assert.True(Change(s_filter4, standing).IsEmpty);

        var chain = $"NETD-FORWARD-{Digest(s_forward.Rules[0])}";
        standing.Find(s_filter4, chain)![0] = IptablesLine.Of("bridges br-old @network/9", 0, "-o br-old", "-g NETD-ADMIT"); // written above
        var text = Text(s_filter4, standing);
        Assert.Contains($"-D {chain} -o br-old", text, StringComparison.Ordinal);
        Assert.Contains($"-A {chain} -o br-a", text, StringComparison.Ordinal);
        Assert.DoesNotContain(":NETD", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_wanted_takes_everything_away_but_a_users_chain_in_use()
    {
        var standing = new IptablesSnapshot();
        Change(s_filter4, standing).ApplyTo(standing);
        var change = IptablesTarget.Of(s_filter4, IptablesLayout.Empty, IptablesModel.Empty).From(standing, mayBeLater: false, isKnown: true);
        var text = new StringBuilder();
        change.WriteTo(text);
        Assert.Contains("-X NETD-USER", text.ToString(), StringComparison.Ordinal);
        standing.Find(s_filter4, IptablesChainName.User)!.Add(new IptablesLine(null, "-j RETURN")); // made above
        change = IptablesTarget.Of(s_filter4, IptablesLayout.Empty, IptablesModel.Empty).From(standing, mayBeLater: false, isKnown: true);
        change.ApplyTo(standing);
        Assert.Equal([IptablesChainName.User], standing.OwnChains(s_filter4));
    }

    [Fact]
    public void A_foreign_chain_of_our_name_is_refused()
    {
        var standing = new IptablesSnapshot();
        standing.Begin(s_filter4, "NETD-ADMIT").Add(new IptablesLine("mine", "-m comment --comment mine -j ACCEPT"));
        var refused = Assert.Throws<KernelException>(() => Change(s_filter4, standing));
        Assert.Contains("use chain NETD-ADMIT of ip filter", refused.Message, StringComparison.Ordinal);
        Assert.Equal("EEXIST", refused.Error!.ErrnoName); // given with every refusal
    }

    [Theory]
    [InlineData("0.0.0.0-255.255.255.255", "")]
    [InlineData("10.0.0.0-10.255.255.255", "-d 10.0.0.0/8")]
    [InlineData("10.0.0.7-10.0.0.7", "-d 10.0.0.7/32")]
    [InlineData("10.0.0.1-10.0.0.6", "-m iprange --dst-range 10.0.0.1-10.0.0.6")]
    [InlineData("10.0.0.1", "-d 10.0.0.1")]
    public void Ranges_of_addresses_are_prefixes_where_they_can(string key, string expected) =>
        Assert.Equal(expected, IptablesMatch.Of([FirewallField.Ipv4Destination], [key]));

    [Fact]
    public void An_element_is_known_again_by_its_comment()
    {
        foreach (var element in new[] { s_bridge, s_port })
        {
            var about = IptablesElement.Of(element).ToString();
            Assert.True(IptablesElement.TryParse(about, out var parsed));
            Assert.Equal(element.Key, parsed.ToState(null).Key);
            Assert.Equal((element.Value, element.Comment), (parsed.Value, parsed.Owner));
        }

        Assert.False(IptablesElement.TryParse("rules of the user", out _));
    }

    private static IptablesChange Change(IptablesPlace place, IptablesSnapshot standing)
    {
        var model = IptablesModel.Empty.With(s_bridge).With(s_port);
        var layout = IptablesLayout.Of([s_forward, s_admit, s_prerouting], hasBridgeFilter: false);
        return IptablesTarget.Of(place, layout, model).From(standing, mayBeLater: false, isKnown: false);
    }

    private static string Text(IptablesPlace place, IptablesSnapshot standing)
    {
        var text = new StringBuilder();
        Change(place, standing).WriteTo(text);
        return text.ToString();
    }

    private static string Digest(FirewallRule rule) => rule.Comment[(rule.Comment.LastIndexOf('#') + 1)..].ToUpperInvariant();

    private static FirewallChainState Chain(string name, BaseChain? hook, params FirewallRule[] rules) =>
        new() { Namespace = NetNs.Host, Table = Ownership.IptablesTable, Name = name, Base = hook, Rules = [.. rules] };

    private static FirewallElementState Element(string set, string? value, params string[] key) => new()
    {
        Namespace = NetNs.Host,
        Table = Ownership.IptablesTable,
        Set = set,
        KeyParts = [.. key],
        KeyTypes = [],
        Value = value,
        Comment = "network/1",
    };
}
