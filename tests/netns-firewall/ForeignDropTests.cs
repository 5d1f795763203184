using Networking.Kernel;
using Networking.Netlink;

namespace Networking.NetnsFirewall.Tests;

/// <summary>Forward chains of others that drop, as their own tools make them.</summary>
public sealed class ForeignDropTests
{
    [Fact]
    public void Chain_that_accepts_what_is_left_is_none()
    {
        using var ns = new TestNamespace();
        ns.Run("iptables", "-A", "FORWARD", "-s", "192.0.2.0/24", "-j", "DROP");
        ns.Run("nft", "add table inet t; add chain inet t f { type filter hook forward priority 0; }; add rule inet t f tcp dport 80 reject");
        ns.Run("nft", "add chain inet t i { type filter hook input priority 0; policy drop; }; add chain inet t n { type nat hook prerouting priority 0; }");

        Assert.Empty(Read(ns));
    }

    [Fact]
    public void Policy_of_iptables_is_found_and_a_rule_is_to_stand_where_users_have_theirs()
    {
        using var ns = new TestNamespace();
        ns.Run("iptables", "-P", "FORWARD", "DROP");
        ns.Run("ip6tables", "-P", "FORWARD", "DROP");
        ns.Run("iptables", "-N", "DOCKER-USER");
        Assert.Equal(["ip filter FORWARD in FORWARD", "ip6 filter FORWARD in FORWARD"], Read(ns).Select(Print));

        ns.Run("iptables", "-A", "FORWARD", "-j", "DOCKER-USER");
        Assert.Equal(["ip filter FORWARD in DOCKER-USER", "ip6 filter FORWARD in FORWARD"], Read(ns).Select(Print));
        Assert.StartsWith("iptables -I DOCKER-USER ", Read(ns)[0].Remedy, StringComparison.Ordinal);
        Assert.StartsWith("ip6tables -I FORWARD ", Read(ns)[1].Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("counter drop", true)]
    [InlineData("reject with icmpx admin-prohibited", true)]
    [InlineData("counter log prefix \"no\" reject", true)]
    [InlineData("limit rate 5/second reject", false)]
    [InlineData("iifname \"eth0\" drop", false)]
    [InlineData("drop; add rule inet firewalld filter_FORWARD counter", false)]
    public void Last_rule_that_takes_everything_is_found(string rule, bool isFound)
    {
        using var ns = new TestNamespace();
        ns.Run("nft", "add table inet firewalld; add chain inet firewalld filter_FORWARD { type filter hook forward priority 10; }; "
            + $"add rule inet firewalld filter_FORWARD ct state established accept; add rule inet firewalld filter_FORWARD {rule}");

        var found = Read(ns);

        Assert.Equal(isFound ? ["inet firewalld filter_FORWARD in nothing"] : [], found.Select(Print));
        Assert.All(found, static d => Assert.StartsWith("firewall-cmd ", d.Remedy, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ct status dnat accept", true)]
    [InlineData("counter ct status dnat counter accept comment \"published\"", true)]
    [InlineData("ct status snat accept", false)]
    [InlineData("ct status dnat tcp dport 80 accept", false)]
    [InlineData("iifname \"eth0\" ct status dnat accept", false)]
    [InlineData("ct status dnat drop", false)]
    [InlineData("ct state established accept", false)]
    public void Chain_that_accepts_what_was_translated_is_told_apart(string rule, bool isAccepted)
    {
        using var ns = new TestNamespace();
        ns.Run("nft", $"add table inet t; add chain inet t f {{ type filter hook forward priority 10; policy drop; }}; add rule inet t f {rule}");

        Assert.Equal(isAccepted, Assert.Single(Read(ns)).AcceptsTranslated);
    }

    [Fact]
    public void Chains_that_drop_packets_to_the_host_are_found_with_the_command_that_opens_a_port()
    {
        using var ns = new TestNamespace();
        ns.Run("nft", "add table inet t; add chain inet t i { type filter hook input priority 0; policy drop; }; add chain inet t o { type filter hook input priority 1; }");
        ns.Run("ip6tables", "-P", "INPUT", "DROP");
        ns.Run("iptables", "-P", "INPUT", "DROP");
        ns.Run("iptables", "-N", "ufw-before-forward");
        ns.Run("iptables", "-P", "FORWARD", "DROP"); // seen, but not by those that go to the host

        Assert.Equal(
            [
                "inet t i in nothing: nft insert rule inet t i PROTOCOL dport FIRST-LAST accept",
                "ip filter INPUT in nothing: ufw allow FIRST:LAST/PROTOCOL",
                "ip6 filter INPUT in nothing: ip6tables -I INPUT -p PROTOCOL --dport FIRST:LAST -j ACCEPT",
            ],
            Read(ns, isInput: true).Select(static d => $"{Print(d)}: {d.Remedy}"));
    }

    [Fact]
    public void Last_rule_of_iptables_that_rejects_is_found()
    {
        using var ns = new TestNamespace();
        ns.Run("iptables", "-A", "FORWARD", "-m", "comment", "--comment", "the rest", "-j", "REJECT", "--reject-with", "icmp-host-prohibited");

        Assert.Equal(["ip filter FORWARD in FORWARD"], Read(ns).Select(Print));
    }

    [Fact]
    public void Chain_that_ufw_manages_has_its_own_remedy()
    {
        using var ns = new TestNamespace();
        ns.Run("iptables", "-P", "FORWARD", "DROP");
        ns.Run("iptables", "-N", "ufw-before-forward");
        ns.Run("iptables", "-A", "FORWARD", "-j", "ufw-before-forward");

        Assert.Equal("ufw route allow in on BRIDGE && ufw route allow out on BRIDGE", Assert.Single(Read(ns)).Remedy);
    }

    [Fact]
    public void Table_of_an_owner_that_keeps_others_out_takes_no_rule_of_ours()
    {
        using var ns = new TestNamespace();
        using var owner = new BackgroundProcess(ns, "sh", "-c",
            "{ echo 'add table inet firewalld { flags owner; }; add chain inet firewalld filter_FORWARD { type filter hook forward priority 10; policy drop; }'; sleep 60; } | nft -i");
        var deadline = System.Diagnostics.Stopwatch.StartNew();
        while (Read(ns).Count == 0 && deadline.Elapsed < TimeSpan.FromSeconds(10))
        {
        }

        Assert.Equal(["inet firewalld filter_FORWARD in nothing"], Read(ns).Select(Print));
        var admission = new ForeignAdmissionState { Namespace = default, Family = "inet", Table = "firewalld", Chain = "filter_FORWARD", Mark = 1 };
        ns.Inside(() =>
        {
            using var channel = new NetfilterSocket();
            using var transport = new FirewallTransport(channel);
            Assert.Equal("EPERM", transport.Apply(RuleSet.Create(admission))[0].Error?.ErrnoName);
        });
    }

    [Theory]
    [InlineData("iptables-legacy", "ip")]
    [InlineData("ip6tables-legacy", "ip6")]
    public void Legacy_table_is_found_by_its_policy_and_not_made_by_looking(string program, string family)
    {
        using var ns = new TestNamespace();
        IReadOnlyList<ForeignDrop> drops = [];
        void Look() => ns.Inside(() => drops = [.. LegacyFilter.ReadForwardDrops()]);
        Look();
        Assert.Empty(drops);
        Assert.DoesNotContain("filter", ns.Run("sh", "-c", "cat /proc/net/ip_tables_names /proc/net/ip6_tables_names"), StringComparison.Ordinal);
        string[] legacy = ["env", $"XTABLES_LOCKFILE=/run/netns/{ns.Name}", program]; // its lock would else be a file left behind
        Assert.SkipUnless(ns.Try([.. legacy, "-A", "FORWARD", "-p", "tcp", "--dport", "80", "-j", "ACCEPT"]), "this kernel has no legacy tables");
        Look();
        Assert.Empty(drops);

        ns.Run([.. legacy, "-P", "FORWARD", "DROP"]);
        Look();

        Assert.Equal([$"{family} filter FORWARD in nothing"], drops.Select(Print));
        Assert.True(drops[0].IsLegacy);
        Assert.StartsWith($"{program} -I FORWARD ", drops[0].Remedy, StringComparison.Ordinal);
    }

    private static string Print(ForeignDrop drop) => $"{drop.Family} {drop.Table} {drop.Chain} in {drop.AdmissionChain ?? "nothing"}";

    private static IReadOnlyList<ForeignDrop> Read(TestNamespace ns, bool isInput = false)
    {
        IReadOnlyList<ForeignDrop> drops = [];
        ns.Inside(() =>
        {
            using var channel = new NetfilterSocket();
            using var transport = new FirewallTransport(channel);
            drops = isInput ? transport.ReadForeignInputDrops() : transport.ReadForeignForwardDrops();
        });
        return drops;
    }
}
