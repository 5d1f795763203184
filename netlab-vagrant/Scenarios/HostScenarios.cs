namespace Networking.Netlab.Scenarios;

/// <summary>The host itself: the networks that are always there, and netd as a unit.</summary>
internal static class HostScenarios
{
    public static Scenario NoneNetwork { get; } = new(
        "none-network", "a container on the network none has its loopback and nothing else", [], static async stage =>
            _ = await stage.OnH1Async(
                """
                container none lonely
                same lo "$(inside lonely ip -j link | jq -r '[.[].ifname] | join(" ")')" 'interfaces inside'
                misses lonely "$H1"
                """));

    public static Scenario HostNetwork { get; } = new(
        "host-network", "a process on the network host is reached at the host's address; ports cannot be published for it, and it is said", [], static async stage =>
        {
            _ = await stage.OnH1Async(
                """
                serve_here 8000
                netctl connect host "pid:$served" -p 8080:80 2>&1 | has 'published ports are discarded'
                same "$served" "$(netctl inspect host | jq -r '.endpoints[].sandbox' | sed 's/^pid://')" 'the process on the network'
                """);
            _ = await stage.OnH2Async(
                """
                same "$H2" "$(eventually who "http://$H1:8000")" 'whom the process sees'
                same "$H2v6" "$(eventually who "http://[$H1v6]:8000")" 'whom the process sees over IPv6'
                never curl -sf --max-time "$LAB_SILENCE" "http://$H1:8080/"
                """);
            _ = await stage.OnH1Async(
                """
                netctl diff --exit-code
                pkill -x busybox
                left() { same 0 "$(api GET networks/host | jq '.endpoints | length')" 'endpoints after its end'; }
                eventually left
                """);
        });

    public static Scenario SystemdUnits { get; } = new(
        "systemd-units", "netd is started by its socket, is ready before Docker's place, feeds its watchdog, and is restarted when it dies", [Feature.Systemd], static async stage =>
            _ = await stage.OnH1Async(
                """
                systemd-analyze verify --man=no /lib/systemd/system/netd.service /lib/systemd/system/netd.socket 2>&1 | { ! grep -F netd. ; }
                same notify "$(systemctl show -p Type --value netd.service)" 'type of the unit'
                systemctl show -p Before --value netd.service | has docker.service
                systemctl is-enabled netd.service netd.socket >/dev/null
                same 'root:netd 660' "$(stat -c '%U:%G %a' /run/netd/netd.sock)" 'access to the socket'
                # Fed more often than once in ten minutes, which is what machines of the lab say.
                mkdir -p /run/systemd/system/netd.service.d
                printf '[Service]\nWatchdogSec=30\n' >/run/systemd/system/netd.service.d/zz-lab-fed.conf
                systemctl daemon-reload
                # Asked while it is down, the socket starts it, and the question is answered.
                systemctl stop netd.service
                same inactive "$(systemctl is-active netd.service || true)" 'the stopped unit'
                netctl version >/dev/null
                same active "$(systemctl is-active netd.service)" 'the unit after a question'
                # The watchdog is fed, and not only once.
                fed() { systemctl show -p WatchdogTimestampMonotonic --value netd.service; }
                first=$(fed) before=$(service_pid)
                again() { [ "$(fed)" -gt "$first" ]; }
                eventually again
                same "$before" "$(service_pid)" 'the process that feeds it'
                rm /run/systemd/system/netd.service.d/zz-lab-fed.conf
                systemctl daemon-reload
                # Killed, it is started again.
                kill -9 "$before"
                back() { [ "$(service_pid)" != "$before" ] && [ "$(service_pid)" != 0 ] && answers; }
                eventually back >/dev/null
                """));
}
