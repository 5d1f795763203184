namespace Networking.Netlab.Providers;

/// <summary>
/// What the hosts' cables are plugged into: two bridges in the lab's own namespace. The trunk passes tagged frames as they
/// are; neither has an address, so the lab itself is no host.
/// </summary>
/// <remarks>
/// <code>
///      h1 eth0 ── lan1 ─┐            ┌─ lan2 ── eth0 h2
///                       └─ br-lan ───┘
///      h1 eth1 ─ trunk1 ┐            ┌ trunk2 ─ eth1 h2
///                       └─ br-trunk ─┘
/// </code>
/// </remarks>
internal static class Switch
{
    public static Task OpenAsync(CancellationToken cancellationToken) => Tool.ShellAsync(
        """
        ip link set lo up
        for bridge in br-lan br-trunk; do
            ip link add "$bridge" type bridge mcast_snooping 0
            ip link set "$bridge" up
        done
        for value in iptables ip6tables arptables; do
            [ ! -e "/proc/sys/net/bridge/bridge-nf-call-$value" ] || echo 0 >"/proc/sys/net/bridge/bridge-nf-call-$value"
        done
        """,
        cancellationToken);

    /// <summary>The name of a cable's end at the switch.</summary>
    public static string Cable(string bridge, int host) => $"{bridge}{host}";

    /// <summary>Pulls a host's cable out, or puts it back.</summary>
    public static Task PlugAsync(int host, bool isIn, CancellationToken cancellationToken) =>
        Tool.ShellAsync($"ip link set {Cable("lan", host)} {(isIn ? "up" : "down")}", cancellationToken);
}
