namespace Networking.Netlab.Scenarios;

/// <summary>The firewall: taken away, by the other backend, beside others.</summary>
internal static class FirewallScenarios
{
    // A network with a published port, and a stranger on another.
    private const string Set = """
        netctl create shop --subnet 10.88.0.0/24 >/dev/null
        netctl create other --subnet 10.89.0.0/24 >/dev/null
        container shop web --ip 10.88.0.10 -p 8080:80
        container shop client
        container other stranger
        serve web 80
        """;

    private const string Stands = """
        reaches client 10.88.0.10
        misses stranger 10.88.0.10
        """;

    private const string Reached = "same \"$H2\" \"$(eventually who \"http://$H1:8080\")\" 'whom the container sees'";

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
        "iptables-backend", "the same walls and doors on a host that stays with iptables", [Feature.IptablesBackend], static async stage =>
        {
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
                    Set + "\n" + Stands + """

                    iptables-save | has NETD-
                    never nft list table inet netd
                    """);
                _ = await stage.OnH2Async(Reached);
                _ = await stage.OnH1Async("iptables -F; iptables -t nat -F; eventually netctl diff --exit-code\n" + Stands);
                _ = await stage.OnH2Async(Reached);
                _ = await stage.OnH1Async("clean; gone() { ! iptables-save | has NETD-; }; eventually gone");
            }
            finally
            {
                _ = await stage.OnH1Async("clean\n" + Restore);
            }
        });

    public static Scenario BesideUfw { get; } = new(
        "ufw-present", "ufw drops what is forwarded by default: containers reach out, and published ports are reached", [Feature.Ufw], static async stage =>
        {
            try
            {
                _ = await stage.OnH1Async("ufw --force enable >/dev/null\n" + Set + "\n" + Stands);
                _ = await stage.OnH2Async(Reached);
                _ = await stage.OnH1Async("ufw reload >/dev/null; eventually netctl diff --exit-code\n" + Stands);
                _ = await stage.OnH2Async(Reached);
            }
            finally
            {
                _ = await stage.OnH1Async("ufw --force disable >/dev/null; ufw --force reset >/dev/null");
            }
        });

    public static Scenario BesideDocker { get; } = new(
        "docker-beside-us", "Docker Engine runs on the same host with its rules: both keep working, and neither sees the other's containers", [Feature.Docker, Feature.Systemd], static async stage =>
        {
            try
            {
                _ = await stage.OnH1Async("systemctl start docker.service; eventually docker version >/dev/null\n" + Set + "\n" + Stands);
                _ = await stage.OnH2Async(Reached);
                _ = await stage.OnH1Async("systemctl restart docker.service; eventually docker version >/dev/null; eventually netctl diff --exit-code\n" + Stands);
                _ = await stage.OnH2Async(Reached);
            }
            finally
            {
                _ = await stage.OnH1Async("systemctl stop docker.service docker.socket containerd.service");
            }
        });
}
