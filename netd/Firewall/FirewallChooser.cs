using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Configuration;

namespace Networking.Netd.Firewall;

/// <summary>Chooses the host's firewall from what was asked for and what there is. Pure.</summary>
internal static class FirewallChooser
{
    /// <summary>What a word asks for; null if it is none.</summary>
    public static FirewallWish? Parse(string word) => word switch
    {
        "auto" => FirewallWish.Auto,
        "nftables" => FirewallWish.Nftables,
        "iptables" => FirewallWish.Iptables,
        "none" => FirewallWish.None,
        _ => null,
    };

    /// <summary>The choice, or why there is none.</summary>
    /// <param name="wish">What was asked for.</param>
    /// <param name="facts">What there is.</param>
    /// <param name="problem">Why what was asked for cannot be had, a sentence with what to do; null if it can.</param>
    public static FirewallChoice? Choose(FirewallWish wish, FirewallFacts facts, out string? problem)
    {
        problem = null;
        switch (wish)
        {
            case FirewallWish.None:
                return new FirewallChoice(FirewallBackend.None, "asked for; netd filters and translates nothing")
                {
                    Warning = "nothing keeps networks apart, translates their addresses, publishes their ports or guards the host: other means must",
                };
            case FirewallWish.Nftables:
                return new FirewallChoice(FirewallBackend.Nftables, "asked for") { Warning = facts.NftablesProblem };
            case FirewallWish.Iptables when facts.IptablesVersion is not null:
                return Iptables("asked for", facts);
            case FirewallWish.Iptables:
                problem = $"--firewall iptables: {facts.IptablesProblem}; apt-get install iptables, or give --firewall nftables";
                return null;
            default:
                return Choose(facts);
        }
    }

    private static FirewallChoice Choose(FirewallFacts facts) => (facts.NftablesProblem, facts.IptablesVersion) switch
    {
        (null, _) => new(FirewallBackend.Nftables, "chosen by auto, because this kernel has nf_tables with NAT: one transaction a change, one lookup a packet"),
        ({ } refused, not null) => Iptables($"chosen by auto, because the kernel refuses what netd needs of nf_tables ({refused})", facts) with
        {
            Warning = facts.IsIptablesLegacy ? null : "these programs need nf_tables as well: update-alternatives --set iptables /usr/sbin/iptables-legacy, the same for ip6tables, then start netd again",
        },
        ({ } refused, null) => new(FirewallBackend.Nftables, "chosen by auto, though neither works here")
        {
            Warning = $"the kernel says to nf_tables: {refused}; and {facts.IptablesProblem}. Use a kernel with CONFIG_NF_TABLES_INET and CONFIG_NFT_NAT, or apt-get install iptables",
        },
    };

    private static FirewallChoice Iptables(string reason, FirewallFacts facts) => new(FirewallBackend.Iptables, $"{reason}; {facts.IptablesVersion}")
    {
        IsLegacy = facts.IsIptablesLegacy,
    };
}
