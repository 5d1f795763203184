using Networking.Kernel;
using Networking.Model;

namespace Networking.Netd.Firewall;

/// <summary>The user's rules in iptables, where the host's firewall is another one.</summary>
internal static class UserRules
{
    /// <summary>What to do with them.</summary>
    public const string Elsewhere = "write them in a chain of your own at nf_tables' forward hook, then iptables -F and -X " + Ownership.IptablesUserChain + ", ip6tables too";

    /// <summary>A sentence, if there are any that nobody asks, or if that cannot be known; else null.</summary>
    public static async Task<string?> NotAskedByAsync(FirewallChoice choice, IFeatureProbe features, CancellationToken cancellationToken)
    {
        if (choice.Backend == FirewallBackend.Iptables)
        {
            return null;
        }

        try
        {
            return await features.UserRulesAsync(cancellationToken) switch
            {
                0 => null,
                1 => $"the rule in {Ownership.IptablesUserChain} stands, but nothing leads there while the firewall is {choice.Word}: what it drops passes",
                var count => $"the {count} rules in {Ownership.IptablesUserChain} stand, but nothing leads there while the firewall is {choice.Word}: what they drop passes",
            };
        }
        catch (KernelException e) // programs that do not work are no reason to stay with them
        {
            return $"whether rules of yours stand in {Ownership.IptablesUserChain}, where nothing leads while the firewall is {choice.Word}, is not known: {e.Message}";
        }
    }
}
