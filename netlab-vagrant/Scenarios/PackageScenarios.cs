namespace Networking.Netlab.Scenarios;

/// <summary>netd as its packages: installed, replaced in use, removed and purged.</summary>
internal static class PackageScenarios
{
    /// <summary>Version of the older package that netlab builds beside the current one.</summary>
    public const string OldVersion = "0.0.9";

    /// <summary>Words for the current packages and for those before.</summary>
    public const string Files = $$"""
        old=/lab/netd_{{OldVersion}}_*.deb
        new=$(ls /lab/netd_*.deb | grep -v _{{OldVersion}}_)
        version_of() { dpkg-query -W -f '${Version}' netd; }
        """;

    // What netd could leave in a kernel and on a disk.
    private const string Traces = """
        traces() {
            ip -o link | awk -F': ' '{ sub(/@.*/, "", $2); print "link " $2 }' | sort
            nft list tables | sed 's/^/nft /'
            ip rule; ip route; ip -6 route
            cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding
            awk '{ print "mount " $5 }' /proc/self/mountinfo | grep netd || true
            ls -d /var/lib/netd /etc/netd /run/netd /usr/lib/netd/netd /lib/systemd/system/netd.* 2>/dev/null || true
            getent group netd || true
        }
        """;

    // Everything that a macvlan network can make, as far as the kernel has it.
    private const string Macvlans = """
        kernel_has() { ip link add name lab-kind "$@" 2>/dev/null && ip link del lab-kind; }
        macvlan() { # NAME SUBNET [OPTIONS]
            api POST networks "{\"name\":\"$1\",\"driver\":\"macvlan\",\"subnets\":[\"$2\"],\"options\":{${3:-}}}" >/dev/null
        }
        macvlan lan 10.150.0.0/24 "\"parent\":\"$TRUNK\",\"host-shim\":\"true\""
        if kernel_has type dummy; then macvlan alone 10.170.0.0/24; fi
        if kernel_has link "$TRUNK" type vlan id 4000; then macvlan v50 10.160.0.0/24 "\"parent\":\"$TRUNK.50\""; fi
        eventually netctl diff --exit-code
        ip -o link | has ': ms-'
        """;

    // On the other host: asks the published port until told to stop, and writes down what came of each question.
    private const string Asks = """
        rm -f /run/lab-asked /run/lab-enough
        eventually who "http://$H2:8080" >/dev/null
        setsid bash -c '
            until [ -e /run/lab-enough ]; do
                if curl -sf --max-time 20 -o /dev/null "$1"; then echo answered; else echo "failed, code $?"; fi
                sleep 0.1
            done >>/run/lab-asked
            echo end >>/run/lab-asked' bash "http://$H2:8080/cgi-bin/who" >/dev/null 2>&1 </dev/null &
        """;

    private const string Answered = """
        touch /run/lab-enough
        ended() { grep -q '^end' /run/lab-asked; }
        eventually ended
        never grep failed /run/lab-asked
        [ "$(grep -c answered /run/lab-asked)" -ge 5 ] || { sort /run/lab-asked | uniq -c; false; }
        """;

    public static Scenario InstallUpgradePurge { get; } = new(
        "deb-install-upgrade-purge", "installed from packages, upgraded under traffic without a lost packet or a failed request, removed and purged without a trace", [Feature.Packages], static async stage =>
        {
            try
            {
                _ = await stage.OnH2Async(Files + "\n" + Traces + "\n" +
                    """
                    service_stop
                    DEBIAN_FRONTEND=noninteractive dpkg --force-unsafe-io --purge netd >/dev/null
                    traces >/tmp/lab-before
                    never grep -E 'netd|veth|br-' /tmp/lab-before
                    install_packages $old >/dev/null
                    same 0.0.9 "$(version_of)" 'installed version'
                    netctl create shop --subnet 10.88.0.0/24 --subnet fd88::/64 >/dev/null
                    container shop a --ip 10.88.0.10
                    container shop b --ip 10.88.0.11 -p 8080:80
                    serve b 80
                    reaches a 10.88.0.11
                    """ + "\n" + Macvlans);
                _ = await stage.OnH1Async(Asks);
                _ = await stage.OnH2Async(Files + "\n" +
                    """
                    path=$(path_of a)
                    setsid nsenter --net="$path" ping -q -n -i 0.2 10.88.0.11 >/tmp/lab-ping 2>&1 </dev/null &
                    pinger=$!
                    before=$(service_pid)
                    install_packages "$new" >/dev/null
                    replaced() { [ "$(service_pid)" != "$before" ] && answers; }
                    eventually replaced >/dev/null
                    never [ "$(version_of)" = 0.0.9 ]
                    netctl diff --exit-code
                    same 'a b' "$(sandboxes | xargs)" 'sandboxes after the upgrade'
                    kill -INT "$pinger"
                    wait "$pinger" || true
                    grep -q ' 0% packet loss' /tmp/lab-ping || { cat /tmp/lab-ping; false; }
                    """);
                _ = await stage.OnH1Async(Answered);
                _ = await stage.OnH2Async(Files + "\n" + Traces + "\n" +
                    """
                    { netd --purge --dry-run 2>&1 || true; } | has 'in use by process'
                    # Removed: nothing in the kernel, intent on the disk.
                    service_stop
                    dpkg --force-unsafe-io --remove netd >/tmp/lab-removal 2>&1 || { cat /tmp/lab-removal; false; }
                    grep -q 'network shop (bridge)' /tmp/lab-removal
                    grep -q 'endpoint a on shop' /tmp/lab-removal
                    grep -q 'network lan (macvlan)' /tmp/lab-removal
                    never bash -c "ip -o link | grep -E ': (ms|dm)-|$TRUNK\.50@'"
                    bare
                    never nft list table inet netd
                    same 0 "$(cat /proc/sys/net/ipv4/ip_forward)" forwarding
                    [ -e /var/lib/netd/netd.db ]
                    # Installed again: the network is back.
                    install_packages "$new" >/dev/null
                    networks | has '^shop$'
                    networks | has '^lan$'
                    eventually netctl diff --exit-code >/dev/null
                    service_stop
                    dpkg --force-unsafe-io --purge netd >/dev/null 2>&1
                    traces >/tmp/lab-after
                    diff -U0 /tmp/lab-before /tmp/lab-after
                    """);
            }
            finally
            {
                _ = await stage.OnH1Async("touch /run/lab-enough");
                _ = await stage.OnH2Async(Files + "\nif [ ! -x /usr/sbin/netd ]; then install_packages \"$new\" >/dev/null; fi");
            }
        });
}
