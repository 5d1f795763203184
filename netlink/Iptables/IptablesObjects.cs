using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>Which objects of the model are in iptables: those that name its table.</summary>
internal static class IptablesObjects
{
    /// <summary>True if the object is.</summary>
    public static bool Contains(KernelObject item) => item switch
    {
        FirewallTableState table => table.Name == Ownership.IptablesTable,
        FirewallSetState set => set.Table == Ownership.IptablesTable,
        FirewallChainState chain => chain.Table == Ownership.IptablesTable,
        FirewallElementState element => element.Table == Ownership.IptablesTable,
        _ => false,
    };
}
