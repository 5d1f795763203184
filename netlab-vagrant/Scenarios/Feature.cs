using System.Collections.Immutable;
using Networking.Netlab.Hosts;

namespace Networking.Netlab.Scenarios;

/// <summary>What a host may lack. A scenario that needs one that is missing is not run, and says so.</summary>
internal static class Feature
{
    /// <summary>Tagged interfaces.</summary>
    public const string Vlan = "802.1Q";

    /// <summary>Devices without a cable.</summary>
    public const string Dummy = "dummy";

    /// <summary>Hosts that can stay with iptables: its programs for both families, and netd's adapter for them.</summary>
    public const string IptablesBackend = "iptables";

    /// <summary>dockerd.</summary>
    public const string Docker = "docker";

    /// <summary>ufw.</summary>
    public const string Ufw = "ufw";

    /// <summary>Hosts that start again with their disk.</summary>
    public const string Reboot = "reboot";

    /// <summary>Hosts whose plug can be pulled.</summary>
    public const string Power = "power";

    /// <summary>Units that are really run.</summary>
    public const string Systemd = "systemd";

    /// <summary>Debian packages can be installed and removed.</summary>
    public const string Packages = "packages";

    /// <summary>Cables can be pulled.</summary>
    public const string Cables = "cables";

    /// <summary>Wires that lose and delay.</summary>
    public const string Netem = "netem";

    /// <summary>Bridges that can show the IP hooks what they pass on.</summary>
    public const string BridgeNf = "br_netfilter";

    // A machine has its kernel for itself, so what is only not loaded is. Off, as it was, for the other scenarios.
    private const string Load = """
        if [ ! -e /proc/sys/net/bridge/bridge-nf-call-iptables ] && modprobe br_netfilter 2>/dev/null; then
            for value in iptables ip6tables arptables; do echo 0 >"/proc/sys/net/bridge/bridge-nf-call-$value"; done
        fi

        """;

    // Each by trying, on a host; nothing is left.
    private const string Probe = $$"""
        try() { if "$@" >/dev/null 2>&1; then true; else false; fi; }
        if try ip link add link "$TRUNK" name lab-probe type vlan id 4000; then echo "{{Vlan}}"; ip link del lab-probe; fi
        if try ip link add lab-probe type dummy; then echo "{{Dummy}}"; ip link del lab-probe; fi
        if try tc qdisc replace dev "$TRUNK" root netem delay 1ms; then echo "{{Netem}}"; tc qdisc del dev "$TRUNK" root; fi
        if try iptables-restore --version && try ip6tables-restore --version && netd --help | grep -qE -- '--firewall( |$)'; then echo "{{IptablesBackend}}"; fi
        if [ -e /proc/sys/net/bridge/bridge-nf-call-iptables ]; then echo "{{BridgeNf}}"; fi
        if try dockerd --version && try docker --version; then echo "{{Docker}}"; fi
        if command -v ufw >/dev/null; then echo "{{Ufw}}"; fi
        """;

    /// <summary>What a host can do, found out on it.</summary>
    /// <param name="host">The host.</param>
    /// <param name="isMachine">Whether it has a kernel of its own.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ImmutableHashSet<string>> ProbeAsync(LabHost host, bool isMachine, CancellationToken cancellationToken) =>
        [.. (await host.RunAsync((isMachine ? Load : string.Empty) + Probe, cancellationToken))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
}
