using System.Collections.Immutable;
using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>
/// The chains of the model as chains of iptables: which there are in each family and table, what stands in them, and where
/// the elements of each set go. Pure; made anew when a chain changes, not when an element does.
/// </summary>
/// <remarks>
/// iptables has no sets of its own, so a rule that looks into one becomes a jump into a chain that holds the set's elements:
/// <code>
///   FORWARD ─► NETD-FORWARD ─► NETD-USER
///                  │ answers #1f00ab3c ─► NETD-FORWARD-1F00AB3C: -o br-a -g NETD-ADMIT
///                  ▼                                             -o br-b -g NETD-ADMIT
/// </code>
/// What was one lookup is one comparison for each element; the same element stands once for each rule that asks for it.
/// </remarks>
internal sealed class IptablesLayout
{
    private readonly SortedDictionary<(IptablesPlace Place, string Chain), ImmutableArray<IptablesLine>> _chains = new(Comparer);
    private readonly SortedDictionary<(IptablesPlace Place, string BuiltIn), string> _jumps = new(Comparer);
    private readonly Dictionary<(IptablesPlace Place, string Chain), string> _owners = [];
    private readonly List<IptablesSite> _sites = [];
    private readonly Dictionary<string, FirewallChainState> _model;
    private readonly bool _hasBridgeFilter;

    private IptablesLayout(IEnumerable<FirewallChainState> chains, bool hasBridgeFilter)
    {
        _model = chains.ToDictionary(static c => c.Name, StringComparer.Ordinal);
        _hasBridgeFilter = hasBridgeFilter;
        foreach (var chain in _model.Values.Where(static c => c.Base is not null).OrderBy(static c => c.Name, StringComparer.Ordinal))
        {
            var (table, builtIn) = IptablesPlace.Of(chain.Base!); // filtered above
            foreach (var place in IptablesPlace.All.Where(p => p.Table == table))
            {
                _jumps.Add((place, builtIn), IptablesChainName.Of(chain.Name));
                Write(place, chain);
            }
        }

        Sites = _sites.ToLookup(static s => s.Lookup.Set, StringComparer.Ordinal);
        SiteChains = _sites.ToDictionary(static s => (s.Place, s.Chain));
    }

    /// <summary>No chain.</summary>
    public static IptablesLayout Empty { get; } = new([], hasBridgeFilter: false);

    /// <summary>Chains with fixed lines, by place and name.</summary>
    public IReadOnlyDictionary<(IptablesPlace Place, string Chain), ImmutableArray<IptablesLine>> Chains => _chains;

    /// <summary>The one jump of each chain of the kernel's own.</summary>
    public IReadOnlyDictionary<(IptablesPlace Place, string BuiltIn), string> Jumps => _jumps;

    /// <summary>Where the elements of a set go, by its name.</summary>
    public ILookup<string, IptablesSite> Sites { get; }

    /// <summary>The same by the chain's name.</summary>
    public IReadOnlyDictionary<(IptablesPlace Place, string Chain), IptablesSite> SiteChains { get; }

    /// <summary>The chains of the model for both families and all tables.</summary>
    /// <exception cref="KernelException">A rule has no form in iptables.</exception>
    public static IptablesLayout Of(IEnumerable<FirewallChainState> chains, bool hasBridgeFilter) => new(chains, hasBridgeFilter);

    /// <summary>The chains that a chain of the model has become, with fixed lines or with elements.</summary>
    public IEnumerable<(IptablesPlace Place, string Chain)> ChainsOf(string chain) =>
        _owners.Where(o => o.Value == chain).Select(static o => o.Key);

    private static Comparer<(IptablesPlace Place, string Name)> Comparer { get; } = Comparer<(IptablesPlace Place, string Name)>.Create(static (a, b) =>
    {
        var byFamily = a.Place.IsIpv6.CompareTo(b.Place.IsIpv6);
        var byTable = byFamily != 0 ? byFamily : string.CompareOrdinal(a.Place.Table, b.Place.Table);
        return byTable != 0 ? byTable : string.CompareOrdinal(a.Name, b.Name);
    });

    private void Write(IptablesPlace place, FirewallChainState chain)
    {
        var name = IptablesChainName.Of(chain.Name);
        if (!_owners.TryAdd((place, name), chain.Name))
        {
            return; // written already: several rules lead to it
        }

        var lines = ImmutableArray.CreateBuilder<IptablesLine>();
        if (chain.Base is { Type: "filter", Hook: FirewallHook.Forward })
        {
            lines.Add(IptablesLine.Of("rules of the user", 0, string.Empty, $"-j {IptablesChainName.User}"));
        }

        foreach (var rule in chain.Rules)
        {
            if (IptablesRule.Of(rule, place.IsIpv6, _hasBridgeFilter) is not { } parts)
            {
                continue;
            }

            var targets = parts.Lookups.IsEmpty ? parts.Targets : [$"-j {IptablesChainName.OfSet(chain.Name, rule.Comment, 0)}"];
            lines.AddRange(parts.Alternatives.SelectMany(_ => targets, static (matches, target) => (matches, target))
                .Select((line, number) => IptablesLine.Of(rule.Comment, number, line.matches, line.target)));
            AddSites(place, chain.Name, rule, parts);
            foreach (var next in parts.Jumps)
            {
                Write(place, _model.TryGetValue(next, out var found) ? found
                    : throw SystemCalls.Refused(Errno.NoEntry, $"write the rule '{rule.Comment}' for iptables", $"there is no chain {next}"));
            }
        }

        _chains.Add((place, name), lines.ToImmutable());
    }

    private void AddSites(IptablesPlace place, string chain, FirewallRule rule, IptablesRule parts)
    {
        for (var i = 0; i < parts.Lookups.Length; i++)
        {
            var name = IptablesChainName.OfSet(chain, rule.Comment, i);
            ImmutableArray<string> targets = i + 1 < parts.Lookups.Length ? [$"-j {IptablesChainName.OfSet(chain, rule.Comment, i + 1)}"] : parts.Targets;
            _sites.Add(new IptablesSite(place, name, chain, parts.Lookups[i], targets));
            _owners[(place, name)] = chain;
        }
    }
}
