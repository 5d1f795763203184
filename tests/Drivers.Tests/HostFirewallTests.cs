using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers.Tests;

/// <summary>One model of the host's firewall, in the table of whichever backend there is.</summary>
public sealed class HostFirewallTests
{
    private static readonly NodeView s_node = new()
    {
        OwnerTag = "netd:0badcafe",
        NeedsFirewall = true,
        NeedsForwarding4 = true,
        ForeignChains = [new ForeignChain("ip", "filter", "FORWARD")],
        AdmissionMark = 1,
    };

    [Fact]
    public void The_same_objects_are_in_either_table_and_nowhere_without_one()
    {
        var desired = NodeComposer.Desired(s_node);
        Assert.Same(desired, HostFirewall.In(desired, FirewallBackend.Nftables));
        var moved = HostFirewall.In(desired, FirewallBackend.Iptables);
        Assert.Equal(desired.Count, moved.Count);
        Assert.DoesNotContain(moved.Objects, static o => o is FirewallElementState { Table: Ownership.FirewallTable } or FirewallChainState { Table: Ownership.FirewallTable });
        Assert.Equal(
            desired.Objects.OfType<FirewallChainState>().SelectMany(static c => c.Rules).Select(static r => r.Comment),
            moved.Objects.OfType<FirewallChainState>().SelectMany(static c => c.Rules).Select(static r => r.Comment));
        Assert.All(HostFirewall.In(desired, FirewallBackend.None).Objects, static o => Assert.IsType<SysctlState>(o));
        Assert.Empty(HostFirewall.In(NodeComposer.Admissions(s_node), FirewallBackend.None).Objects);
    }

    [Fact]
    public void A_sandboxs_own_firewall_is_not_touched()
    {
        var own = KernelState.Of(new FirewallTableState { Namespace = new NetNs(5), Name = Ownership.FirewallTable });
        Assert.Same(own, HostFirewall.In(own, FirewallBackend.Iptables));
    }
}
