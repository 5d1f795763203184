using System.Net;
using Networking.Kernel;
using Networking.Model;
using Networking.Netlink;

namespace Networking.NetnsFirewall.Tests;

/// <summary>Ports that others translate or drop, as nft and iptables write it.</summary>
public sealed class ForeignTranslationTests
{
    private const string Nft = "add table ip t; add chain ip t p { type nat hook prerouting priority -100; }; add chain ip t c; add rule ip t ";

    [Theory]
    [InlineData("p tcp dport 8080 dnat to 10.0.0.2:80", "chain ip t p: tcp port 8080")]
    [InlineData("p udp dport 53 redirect to :5353", "chain ip t p: udp port 53")]
    [InlineData("p ip daddr 192.0.2.1 tcp dport 8000-8010 counter dnat to 10.0.0.2", "chain ip t p: tcp port 8000-8010 to 192.0.2.1/32")]
    [InlineData("p ip daddr 192.0.2.0/24 meta l4proto 132 dnat to 10.0.0.2", "chain ip t p: sctp any port to 192.0.2.0/24")]
    [InlineData("p ip daddr 172.16.0.0/12 dnat to 10.0.0.2", "chain ip t p: any protocol any port to 172.16.0.0/12")]
    [InlineData("p tcp dport >= 60000 dnat to 10.0.0.2", "chain ip t p: tcp port 60000-65535")]
    [InlineData("p udp dport < 1024 dnat to 10.0.0.2", "chain ip t p: udp port 1-1023")]
    [InlineData("p udp dport > 60000 dnat to 10.0.0.2", "chain ip t p: udp port 60001-65535")]
    [InlineData("p tcp dport { 80, 443 } dnat to 10.0.0.2", "chain ip t p: tcp port 80; chain ip t p: tcp port 443")]
    [InlineData("p tcp dport { 80-90, 443 } dnat to 10.0.0.2", "chain ip t p: tcp port 80-90; chain ip t p: tcp port 443")]
    [InlineData("p dnat to tcp dport map { 80 : 10.0.0.2, 81 : 10.0.0.3 }", "chain ip t p: tcp port 80; chain ip t p: tcp port 81")]
    [InlineData("p dnat ip to ip daddr . tcp dport map { 192.0.2.1 . 80 : 10.0.0.2 . 8080 }", "chain ip t p: tcp port 80 to 192.0.2.1/32")]
    [InlineData("c dnat to 10.0.0.2; add rule ip t p tcp dport 8080 jump c", "chain ip t c: tcp port 8080")]
    [InlineData("c tcp dport 8080 dnat to 10.0.0.2; add rule ip t p ip daddr 192.0.2.1 goto c", "chain ip t c: tcp port 8080 to 192.0.2.1/32")]
    [InlineData("p tcp dport != 22 dnat to 10.0.0.2", "chain ip t p: tcp any port")]
    [InlineData("p tcp sport 8080 dnat to 10.0.0.2", "chain ip t p: tcp any port")]
    [InlineData("c tcp dport 8080 dnat to 10.0.0.2", "")]
    [InlineData("p tcp dport 8080 accept", "")]
    public void Rule_of_nft_is_read(string rule, string expected)
    {
        using var ns = new TestNamespace();
        ns.Run("nft", Nft + rule);

        Assert.Equal(expected, string.Join("; ", Read(ns)));
    }

    [Theory]
    [InlineData("iptables", "-A PREROUTING -p tcp --dport 8080 -j DNAT --to-destination 10.0.0.2:80", "chain ip nat PREROUTING: tcp port 8080")]
    [InlineData("iptables", "-A OUTPUT -p udp --dport 5000:5010 -d 192.0.2.1 -j REDIRECT --to-ports 53", "chain ip nat OUTPUT: udp port 5000-5010 to 192.0.2.1/32")]
    [InlineData("iptables", "-A PREROUTING -p tcp -m multiport --dports 80,8000:8010 -j DNAT --to-destination 10.0.0.2", "chain ip nat PREROUTING: tcp port 80; chain ip nat PREROUTING: tcp port 8000-8010")]
    [InlineData("iptables", "-A PREROUTING -p tcp -m multiport --sports 80 -j DNAT --to-destination 10.0.0.2", "chain ip nat PREROUTING: tcp any port")]
    [InlineData("ip6tables", "-A PREROUTING -p tcp --dport 8080 -d 2001:db8::/32 -j DNAT --to-destination [fd00::2]:80", "chain ip6 nat PREROUTING: tcp port 8080 to 2001:db8::/32")]
    [InlineData("iptables", "-A POSTROUTING -p tcp --dport 8080 -j MASQUERADE", "")]
    public void Rule_of_iptables_is_read(string program, string rule, string expected)
    {
        using var ns = new TestNamespace();
        ns.Run([program, "-t", "nat", .. rule.Split(' ')]);

        Assert.Equal(expected, string.Join("; ", Read(ns)));
    }

