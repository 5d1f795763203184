using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>How one place shall be: its chains with their lines, and its jumps.</summary>
internal sealed class IptablesTarget
{
    private readonly SortedDictionary<string, IReadOnlyList<IptablesLine>> _ordered = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, IReadOnlyList<IptablesLine>> _unordered = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _jumps = new(StringComparer.Ordinal);
    private readonly IptablesPlace _place;

    private IptablesTarget(IptablesPlace place) => _place = place;

    /// <summary>As the model says.</summary>
    public static IptablesTarget Of(IptablesPlace place, IptablesLayout layout, IptablesModel model)
    {
        var target = new IptablesTarget(place);
        foreach (var ((_, chain), lines) in layout.Chains.Where(c => c.Key.Place == place))
        {
            target._ordered[chain] = lines;
        }

        foreach (var ((_, chain), site) in layout.SiteChains.Where(c => c.Key.Place == place))
        {
            target._unordered[chain] = [.. model.ElementsOf(site.Lookup.Set).SelectMany(site.LinesOf)];
        }

        foreach (var ((_, builtIn), chain) in layout.Jumps.Where(j => j.Key.Place == place))
        {
            target._jumps[builtIn] = chain;
        }

        return target;
    }

    /// <summary>As it was.</summary>
    public static IptablesTarget Of(IptablesPlace place, IptablesSnapshot before)
    {
        var target = new IptablesTarget(place);
        foreach (var (chain, lines) in before[place])
        {
            if (chain == IptablesChainName.User)
            {
                continue;
            }

            if (IptablesChainName.IsOurs(chain))
            {
                target._ordered[chain] = [.. lines];
            }
            else if (lines.Select(IptablesJump.TargetOf).FirstOrDefault(static t => t is not null) is { } jump)
            {
                target._jumps[chain] = jump;
            }
        }

        return target;
    }

    /// <summary>What leads from what stands to this. Chains that are as they shall be are not touched.</summary>
    /// <param name="current">What stands.</param>
    /// <param name="mayBeLater">Whether other tools may stand before our jumps.</param>
    /// <param name="isKnown">Whether what stands there is known to be of our making.</param>
    /// <exception cref="KernelException">A chain of our name is somebody else's.</exception>
    public IptablesChange From(IptablesSnapshot current, bool mayBeLater, bool isKnown)
    {
        var change = new IptablesChange(_place);
        var isOurs = isKnown || current.HasOurComment(_place);
        var user = current.Find(_place, IptablesChainName.User);
        if (_place.Table == IptablesPlace.Filter && _ordered.Count > 0 && user is null)
        {
            change.MakeUser();
        }
        else if (_ordered.Count == 0 && user is { Count: 0 })
        {
            change.DeleteUser();
        }

        foreach (var (chain, lines) in _ordered.Concat(_unordered))
        {
            var standing = current.Find(_place, chain);
            if (standing is { Count: > 0 } && !isOurs)
            {
                throw SystemCalls.Refused(
                    Errno.Exists,
                    $"use chain {chain} of {_place}",
                    $"it has rules of somebody else ('{standing[0].Text}'); names that begin with {Ownership.IptablesPrefix} are netd's: rename the chain, or empty it with {(_place.IsIpv6 ? "ip6tables" : "iptables")} -t {_place.Table} -F {chain}");
            }

            Compare(change, chain, lines, standing, isOrdered: _ordered.ContainsKey(chain));
        }

        foreach (var chain in current.OwnChains(_place).Where(c => c != IptablesChainName.User && !_ordered.ContainsKey(c) && !_unordered.ContainsKey(c)))
        {
            change.Delete(chain);
        }

        CompareJumps(change, current, mayBeLater);
        return change;
    }

    private static void Compare(IptablesChange change, string chain, IReadOnlyList<IptablesLine> lines, List<IptablesLine>? standing, bool isOrdered)
    {
        var comments = lines.Select(static l => l.Comment);
        if (standing is not null && comments.SequenceEqual(standing.Select(static l => l.Comment)))
        {
            return;
        }

        var known = standing?.Select(static l => l.Comment).ToHashSet(StringComparer.Ordinal);
        if (isOrdered || standing is null || known!.Count < standing.Count || standing.Exists(static l => !l.IsOurs))
        {
            change.Rewrite(chain, lines);
            return;
        }

        var wanted = comments.ToHashSet(StringComparer.Ordinal);
        foreach (var line in standing.Where(l => !wanted.Contains(l.Comment)))
        {
            change.Remove(chain, line);
        }

        foreach (var line in lines.Where(l => !known.Contains(l.Comment)))
        {
            change.Add(chain, line);
        }
    }

    private void CompareJumps(IptablesChange change, IptablesSnapshot current, bool mayBeLater)
    {
        foreach (var (builtIn, chain) in _jumps)
        {
            var lines = current.Find(_place, builtIn);
            if (IptablesJump.ProblemOf(lines, chain, mayBeLater) is not null)
            {
                change.Jump(builtIn, JumpsOf(lines), IptablesJump.To(chain));
            }
        }

        foreach (var (chain, lines) in current[_place].Where(c => !IptablesChainName.IsOurs(c.Key) && !_jumps.ContainsKey(c.Key)))
        {
            if (JumpsOf(lines) is { Length: > 0 } old)
            {
                change.Jump(chain, old, null);
            }
        }
    }

    private static IptablesLine[] JumpsOf(List<IptablesLine>? lines) => [.. (lines ?? []).Where(static l => IptablesJump.TargetOf(l) is not null)];
}
