using Networking.Kernel;
using Networking.Model;

namespace Networking.Netd.Firewall;

/// <summary>Which forward chains of others stand in the way of our packets, by what our own firewall is. Pure.</summary>
internal static class ForeignObstacles
{
    /// <summary>
    /// True if our own rules stand before the chain's and decide: in iptables an accept ends the whole table, and our jump is the first rule of
    /// its FORWARD. In nf_tables an accept ends our table only.
    /// </summary>
    public static bool IsOverruled(FirewallChoice firewall, ForeignDrop drop) =>
        firewall.Backend == FirewallBackend.Iptables && firewall.IsLegacy == drop.IsLegacy && drop is { Family: "ip" or "ip6", Table: "filter", Chain: "FORWARD" };

    /// <summary>The same of a single rule in the table, in whatever chain of it.</summary>
    public static bool IsOverruled(FirewallChoice firewall, ForeignPortRule rule) =>
        firewall is { Backend: FirewallBackend.Iptables, IsLegacy: false } && rule is { Family: "ip" or "ip6", Table: "filter" };

    /// <summary>The chains that a rule of ours has to stand in.</summary>
    public static IEnumerable<ForeignChain> Of(FirewallChoice firewall, IEnumerable<ForeignDrop> drops) => drops
        .Where(d => d.AdmissionChain is not null && !IsOverruled(firewall, d))
        .Select(static d => new ForeignChain(d.Family, d.Table, d.AdmissionChain!)) // filtered above
        .Distinct()
        .OrderBy(static c => (c.Family, c.Table, c.Chain));
}
