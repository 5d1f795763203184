using Networking.Kernel;

namespace Networking.Netlink;

/// <content>Reading which destinations others rewrite, and which they drop.</content>
public sealed partial class FirewallTransport
{
    private const int ForeignRulesMax = 4_096;
    private const int ForeignSetsMax = 256;

    /// <summary>Rules of others that rewrite destinations, in nat chains at prerouting or output and in those reached from them.</summary>
    /// <exception cref="KernelException">A dump was refused, or changes came between again and again (EINTR).</exception>
    public IReadOnlyList<ForeignPortRule> ReadForeignTranslations() =>
        Attempt("read what others translate", () => TryReadPortRules(
            static hook => hook is { Hook: FirewallHook.Prerouting or FirewallHook.Output, Type: var type } && type.StartsWith("nat", StringComparison.Ordinal),
            static rule => rule.Translates));

    /// <summary>
    /// Rules of others that drop packets to a port or an address which they name, in filter chains at a hook and in those reached from them.
    /// </summary>
    /// <exception cref="KernelException">A dump was refused, or changes came between again and again (EINTR).</exception>
    public IReadOnlyList<ForeignPortRule> ReadForeignDropRules(FirewallHook at) =>
        Attempt("read what others drop", () => TryReadPortRules(
            hook => hook.Hook == at && hook.Type.StartsWith("filter", StringComparison.Ordinal),
            static rule => rule.Drops)?.FindAll(static r => r.Ports is not null || r.Destination is not null));

    private List<ForeignPortRule>? TryReadPortRules(Predicate<BaseChain> isAsked, Predicate<ForeignNatRule> isFound)
    {
        var chains = new List<(byte Family, string FamilyName, string Table, string Chain)>();
        var isComplete = TryReadForeignChains((family, name, chain) =>
        {
            if (chain.Base is { } hook && chains.Count < ForeignChainsMax && isAsked(hook))
            {
                chains.Add((family, name, chain.Table, chain.Name));
            }
        });
        if (!isComplete)
        {
            return null;
        }

        var found = new List<ForeignPortRule>();
        foreach (var table in chains.GroupBy(static c => (c.Family, c.FamilyName, c.Table)))
        {
            var rules = new List<ForeignNatRule>();
            if (!TryReadNatRules(table.Key.Family, table.Key.Table, rules)
                || ReadSets(table.Key.Family, table.Key.Table, rules) is not { } sets)
            {
                return null;
            }

            var walk = new ForeignNatWalk(table.Key.FamilyName, table.Key.Table, rules.ToLookup(static r => r.Chain), sets, isFound);
            IReadOnlyCollection<ForeignPortRule> all = [];
            foreach (var chain in table)
            {
                all = walk.From(chain.Chain);
            }

            found.AddRange(all);
        }

        return found;
    }

    private bool TryReadNatRules(byte family, string table, List<ForeignNatRule> rules) =>
        TryReadRulesOf(family, table, null, attributes =>
        {
            // Where our firewall is iptables, its chains stand in tables of others.
            if (rules.Count < ForeignRulesMax && ForeignNatReader.Read(attributes) is var rule && !IptablesChainName.IsOurs(rule.Chain))
            {
                rules.Add(rule);
            }
        });

    private Dictionary<string, IReadOnlyList<ForeignNatKey>>? ReadSets(byte family, string table, List<ForeignNatRule> rules)
    {
        var sets = new Dictionary<string, IReadOnlyList<ForeignNatKey>>();
        foreach (var name in rules.Select(static r => r.Lookup?.Set).OfType<string>().Distinct().Take(ForeignSetsMax))
        {
            var keys = new ForeignKeyReader(ForeignRulesMax);
            if (Dump(FirewallMessageType.GetSetElement, NetlinkFlags.Dump, table, name, keys.Add, family) != DumpEnd.Complete)
            {
                return null;
            }

            sets[name] = keys.Keys();
        }

        return sets;
    }
}
