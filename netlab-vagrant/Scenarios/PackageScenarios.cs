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

    public static Scenario InstallUpgradePurge { get; } = new(
        "deb-install-upgrade-purge", "installed from packages, upgraded under traffic without a lost packet, removed and purged without a trace", [Feature.Packages], static async stage =>
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
                    reaches a 10.88.0.11
                    """);
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
                _ = await stage.OnH2Async(Files + "\n" + Traces + "\n" +
                    """
                    { netd --purge --dry-run 2>&1 || true; } | has 'in use by process'
                    # Removed: nothing in the kernel, intent on the disk.
                    service_stop
                    dpkg --force-unsafe-io --remove netd >/tmp/lab-removal 2>&1 || { cat /tmp/lab-removal; false; }
                    grep -q 'network shop (bridge)' /tmp/lab-removal
                    grep -q 'endpoint a on shop' /tmp/lab-removal
                    bare
                    never nft list table inet netd
                    same 0 "$(cat /proc/sys/net/ipv4/ip_forward)" forwarding
                    [ -e /var/lib/netd/netd.db ]
                    # Installed again: the network is back.
                    install_packages "$new" >/dev/null
                    same shop "$(networks)" 'networks after the second installation'
                    eventually netctl diff --exit-code >/dev/null
                    service_stop
                    dpkg --force-unsafe-io --purge netd >/dev/null 2>&1
                    traces >/tmp/lab-after
                    diff -U0 /tmp/lab-before /tmp/lab-after
                    """);
            }
            finally
            {
                _ = await stage.OnH2Async(Files + "\nif [ ! -x /usr/sbin/netd ]; then install_packages \"$new\" >/dev/null; fi");
            }
        });
}
