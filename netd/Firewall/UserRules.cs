using Networking.Kernel;
using Networking.Model;

namespace Networking.Netd.Firewall;

/// <summary>The user's rules in iptables, where the host's firewall is another one.</summary>
internal static class UserRules
{
    /// <summary>What to do with them.</summary>
    public const string Elsewhere = "write them in a chain of your own at nf_tables' forward hook, then iptables -F and -X " + Ownership.IptablesUserChain + ", ip6tables too";

    /// <summary>A sentence, if there are any that nobody asks; else null.</summary>
    /// <param name="choice">The host's firewall.</param>
    /// <param name="count">How many rules the user's chain has.</param>
    public static string? NotAskedBy(FirewallChoice choice, int count) => choice.Backend == FirewallBackend.Iptables || count == 0
        ? null
        : $"the {(count == 1 ? "rule" : $"{count} rules")} in {Ownership.IptablesUserChain} {(count == 1 ? "stands" : "stand")}, but nothing leads there while the firewall is {choice.Word}: what they drop passes";
}
