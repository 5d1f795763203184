using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <content>Reading for which interfaces others forward.</content>
public sealed partial class FirewallTransport
{
    private const int LinkRulesMax = 16_384;
    private const int ForeignLinksMax = 64;
    private const string Loopback = "lo";

    /// <summary>Interfaces that others have rules for, in forward chains and those reached from them, ordered.</summary>
    /// <exception cref="KernelException">A dump was refused, or changes came between again and again (EINTR).</exception>
    public IReadOnlyList<ForeignLink> ReadForeignLinks() => Attempt("read for which interfaces others forward", TryReadLinks);

    private List<ForeignLink>? TryReadLinks()
    {
        var chains = new List<(byte Family, string Table, string Chain)>();
        if (!TryReadForeignChains((family, _, chain) =>
        {
            if (chain.Base is { Hook: FirewallHook.Forward } && chains.Count < ForeignChainsMax)
            {
                chains.Add((family, chain.Table, chain.Name));
            }
        }))
        {
            return null;
        }

        return chains.Count == 0 ? [] : ReadLinksOf(chains);
    }

    private List<ForeignLink>? ReadLinksOf(List<(byte Family, string Table, string Chain)> chains)
    {
        var found = new Dictionary<(bool IsIpv6, string Name), bool>();
        foreach (var table in chains.GroupBy(static c => (c.Family, c.Table), static c => c.Chain))
        {
            var rules = new List<(string Chain, ForeignLinkRule Rule)>();
            if (!TryReadLinkRules(table.Key.Family, table.Key.Table, rules))
            {
                return null;
            }

            var isClosed = table.Key.Table == ForeignRemedies.Firewalld; // it is asked for every packet, whatever mark it bears
            foreach (var rule in Reached(table, rules.ToLookup(static r => r.Chain, static r => r.Rule)).Where(static r => r.IsOfForwarder))
            {
                foreach (var isIpv6 in FamiliesOf(table.Key.Family))
                {
                    Take(found, isIpv6, rule.Input, isGuarded: false);
                    Take(found, isIpv6, rule.Output, rule.Guards && !isClosed);
                }
            }
        }

        return [.. found
            .Select(static f => new ForeignLink(f.Key.IsIpv6, f.Key.Name, f.Value))
            .OrderBy(static l => (l.IsIpv6, l.Name))];
    }

    private static IEnumerable<bool> FamiliesOf(byte family) => family switch
    {
        FirewallWire.FamilyIpv4 => [false],
        FirewallWire.FamilyIpv6 => [true],
        _ => [false, true],
    };

    private static void Take(Dictionary<(bool IsIpv6, string Name), bool> found, bool isIpv6, string? name, bool isGuarded)
    {
        if (name is not (null or Loopback) && (found.Count < ForeignLinksMax || found.ContainsKey((isIpv6, name))))
        {
            found[(isIpv6, name)] = isGuarded || found.GetValueOrDefault((isIpv6, name));
        }
    }

    private static IEnumerable<ForeignLinkRule> Reached(IEnumerable<string> from, ILookup<string, ForeignLinkRule> rules)
    {
        var seen = new HashSet<string>(from);
        var next = new Queue<string>(seen);
        while (next.TryDequeue(out var chain))
        {
            foreach (var rule in rules[chain])
            {
                yield return rule;
                if (rule.Target is { } target && seen.Add(target))
                {
                    next.Enqueue(target);
                }
            }
        }
    }

    private bool TryReadLinkRules(byte family, string table, List<(string Chain, ForeignLinkRule Rule)> rules) =>
        TryReadRulesOf(family, table, null, attributes =>
        {
            // Where our firewall is iptables, its chains stand in tables of others.
            if (rules.Count < LinkRulesMax && ReadLinkRule(attributes) is var (chain, rule)
                && (rule.Target is not null || rule.IsOfForwarder) && !IptablesChainName.IsOurs(chain))
            {
                rules.Add((chain, rule));
            }
        });

    internal static (string Chain, ForeignLinkRule Rule) ReadLinkRule(AttributeReader attributes)
    {
        var (chain, rule) = (string.Empty, default(ForeignLinkRule));
        while (attributes.MoveNext())
        {
            if (attributes.Type == (ushort)FirewallRuleAttribute.Chain)
            {
                chain = attributes.GetString();
            }
            else if (attributes.Type == (ushort)FirewallRuleAttribute.Expressions)
            {
                rule = ForeignLinkRule.Read(new FirewallExpressionReader(attributes.Nested()));
            }
        }

        return (chain, rule);
    }
}
