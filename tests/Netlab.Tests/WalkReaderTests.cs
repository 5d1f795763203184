using Networking.Netlab.Walks;

namespace Networking.Netlab.Tests;

/// <summary>What the kernel tells of a packet becomes the same lines in every run.</summary>
public sealed class WalkReaderTests
{
    private static readonly Walk s_walk = new(
        "out", "a asks", "true", [Mark.Arrives("the first packet", "ip saddr 172.20.0.2"), Mark.Arrives("the answer", "tcp sport 8000"), Mark.Arrives("nothing", "tcp sport 1")]);

    // As nft 1.0.6 prints it; the line "verdict continue" is of kernels that tell the end of a chain, the rule that returns of others.
    private const string Trace = """
        trace id c215a930 inet lab_walk output packet: oif "lo" ip saddr 127.0.0.1 ip daddr 127.0.0.1 ip ttl 64 ip id 60577 ip protocol udp ip length 30 udp sport 48490 udp dport 4 udp length 10 @th,64,16 0x780a
        trace id c215a930 inet lab_walk output rule ip daddr 127.0.0.1 udp dport 4-5 meta nftrace set 1 drop comment "ready" (verdict drop)
        trace id 16309208 inet lab_walk prerouting packet: iif "br-web" ether saddr ca:47:b7:bd:0e:cd ether daddr 3e:a4:ff:7b:f8:99 ip saddr 172.20.0.2 ip daddr 10.90.0.2 ip ttl 64 ip protocol tcp tcp sport 44280 tcp dport 8000 tcp flags == syn tcp window 64240
        trace id 16309208 inet lab_walk prerouting rule ip saddr 172.20.0.2 limit rate 1/day burst 1 packets meta nftrace set 1 comment "the first packet" (verdict continue)
        trace id 16309208 inet lab_walk prerouting policy accept
        trace id 16309208 inet netd prerouting packet: iif "br-web" ip saddr 172.20.0.2 ip daddr 10.90.0.2 ip protocol tcp tcp sport 44280 tcp dport 8000
        trace id 16309208 inet netd prerouting rule fib daddr type != local return comment "only to this host #1db4b93e" (verdict return)
        trace id 16309208 inet netd prerouting verdict continue
        trace id 16309208 inet netd prerouting policy accept
        trace id 234eb8f2 inet netd forward packet: iif "br-web" oif "eth0" ip saddr 172.20.0.2 ip daddr 10.90.0.2 ip protocol tcp tcp sport 44280 tcp dport 8000
        trace id 234eb8f2 inet netd forward rule iifname @bridges goto admit comment "out #af1f0930" (verdict goto admit)
        trace id 234eb8f2 inet netd admit rule accept comment "admit #08247e29" (verdict accept)
        trace id 234eb8f2 ip filter FORWARD policy accept
        trace id 234eb8f2 inet lab_walk leaves packet: iif "br-web" oif "eth0" ip saddr 10.90.0.1 ip daddr 10.90.0.2 ip protocol tcp tcp sport 44280 tcp dport 8000
        trace id 234eb8f2 inet lab_walk leaves policy accept
        trace id 8d4582fd inet lab_walk prerouting packet: iif "eth0" ip6 saddr fd90::2 ip6 daddr fd90::1 tcp sport 8000 tcp dport 44280 tcp flags == 0x12
        trace id 8d4582fd inet lab_walk prerouting rule tcp sport 8000 limit rate 1/day burst 1 packets meta nftrace set 1 comment "the answer" (verdict continue)
        trace id 8d4582fd inet lab_walk prerouting policy accept
        trace id 8d4582fd inet netd forward packet: iif "eth0" oif "br-web" ip6 saddr fd90::2 ip6 daddr fd90::1 tcp sport 8000 tcp dport 44280
        trace id 8d4582fd inet netd forward rule oifname @bridges counter packets 8 bytes 480 drop comment "unpublished #cabc31d9" (verdict drop)
        """;

    private static string Rules(int packets, int foreign) => $$"""
        table inet netd {
        	set bridges {
        		type ifname
        		elements = { "br-web" comment "network/1" }
        	}

        	chain admit {
        		accept comment "admit #08247e29"
        	}

        	chain forward {
        		type filter hook forward priority filter - 10; policy accept;
        		iifname @internal counter packets {{foreign}} bytes 0 drop comment "out of internal #782f68ee"
        		oifname @bridges counter packets {{packets}} bytes 480 drop comment "unpublished #cabc31d9"
        		iifname @bridges goto admit comment "out #af1f0930"
        	}

        	chain prerouting {
        		type nat hook prerouting priority dstnat; policy accept;
        		fib daddr type != local return comment "only to this host #1db4b93e"
        	}
        }
        """;

    [Fact]
    public void A_walk_is_the_rules_met_with_their_numbers_between_where_it_is_first_and_last_seen() => Assert.Equal(
        [
            "the first packet",
            "  from br-web        tcp 172.20.0.2 > 10.90.0.2:8000",
            "  prerouting         policy accept",
            "  forward 3          iifname @bridges goto admit",
            "  admit 1            accept",
            "  ip filter FORWARD  policy accept",
            "  to eth0            tcp 10.90.0.1 > 10.90.0.2:8000",
            "the answer",
            "  from eth0          tcp [fd90::2]:8000 > fd90::1",
            "  forward 2          oifname @bridges counter drop  (+1 packet)",
            "nothing",
            "  the firewall of the host does not see it",
        ],
        WalkReader.Read(s_walk, Trace, RuleList.Parse(Rules(7, 3)), RuleList.Parse(Rules(8, 5))));

    [Fact]
    public void A_counter_that_did_not_move_is_seen() => Assert.Contains(
        "  forward 2          oifname @bridges counter drop  (+0 packets)",
        WalkReader.Read(s_walk, Trace, RuleList.Parse(Rules(7, 3)), RuleList.Parse(Rules(7, 3))));

    [Fact]
    public void A_rule_that_was_not_there_before_has_no_number() => Assert.Contains(
        "  forward            iifname @bridges goto admit",
        WalkReader.Read(s_walk, Trace, RuleList.Parse("table inet netd {\n}"), RuleList.Parse(string.Empty)));

    [Theory]
    [InlineData("udp sport 61053 udp dport 40000", "udp [::1]:61053 > ::1")]
    [InlineData("icmpv6 type echo-request icmpv6 code 0", "icmp echo-request ::1 > ::1")]
    [InlineData("tcp sport 32767 tcp dport 61000", "tcp [::1]:32767 > [::1]:61000")]
    public void Ports_that_the_kernel_gives_to_clients_are_left_out(string fields, string text) =>
        Assert.Equal(text, PacketText.Of($"ip6 saddr ::1 ip6 daddr ::1 {fields}"));
}
