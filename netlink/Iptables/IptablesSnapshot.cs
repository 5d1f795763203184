namespace Networking.Netlink;

/// <summary>
/// What stands in the tables of iptables, as far as it concerns us: chains of our names, and the kernel's own with all their
/// rules. Filled by reading; after that every change that was done is done to it too, so that nothing is read again for it.
/// </summary>
internal sealed class IptablesSnapshot
{
    private readonly Dictionary<IptablesPlace, SortedDictionary<string, List<IptablesLine>>> _places =
        IptablesPlace.All.ToDictionary(static p => p, static _ => new SortedDictionary<string, List<IptablesLine>>(StringComparer.Ordinal));

    /// <summary>The chains of a place by name.</summary>
    public IReadOnlyDictionary<string, List<IptablesLine>> this[IptablesPlace place] => _places[place];

    /// <summary>The lines of a chain; null if it is not there.</summary>
    public List<IptablesLine>? Find(IptablesPlace place, string chain) => _places[place].GetValueOrDefault(chain);

    /// <summary>Makes a chain, or empties it.</summary>
    public List<IptablesLine> Begin(IptablesPlace place, string chain)
    {
        if (_places[place].TryGetValue(chain, out var lines))
        {
            lines.Clear();
            return lines;
        }

        return _places[place][chain] = [];
    }

    /// <summary>Takes a chain away.</summary>
    public void Remove(IptablesPlace place, string chain) => _places[place].Remove(chain);

    /// <summary>Chains of our names, the user's among them.</summary>
    public IEnumerable<string> OwnChains(IptablesPlace place) => _places[place].Keys.Where(IptablesChainName.IsOurs);

    /// <summary>True if anything of ours stands in the place: a chain but for the user's, or a jump.</summary>
    public bool HasOurs(IptablesPlace place) =>
        _places[place].Any(static c => IptablesChainName.IsOurs(c.Key) ? c.Key != IptablesChainName.User : c.Value.Exists(static l => IptablesJump.TargetOf(l) is not null));

    /// <summary>True if a rule of the place bears our comment.</summary>
    public bool HasOurComment(IptablesPlace place) => _places[place].Values.Any(static lines => lines.Exists(static l => l.IsOurs));
}
