using Networking.Model;
using Networking.Netlink;

namespace Networking.NetnsFirewall.Tests;

/// <summary>Which interfaces others forward for, as their own tools write it.</summary>
public sealed class ForeignLinkTests
{
    [Theory]
    [InlineData("-o docker0 -j DOCKER", "docker0!")]
    [InlineData("-o docker0 -m comment --comment mine -j DROP", "docker0!")]
    [InlineData("-o virbr0 -j REJECT", "virbr0!")]
    [InlineData("! -i docker0 -o docker0 -j DROP", "docker0!")]
    [InlineData("-o a-name-of-15-aa -j DOCKER", "a-name-of-15-aa!")]
    [InlineData("-i docker0 ! -o docker0 -j ACCEPT", "docker0")]
    [InlineData("-i docker0 -o docker0 -j ACCEPT", "docker0")]
    [InlineData("-o wg0 -j ACCEPT", "wg0")]
    [InlineData("-i wg0 -j ACCEPT", "wg0")]
    [InlineData("-i eth7 -j DROP", "")]
    [InlineData("-i lo -j ACCEPT", "")]
    [InlineData("-i a\"b -j ACCEPT", "")]
    [InlineData("-i br-+ -j ACCEPT", "")]
    [InlineData("-o br-+ -j DROP", "")]
    [InlineData("-d 172.17.0.2 -o docker0 -j ACCEPT", "")]
    [InlineData("-o docker0 -m conntrack --ctstate ESTABLISHED -j ACCEPT", "")]
    [InlineData("-o docker0 -p tcp -j DROP", "")]
    [InlineData("-o docker0 -j RETURN", "")]
    [InlineData("-o docker0 -j MARK --set-mark 1", "")]
    public void A_rule_of_iptables_is_understood(string rule, string found)
    {
        using var ns = new TestNamespace();
        ns.Run("iptables", "-N", "DOCKER");
        ns.Run(["iptables", "-A", "FORWARD", .. rule.Split(' ')]);

        Assert.Equal(found, Print(ns));
    }

    [Theory]
    [InlineData("oifname \"docker0\" jump other", "docker0! docker0!6")]
    [InlineData("oif \"lo\" jump other", "")]
    [InlineData("oif \"probe\" counter reject", "probe! probe!6")]
    [InlineData("iif \"probe\" accept", "probe probe6")]
    [InlineData("oifname { \"docker0\", \"br0\" } drop", "")]
    [InlineData("meta nfproto ipv4 oifname \"docker0\" drop", "")]
    public void A_rule_of_nft_is_understood(string rule, string found)
    {
        using var ns = new TestNamespace();
        ns.Run("ip", "link", "add", "probe", "type", "bridge");
        ns.Run("nft", $"add table inet t; add chain inet t other; add chain inet t f {{ type filter hook forward priority 0; }}; add rule inet t f {rule}");

        Assert.Equal(found, Print(ns));
    }

    [Fact]
    public void Only_chains_that_forwarded_packets_meet_count_and_what_one_table_guards_is_guarded()
    {
        using var ns = new TestNamespace();
        ns.Run("iptables", "-A", "INPUT", "-i", "eth1", "-j", "ACCEPT");
        ns.Run("iptables", "-t", "nat", "-A", "POSTROUTING", "-o", "eth2", "-j", "ACCEPT");
        ns.Run("iptables", "-N", "NOWHERE");
        ns.Run("iptables", "-A", "NOWHERE", "-o", "eth3", "-j", "ACCEPT");
        ns.Run("iptables", "-N", "DEEP");
        ns.Run("iptables", "-N", "DEEPER");
        ns.Run("iptables", "-A", "FORWARD", "-p", "tcp", "-j", "DEEP");
        ns.Run("iptables", "-A", "DEEP", "-j", "DEEPER");
        ns.Run("iptables", "-A", "DEEPER", "-i", "eth4", "-j", "ACCEPT");
        ns.Run("ip6tables", "-A", "FORWARD", "-o", "eth4", "-j", "ACCEPT");
        ns.Run("nft", "add table inet netd; add chain inet netd f { type filter hook forward priority 0; }; add rule inet netd f oifname eth5 drop");
        ns.Run("nft", "add table inet firewalld; add chain inet firewalld f { type filter hook forward priority 0; }; add rule inet firewalld f oifname eth6 drop");
        ns.Run("nft", "add table ip t; add chain ip t f { type filter hook forward priority 0; }; add rule ip t f oifname eth4 drop");

        Assert.Equal("eth4! eth6 eth46 eth66", Print(ns));
    }

    // NAME, ! where it is guarded, 6 for IPv6.
    private static string Print(TestNamespace ns)
    {
        IReadOnlyList<ForeignLink> links = [];
        ns.Inside(() =>
        {
            using var channel = new NetfilterSocket();
            using var transport = new FirewallTransport(channel);
            links = transport.ReadForeignLinks();
        });
        return string.Join(' ', links.Select(static l => l.Name + (l.IsGuarded ? "!" : string.Empty) + (l.IsIpv6 ? "6" : string.Empty)));
    }
}
