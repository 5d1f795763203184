using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <content>
/// Reading back. A line says by its comment what it is of, so what stands is known without knowing how iptables spells it. An
/// object is there if all its lines are, in both families. A chain that is there in part is shown as differing; a wanted
/// element that is there in part is not shown, so that it is made whole, but what it has is kept until then.
/// </content>
internal sealed partial class IptablesFirewall
{
    /// <summary>Reads what of ours stands in iptables.</summary>
    /// <param name="wanted">Objects that somebody wants, or has had: their rules are known by them.</param>
    /// <param name="hasNftablesChains">Whether nf_tables shows chains of our names; asked only if it matters.</param>
    /// <exception cref="KernelException">A program failed.</exception>
    public IReadOnlyList<KernelObject> Observe(IReadOnlyCollection<KernelObject> wanted, Func<bool> hasNftablesChains)
    {
        lock (_gate)
        {
            // An earlier run may have left something: looked for until a look has shown that there is nothing.
            var ours = wanted.Where(IptablesObjects.Contains).ToArray();
            if (ours.Length == 0 && !_isActive && (!_mayHaveLeftovers || !(LegacyTables.All.Any(static t => LegacyTables.IsThere(t.IsIpv6, t.Table)) || hasNftablesChains())))
            {
                _mayHaveLeftovers = false;
                return [];
            }

            if (_tool is null && !IptablesTool.TryFind(out _tool, out _) && ours.Length == 0)
            {
                return []; // whoever has made what is there has taken the programs away
            }

            var tool = Tool();
            NoticeOthers(); // a reading may be for somebody who only wants to know
            NoteSizes(); // before reading: who comes between is seen at the next look
            var standing = tool.Read();
            (_standing, _hasBridgeFilter) = (standing, HasBridgeFilter());
            return IptablesPlace.All.Any(standing.HasOurComment) || (_made.Count > 0 && IptablesPlace.All.Any(standing.HasOurs))
                ? Recognise(standing, ours)
                : Forget(standing);
        }
    }

    private List<KernelObject> Forget(IptablesSnapshot standing)
    {
        (_model, _layout, _mayHaveLeftovers) = (IptablesModel.Empty, IptablesLayout.Empty, false);
        SetActive(false);
        _standing = standing;
        return [];
    }

    private List<KernelObject> Recognise(IptablesSnapshot standing, KernelObject[] wanted)
    {
        // What an earlier look has shown as unknown goes by iptables' own name, and is told below again.
        var chains = wanted.OfType<FirewallChainState>()
            .Where(static c => !IptablesChainName.IsOurs(c.Name) && c.Rules.All(static r => !r.Expressions.IsEmpty))
            .ToArray();
        var sets = wanted.OfType<FirewallSetState>().ToDictionary(static s => s.Name, StringComparer.Ordinal);
        var layout = IptablesLayout.Of(chains, _hasBridgeFilter);
        var model = IptablesModel.Empty with { Chains = chains.ToImmutableSortedDictionary(static c => c.Name, static c => c, StringComparer.Ordinal) };
        List<KernelObject> found = [new FirewallTableState { Namespace = NetNs.Host, Name = Ownership.IptablesTable }, .. sets.Values];
        var strangers = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var element in Elements(standing, layout, sets, wanted, strangers))
        {
            model = model.With(element.State);
            if (element.IsShown)
            {
                found.Add(element.State);
            }
        }

