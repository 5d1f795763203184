namespace Networking.Netlab.Scenarios;

/// <summary>Hosts that end and come back, and the networks that are always there.</summary>
internal static class HostScenarios
{
    private const string Ask = """
        netctl create shop --subnet 10.88.0.0/24 --label kept=yes >/dev/null
        netctl create other --subnet 10.89.0.0/24 >/dev/null
        """;

    // What a container runtime does when it starts its containers again.
    private const string Containers = """
        container shop web --ip 10.88.0.10 -p 8080:80
        container other stranger --ip 10.89.0.10
        serve web 80
        """;

    private const string Reached = "same \"$H2\" \"$(eventually who \"http://$H1:8080\")\" 'whom the container sees'";

    public static Scenario NoneNetwork { get; } = new(
        "none-network", "a container on the network none has its loopback and nothing else", [], static async stage =>
            _ = await stage.OnH1Async(
                """
                container none lonely
                same lo "$(inside lonely ip -j link | jq -r '[.[].ifname] | join(" ")')" 'interfaces inside'
                misses lonely "$H1"
                """));

    public static Scenario RebootRecovers { get; } = new(
        "reboot-recovers", "the host reboots: its networks are back before anybody asks, its containers as soon as they are started", [Feature.Reboot], static stage =>
            RecoversAsync(stage, () => stage.H1.RebootAsync(stage.Token)));

    public static Scenario PowerCutRecovers { get; } = new(
        "power-cut-recovers", "the same when the plug is pulled while it works", [Feature.Power], static stage =>
            RecoversAsync(stage, () => stage.H1.CutPowerAsync(stage.Token)));

    public static Scenario SystemdUnits { get; } = new(
        "systemd-units", "netd is started by its socket, is ready before Docker's place, and is restarted when it dies", [Feature.Systemd], static async stage =>
            _ = await stage.OnH1Async(
                """
                systemd-analyze verify --man=no /lib/systemd/system/netd.service /lib/systemd/system/netd.socket 2>&1 | { ! grep -F netd. ; }
                same notify "$(systemctl show -p Type --value netd.service)" 'type of the unit'
                systemctl show -p Before --value netd.service | has docker.service
                systemctl is-enabled netd.service netd.socket >/dev/null
                same 'root:netd 660' "$(stat -c '%U:%G %a' /run/netd/netd.sock)" 'access to the socket'
                # Asked while it is down, the socket starts it, and the question is answered.
                systemctl stop netd.service
                same inactive "$(systemctl is-active netd.service || true)" 'the stopped unit'
                netctl version >/dev/null
                same active "$(systemctl is-active netd.service)" 'the unit after a question'
                # Killed, it is started again, and the watchdog is fed.
                before=$(service_pid)
                kill -9 "$before"
                back() { [ "$(service_pid)" != "$before" ] && [ "$(service_pid)" != 0 ] && answers; }
                eventually back >/dev/null
                [ "$(systemctl show -p WatchdogTimestampMonotonic --value netd.service)" -gt 0 ]
                """));

    private static async Task RecoversAsync(Stage stage, Func<Task> end)
    {
        var before = await stage.OnH1Async(Ask + "\n" + Containers + "\nnetctl inspect shop | jq -c '[.id, .name, .subnets]'");
        _ = await stage.OnH2Async(Reached);
        await end();
        var after = await stage.OnH1Async(
            """
            eventually answers >/dev/null
            eventually netctl diff --exit-code >/dev/null
            ip -br link | has '^br-[0-9a-f]{12}'
            nft list table inet netd >/dev/null
            same 1 "$(cat /proc/sys/net/ipv4/ip_forward)" forwarding
            same '' "$(sandboxes)" 'sandboxes of the boot before'
            netctl inspect shop | jq -c '[.id, .name, .subnets]'
            """);
        if (before.Trim().Split('\n')[^1] != after.Trim().Split('\n')[^1])
        {
            throw new Hosts.CheckFailedException($"network shop was {before.Trim()} and came back as {after.Trim()}");
        }

        _ = await stage.OnH1Async(Containers + "\nmisses stranger 10.88.0.10");
        _ = await stage.OnH2Async(Reached);
        _ = await stage.OnH1Async("netctl diff --exit-code");
    }
}
