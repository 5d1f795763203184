using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>
/// Where the host's firewall objects are, by the backend. There is one model of tables, chains, sets and elements; drivers
/// write it for nf_tables, and what differs elsewhere is the table it is in. Sandboxes' own firewalls are not touched.
/// </summary>
public static class HostFirewall
{
    /// <summary>The same objects in the backend's table; without them if there is no backend.</summary>
    public static KernelState In(KernelState desired, FirewallBackend backend)
    {
        ArgumentNullException.ThrowIfNull(desired);
        return backend == FirewallBackend.Nftables || !desired.Objects.Any(IsOfHost)
            ? desired
            : KernelState.Of(desired.Objects
                .Where(o => backend == FirewallBackend.Iptables || !IsOfHost(o))
                .Select(static o => IsOfHost(o) ? InIptables(o) : o));
    }

    private static bool IsOfHost(KernelObject item) =>
        item.Namespace.IsHost && item is (FirewallTableState or FirewallSetState or FirewallChainState or FirewallElementState or ForeignAdmissionState);

    private static KernelObject InIptables(KernelObject item) => item switch
    {
        FirewallTableState table => table with { Name = Ownership.IptablesTable },
        FirewallSetState set => set with { Table = Ownership.IptablesTable },
        FirewallChainState chain => chain with { Table = Ownership.IptablesTable },
        FirewallElementState element => element with { Table = Ownership.IptablesTable },
        _ => item,
    };
}