        found.AddRange(chains.Select(c => Shown(c, layout, standing, strangers)).OfType<FirewallChainState>());
        found.AddRange(Unknown(standing, layout));
        (_model, _layout) = (model, layout);
        SetActive(true);
        return found;
    }

    // Every element that has a line somewhere. What nobody wants is shown in any case, so that it is taken away.
    private static IEnumerable<(FirewallElementState State, bool IsShown)> Elements(
        IptablesSnapshot standing,
        IptablesLayout layout,
        Dictionary<string, FirewallSetState> sets,
        KernelObject[] wanted,
        Dictionary<string, List<string>> strangers)
    {
        var meant = wanted.OfType<FirewallElementState>().ToDictionary(static e => IptablesElement.Of(e).ToString(), StringComparer.Ordinal);
        var seen = new Dictionary<ObjectKey, FirewallElementState>();
        var lines = new Dictionary<(IptablesPlace Place, string Chain), HashSet<string>>();
        foreach (var ((place, chain), site) in layout.SiteChains)
        {
            var comments = lines[(place, chain)] = [];
            foreach (var line in standing.Find(place, chain) ?? [])
            {
                if (line.About is { } about && IptablesElement.TryParse(about, out var element) && element.Set == site.Lookup.Set && comments.Add(line.Comment!)) // has one
                {
                    var state = meant.GetValueOrDefault(about) ?? element.ToState(sets.GetValueOrDefault(element.Set));
                    _ = seen.TryAdd(state.Key, state);
                }
                else
                {
                    Note(strangers, site.Owner, $"a rule in {chain} of {place}: {line.Text}");
                }
            }
        }

        foreach (var state in seen.Values)
        {
            yield return (state, !meant.ContainsKey(IptablesElement.Of(state).ToString()) || IsWhole(state, layout, lines));
        }
    }

    private static bool IsWhole(FirewallElementState element, IptablesLayout layout, Dictionary<(IptablesPlace Place, string Chain), HashSet<string>> lines)
    {
        try
        {
            return layout.Sites[element.Set].All(s => s.LinesOf(element).All(l => lines[(s.Place, s.Chain)].Contains(l.Comment!))); // ours have one
        }
        catch (KernelException)
        {
            return false; // said of itself by a line that is none of ours after all
        }
    }

    // A chain of the model: null if nothing of it stands.
    private FirewallChainState? Shown(FirewallChainState chain, IptablesLayout layout, IptablesSnapshot standing, Dictionary<string, List<string>> strangers)
    {
        var places = layout.ChainsOf(chain.Name).ToArray();
        if (places.Length > 0 && !places.Any(c => standing.Find(c.Place, c.Chain) is not null))
        {
            return null;
        }

        var problems = new List<string>(strangers.GetValueOrDefault(chain.Name) ?? []);
        var missing = new HashSet<string>(StringComparer.Ordinal);
        foreach (var ((place, builtIn), target) in layout.Jumps.Where(j => j.Value == IptablesChainName.Of(chain.Name)))
        {
            if (IptablesJump.ProblemOf(standing.Find(place, builtIn), target, !_patience.MayMove) is { } problem)
            {
                problems.Add($"{place} {builtIn}: {problem}");
            }
        }

        foreach (var (place, name) in places)
        {
            Compare(place, name, layout, standing, missing, problems);
        }

        if (chain.Base is { Hook: FirewallHook.Forward } && !IptablesPlace.All.Where(static p => p.Table == IptablesPlace.Filter).All(p => standing.Find(p, IptablesChainName.User) is not null))
        {
            problems.Add($"no chain {IptablesChainName.User}");
        }

        return missing.Count + problems.Count == 0 ? chain : chain with
        {
            Rules = [.. chain.Rules.Where(r => !missing.Contains(r.Comment)), .. problems.Select(static p => FirewallRule.Observed(p))],
        };
    }

    private static void Compare(
        IptablesPlace place, string name, IptablesLayout layout, IptablesSnapshot standing, HashSet<string> missing, List<string> problems)
    {
        if (standing.Find(place, name) is not { } lines)
        {
            problems.Add($"no chain {name} in {place}");
            return;
        }

        if (!layout.Chains.TryGetValue((place, name), out var expected) || expected.Select(static l => l.Comment).SequenceEqual(lines.Select(static l => l.Comment)))
        {
            return;
        }

        var there = lines.Select(static l => l.Comment).ToHashSet(StringComparer.Ordinal);
        var gone = expected.Where(l => !there.Contains(l.Comment)).ToArray();
        missing.UnionWith(gone.Select(static l => l.About!)); // ours say something
        if (gone.Length == 0)
        {
            problems.Add($"other rules in {name} of {place}");
        }
    }

    // Chains of our names that nobody wants: of an earlier version, or of rules that have changed.
    private static IEnumerable<FirewallChainState> Unknown(IptablesSnapshot standing, IptablesLayout layout) => IptablesPlace.All
        .SelectMany(p => standing.OwnChains(p).Where(c => c != IptablesChainName.User && !layout.Chains.ContainsKey((p, c)) && !layout.SiteChains.ContainsKey((p, c))))
        .Distinct(StringComparer.Ordinal)
        .Select(static c => new FirewallChainState { Namespace = NetNs.Host, Table = Ownership.IptablesTable, Name = c, Rules = [] });

    private static void Note(Dictionary<string, List<string>> notes, string chain, string what)
    {
        if (!notes.TryGetValue(chain, out var list))
        {
            notes.Add(chain, list = []);
        }

        list.Add(what);
    }
}
