using System.Text;

namespace Networking.Netlink;

/// <summary>What is done to one table of one family: as text for iptables-restore, and to our own picture of it.</summary>
internal sealed class IptablesChange(IptablesPlace place)
{
    private readonly SortedDictionary<string, IReadOnlyList<IptablesLine>> _rewritten = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _deleted = new(StringComparer.Ordinal);
    private readonly List<(string Chain, IptablesLine Line)> _removed = [];
    private readonly List<(string Chain, IptablesLine Line)> _added = [];
    private readonly List<(string BuiltIn, IReadOnlyList<IptablesLine> Old, IptablesLine? New)> _jumps = [];
    private bool _makesUser;
    private bool _deletesUser;

    public IptablesPlace Place => place;

    public bool IsEmpty =>
        _rewritten.Count + _deleted.Count + _removed.Count + _added.Count + _jumps.Count == 0 && !_makesUser && !_deletesUser;

    /// <summary>How many lines it has.</summary>
    public int Count => _rewritten.Sum(static c => c.Value.Count + 1) + _deleted.Count + _removed.Count + _added.Count + (2 * _jumps.Count);

    /// <summary>True if a jump goes back to the front, past rules of others.</summary>
    public bool MovesJump => _jumps.Exists(static j => j is { Old.Count: 1, New: not null });

    /// <summary>The user's chain is made.</summary>
    public void MakeUser() => _makesUser = true;

    /// <summary>The user's chain, empty, is taken away.</summary>
    public void DeleteUser() => _deletesUser = true;

    /// <summary>A chain is made, or emptied, and filled.</summary>
    public void Rewrite(string chain, IReadOnlyList<IptablesLine> lines) => _rewritten[chain] = lines;

    /// <summary>A chain is emptied and taken away.</summary>
    public void Delete(string chain) => _ = _deleted.Add(chain);

    /// <summary>A line is taken out of a chain.</summary>
    public void Remove(string chain, IptablesLine line) => _removed.Add((chain, line));

    /// <summary>A line is added at a chain's end.</summary>
    public void Add(string chain, IptablesLine line) => _added.Add((chain, line));

    /// <summary>Jumps of a chain of the kernel's own are replaced by one at its head, or by none.</summary>
    public void Jump(string builtIn, IReadOnlyList<IptablesLine> old, IptablesLine? jump) => _jumps.Add((builtIn, old, jump));

    /// <summary>
    /// Writes the table. A line <c>:CHAIN</c> makes a chain or empties one, so all of them stand before the first rule; chains
    /// go last, when nothing leads to them any more.
    /// </summary>
    public void WriteTo(StringBuilder text)
    {
        _ = text.Append('*').Append(place.Table).Append('\n');
        if (_makesUser)
        {
            _ = text.Append("-N ").Append(IptablesChainName.User).Append('\n'); // not ':', which would empty one that came meanwhile
        }

        foreach (var chain in _rewritten.Keys.Concat(_deleted))
        {
            _ = text.Append(':').Append(chain).Append(" - [0:0]\n");
        }

        foreach (var (chain, line) in _removed)
        {
            Write(text, "-D", chain, line);
        }

        foreach (var (chain, line) in _rewritten.SelectMany(static c => c.Value.Select(l => (c.Key, l))).Concat(_added))
        {
            Write(text, "-A", chain, line);
        }

        foreach (var (builtIn, old, jump) in _jumps)
        {
            foreach (var line in old)
            {
                Write(text, "-D", builtIn, line);
            }

            if (jump is { } first)
            {
                _ = text.Append("-I ").Append(builtIn).Append(" 1 ").Append(first.Text).Append('\n');
            }
        }

        foreach (var chain in _deletesUser ? _deleted.Append(IptablesChainName.User) : _deleted)
        {
            _ = text.Append("-X ").Append(chain).Append('\n');
        }

        _ = text.Append("COMMIT\n");
    }

    /// <summary>Does the same to the picture.</summary>
    public void ApplyTo(IptablesSnapshot snapshot)
    {
        if (_makesUser)
        {
            _ = snapshot.Begin(place, IptablesChainName.User);
        }

        foreach (var group in _removed.GroupBy(static r => r.Chain, static r => r.Line.Comment))
        {
            var comments = group.ToHashSet(StringComparer.Ordinal);
            _ = snapshot.Find(place, group.Key)?.RemoveAll(l => comments.Contains(l.Comment));
        }

        foreach (var (chain, lines) in _rewritten)
        {
            snapshot.Begin(place, chain).AddRange(lines);
        }

        foreach (var (chain, line) in _added)
        {
            (snapshot.Find(place, chain) ?? snapshot.Begin(place, chain)).Add(line);
        }

        foreach (var (builtIn, _, jump) in _jumps)
        {
            var lines = snapshot.Find(place, builtIn) ?? snapshot.Begin(place, builtIn);
            _ = lines.RemoveAll(static l => IptablesJump.TargetOf(l) is not null);
            if (jump is { } first)
            {
                lines.Insert(0, first);
            }
        }

        foreach (var chain in _deletesUser ? _deleted.Append(IptablesChainName.User) : _deleted)
        {
            snapshot.Remove(place, chain);
        }
    }

    private static void Write(StringBuilder text, string verb, string chain, IptablesLine line) =>
        text.Append(verb).Append(' ').Append(chain).Append(' ').Append(line.Text).Append('\n');
}
