using Networking.Netlab.Hosts;

namespace Networking.Netlab.Scenarios;

/// <summary>Hosts that end and come back, with their networks and their containers.</summary>
/// <remarks>
/// Sandboxes and endpoints end with the boot, by design; who runs containers makes them again. Here that is a unit, started after netd:
/// <code>
///   boot ─► netd: networks, from its disk ─► lab-containers: looks, connects, serves ─► h2 is answered; nobody has asked h1 for anything
/// </code>
/// </remarks>
internal static class RecoveryScenarios
{
    // Before it asks netd for anything it looks whether the kernel has what it must have by then.
    private const string Runtime = """
        script=/etc/lab-containers.sh
        cat >$script <<'SCRIPT'
        set -euo pipefail
        . /lab/guest/lib.sh
        device() { ip -br link | has '^br-[0-9a-f]{12}'; }
        firewall() { nft list table inet netd; }
        eventually device >/dev/null
        eventually firewall >/dev/null
        same 1 "$(cat /proc/sys/net/ipv4/ip_forward)" forwarding
        same '' "$(sandboxes)" 'sandboxes of the boot before'
        container shop web --ip 10.88.0.10 -p 8080:80
        container other stranger --ip 10.89.0.10
        serve web 80
        SCRIPT
        if [ "$LAB_INIT" = systemd ]; then
            cat >/etc/systemd/system/lab-containers.service <<UNIT
        [Unit]
        Description=Containers of the lab
        After=netd.service
        RequiresMountsFor=/lab
        [Service]
        Type=oneshot
        RemainAfterExit=yes
        Environment=LAB_PATIENCE=$LAB_PATIENCE LAB_INIT=systemd HOME=/root
        ExecStart=/bin/bash $script
        TimeoutStartSec=15min
        [Install]
        WantedBy=multi-user.target
        UNIT
            systemctl enable lab-containers.service 2>/dev/null
        fi
        sync
        """;

    // Without systemd the lab starts them, as a runtime would.
    private const string Start = """
        if [ "$LAB_INIT" = systemd ]; then
            systemctl start lab-containers.service || { journalctl -b --no-pager -u lab-containers.service; false; }
        else
            bash /etc/lab-containers.sh
        fi

        """;

    // Only looks: whoever starts a unit that has failed would make a boot look better than it was.
    private const string Started = """
        if [ "$LAB_INIT" = systemd ]; then
            ended() { { systemctl is-active lab-containers.service || true; } | has '^(active|failed)$'; }
            eventually ended
            systemctl is-active --quiet lab-containers.service || { journalctl -b --no-pager -u lab-containers.service; false; }
        else
            eventually answers >/dev/null
            eventually netctl diff --exit-code >/dev/null
            bash /etc/lab-containers.sh
        fi

        """;

    private const string Stop = """
        if [ "$LAB_INIT" = systemd ]; then
            systemctl disable --now lab-containers.service 2>/dev/null || true
            rm -f /etc/systemd/system/lab-containers.service
            systemctl daemon-reload
        fi
        rm -f /etc/lab-containers.sh
        """;

    private const string Reached = "same \"$H2\" \"$(eventually who \"http://$H1:8080\")\" 'whom the container sees'";
    private const string Known = "\nnetctl inspect shop | jq -c '[.id, .name, .subnets]'";

    public static Scenario Reboot { get; } = new(
        "reboot-recovers", "the host reboots: its networks are back before anybody asks, its containers without anybody's doing", [Feature.Reboot], static stage =>
            RecoversAsync(stage, stage.RebootAsync));

    public static Scenario PowerCut { get; } = new(
        "power-cut-recovers", "the same when the plug is pulled while it works", [Feature.Power], static stage =>
            RecoversAsync(stage, stage.CutPowerAsync));

    private static async Task RecoversAsync(Stage stage, Func<LabHost, Task> end)
    {
        try
        {
            var before = await stage.OnH1Async(
                Runtime + """

                netctl create shop --subnet 10.88.0.0/24 --label kept=yes >/dev/null
                netctl create other --subnet 10.89.0.0/24 >/dev/null

                """ + Start + Known);
            _ = await stage.OnH2Async(Reached);
            await end(stage.H1);
            var after = await stage.OnH1Async(Started + "misses stranger 10.88.0.10\nnetctl diff --exit-code >/dev/null" + Known);
            _ = await stage.OnH2Async(Reached);
            if (before.Trim().Split('\n')[^1] != after.Trim().Split('\n')[^1])
            {
                throw new CheckFailedException($"network shop was {before.Trim()} and came back as {after.Trim()}");
            }
        }
        finally
        {
            _ = await stage.OnH1Async(Stop);
        }
    }
}
