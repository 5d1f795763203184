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
}
