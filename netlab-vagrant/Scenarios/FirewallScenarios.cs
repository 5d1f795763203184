namespace Networking.Netlab.Scenarios;

/// <summary>The firewall: taken away, by the other backend, beside another.</summary>
internal static class FirewallScenarios
{
    // A network with a published port, and a stranger on another.
    internal const string Set = """
        netctl create shop --subnet 10.88.0.0/24 >/dev/null
        netctl create other --subnet 10.89.0.0/24 >/dev/null
        container shop web --ip 10.88.0.10 -p 8080:80
        container shop client
        container other stranger
        serve web 80
        """;

    internal const string Stands = """
        reaches client 10.88.0.10
        misses stranger 10.88.0.10
        """;

    internal const string Reached = "same \"$H2\" \"$(eventually who \"http://$H1:8080\")\" 'whom the container sees'";

    public static Scenario Flush { get; } = new(
        "firewall-flush", "somebody flushes the firewall: it is back by itself, and netd says what was missing", [], static async stage =>
        {
            _ = await stage.OnH1Async(Set + "\n" + Stands);
            _ = await stage.OnH2Async(Reached);
            _ = await stage.OnH1Async(
                """
                nft flush ruleset
                eventually netctl diff --exit-code
                netctl events --since 0 --follow=false | has drift
                """ + "\n" + Stands);
            _ = await stage.OnH2Async(Reached);
            _ = await stage.OnH1Async("nft delete table inet netd; eventually netctl diff --exit-code\n" + Stands);
        });

    public static Scenario Iptables { get; } = new(
        "iptables-backend", "the same walls and doors, of both families, on a host that stays with iptables", [Feature.IptablesBackend], static async stage =>
        {
            const string Both = """
                netctl create shop --subnet 10.88.0.0/24 --subnet fd88::/64 >/dev/null
                netctl create other --subnet 10.89.0.0/24 --subnet fd89::/64 >/dev/null
                container shop web --ip 10.88.0.10 --ip6 fd88::10 -p 8080:80
                container shop client
                container other stranger
                serve web 80
                """;
            const string StandsBoth = """
                reaches client 10.88.0.10
                reaches client fd88::10
                at_once 'misses stranger 10.88.0.10' 'misses stranger fd88::10'
                """;
            const string ReachedBoth = Reached + """

                same "$H2v6" "$(eventually who "http://[$H1v6]:8080")" 'whom the container sees over IPv6'
                """;
            const string Restore = """
                cp /etc/netd/netd.json.lab /etc/netd/netd.json
                rm /etc/netd/netd.json.lab
                service_restart
                """;
            _ = await stage.OnH1Async(
                """
                cp /etc/netd/netd.json /etc/netd/netd.json.lab
                jq '. + { "firewall": "iptables" }' /etc/netd/netd.json.lab >/etc/netd/netd.json
                service_restart
                """);
            try
            {
                _ = await stage.OnH1Async(
                    Both + "\n" + StandsBoth + """

                    iptables-save | has NETD-
                    ip6tables-save | has NETD-
                    never nft list table inet netd
                    """);
                _ = await stage.OnH2Async(ReachedBoth);
                _ = await stage.OnH1Async("iptables -F; iptables -t nat -F; ip6tables -F; ip6tables -t nat -F; eventually netctl diff --exit-code\n" + StandsBoth);
                _ = await stage.OnH2Async(ReachedBoth);
                // Each table in one go, or netd would have filled its chains again before they could be taken away.
                _ = await stage.OnH1Async(
                    """
                    for program in iptables-restore ip6tables-restore; do
                        printf '*%s\n-F\n-X\nCOMMIT\n' filter nat | "$program" --noflush
                    done
                    eventually netctl diff --exit-code
                    iptables-save | has '^:NETD-'
                    ip6tables-save | has '^:NETD-'
                    """ + "\n" + StandsBoth);
                _ = await stage.OnH2Async(ReachedBoth);
                _ = await stage.OnH1Async("clean; gone() { ! { iptables-save; ip6tables-save; } | has NETD-; }; eventually gone");
            }
            finally
            {
                _ = await stage.OnH1Async("clean\n" + Restore);
            }
        });

    public static Scenario BesideUfw { get; } = new(
        "ufw-present", "ufw drops what is forwarded by default: containers reach out, and published ports are reached", [Feature.Ufw], static async stage =>
        {
            const string Out = "same \"$H1\" \"$(eventually sees client \"http://$H2:8000\")\" 'whom the outside sees'";
            _ = await stage.OnH2Async("serve_here 8000");
            try
            {
                _ = await stage.OnH1Async("ufw --force enable >/dev/null\niptables -S FORWARD | has '^-P FORWARD DROP'\n" + Set + "\n" + Stands + "\n" + Out);
                _ = await stage.OnH2Async(Reached);
                _ = await stage.OnH1Async("ufw reload >/dev/null; eventually netctl diff --exit-code\n" + Stands + "\n" + Out);
                _ = await stage.OnH2Async(Reached);
            }
            finally
            {
                _ = await stage.OnH1Async("ufw --force disable >/dev/null; ufw --force reset >/dev/null");
            }
        });
}