    [Theory]
    [InlineData("iptables", "-I FORWARD -d 10.0.0.2 -p tcp --dport 80 -j DROP", false, "chain ip filter FORWARD: tcp port 80 to 10.0.0.2/32")]
    [InlineData("ip6tables", "-A FORWARD -p tcp --dport 80 -j REJECT", false, "chain ip6 filter FORWARD: tcp port 80")]
    [InlineData("iptables", "-A INPUT -p udp --dport 5000:5010 -j DROP", true, "chain ip filter INPUT: udp port 5000-5010")]
    [InlineData("iptables", "-A INPUT -p udp --dport 5000 -j DROP", false, "")]
    [InlineData("iptables", "-A FORWARD -i eth0 -j DROP", false, "")]
    [InlineData("iptables", "-A FORWARD -m conntrack --ctstate INVALID -j DROP", false, "")]
    [InlineData("iptables", "-A FORWARD -p tcp --dport 80 -j ACCEPT", false, "")]
    [InlineData("iptables", "-t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to-destination 10.0.0.2", false, "")]
    public void Rule_that_drops_what_it_names_is_read(string program, string rule, bool isInput, string expected)
    {
        using var ns = new TestNamespace();
        ns.Run([program, .. rule.Split(' ')]);

        Assert.Equal(expected, string.Join("; ", ReadDrops(ns, isInput)));
    }

    [Fact]
    public void Rule_that_drops_in_a_chain_of_its_own_is_read_with_what_leads_there()
    {
        using var ns = new TestNamespace();
        ns.Run(
            "nft",
            "add table inet t; add chain inet t bad { counter reject; }; add chain inet t f { type filter hook forward priority 0; tcp dport { 80, 443 } jump bad; ip daddr 10.0.0.0/24 drop; }");

        Assert.Equal(["chain inet t bad: tcp port 80", "chain inet t bad: tcp port 443", "chain inet t f: any protocol any port to 10.0.0.0/24"], ReadDrops(ns, isInput: false).Select(static r => r.ToString()));
    }

    [Fact]
    public void Ports_that_dockerd_publishes_are_found()
    {
        using var ns = new TestNamespace();
        ns.Run("sh", "-c", """
            iptables -t nat -N DOCKER
            iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
            iptables -t nat -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
            iptables -t nat -A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
            iptables -t nat -A DOCKER ! -i docker0 -p udp -d 192.0.2.1 -m udp --dport 53 -j DNAT --to-destination 172.17.0.2:53
            """);

        var found = Read(ns);

        Assert.Equal(["chain ip nat DOCKER: tcp port 8080", "chain ip nat DOCKER: udp port 53 to 192.0.2.1/32"], found.Select(static t => t.ToString()));
        Assert.True(found[0].Takes(6, new PortRange(8000, 9000), null, isIpv6: false));
        Assert.False(found[0].Takes(17, new PortRange(8080, 8080), null, isIpv6: false));
        Assert.False(found[0].Takes(6, new PortRange(8080, 8080), null, isIpv6: true));
        Assert.True(found[1].Takes(17, new PortRange(53, 53), null, isIpv6: false));
        Assert.True(found[1].Takes(17, new PortRange(53, 53), IPAddress.Parse("192.0.2.1"), isIpv6: false));
        Assert.False(found[1].Takes(17, new PortRange(53, 53), IPAddress.Parse("192.0.2.2"), isIpv6: false));
    }

    [Fact]
    public void Our_own_table_is_passed_over_and_a_large_one_is_read_in_part()
    {
        using var ns = new TestNamespace();
        ns.Run("nft", "add table inet netd; add chain inet netd p { type nat hook prerouting priority -100; }; add rule inet netd p tcp dport 1 dnat ip to 10.0.0.2");
        Assert.Empty(Read(ns));

        var file = Path.GetTempFileName();
        File.WriteAllLines(file, [Nft + "p tcp dport 1 accept", .. Enumerable.Range(1, 5_000).Select(static i => $"add rule ip t p tcp dport {i} dnat to 10.0.0.2")]);
        ns.Run("nft", "-f", file);
        File.Delete(file);

        var found = Read(ns);

        Assert.Equal(4_095, found.Count);
        Assert.Equal(new PortRange(4_095, 4_095), found[^1].Ports);
    }

    private static IReadOnlyList<ForeignPortRule> Read(TestNamespace ns) => Read(ns, static t => t.ReadForeignTranslations());

    private static IReadOnlyList<ForeignPortRule> ReadDrops(TestNamespace ns, bool isInput) =>
        Read(ns, t => t.ReadForeignDropRules(isInput ? FirewallHook.Input : FirewallHook.Forward));

    private static IReadOnlyList<ForeignPortRule> Read(TestNamespace ns, Func<FirewallTransport, IReadOnlyList<ForeignPortRule>> read)
    {
        IReadOnlyList<ForeignPortRule> found = [];
        ns.Inside(() =>
        {
            using var channel = new NetfilterSocket();
            using var transport = new FirewallTransport(channel);
            found = read(transport);
        });
        return found;
    }
}
