using Networking.Model;

namespace Networking.Kernel;

/// <summary>
/// Namespaces that could not be read. Each is remembered once and read again after a second, for as long as a scope has
/// anything there. Scopes in doubt there wait for that reading, whose end looks at them again; all others go on.
/// </summary>
public sealed partial class Reconciler
{
    private static readonly TimeSpan s_readAgainAfter = TimeSpan.FromSeconds(1);

    private readonly SortedDictionary<NetNs, string> _unread = []; // with what was said to the last try
    private readonly HashSet<NetNs> _unseen = []; // not read since the start that asked for it: nothing is known of them
    private DateTimeOffset _readAgainAt; // as it is shown
    private bool _isReadingAgain;

    // Of what a start finds in these namespaces nothing is known before they are read, also not by scopes that come meanwhile.
    private void ExpectToSee(IEnumerable<ScopeChange> changes) =>
        _unseen.UnionWith(changes.SelectMany(static c => c.Desired?.Keys ?? []).Select(static k => k.Namespace).Append(NetNs.Host));

    // What a scope gives up before it was seen may stand all the same, so the scope stays until a reading has told. Then
    // whatever bears our mark is nobody's and goes; a value below /proc/sys bears none, so it stays the scope's to put back.
    private void KeepUnseen(ScopeEntry entry, KernelState desired)
    {
        foreach (var item in _unseen.Count == 0 ? [] : entry.Desired.Objects)
        {
            if (desired.Contains(item.Key) || !_unseen.Contains(item.Namespace))
            {
                continue;
            }

            _ = (entry.LeftUnseen ??= []).Add(item.Namespace);
            if (item is SysctlState { Original: not null })
            {
                entry.InDoubt[item.Key] = item;
                _doubters[item.Key] = entry.Id;
            }
        }
    }

    // What a value was before is nowhere in the kernel: the shadow has it from what is asked for.
    private void RememberOriginals(ScopeEntry entry)
    {
        foreach (var sysctl in entry.Desired.Objects.OfType<SysctlState>())
        {
            if (entry.Observed[sysctl.Key] is SysctlState observed && observed.Original != sysctl.Original)
            {
                SetObserved(entry, entry.Observed.With(observed with { Original = sysctl.Original }));
            }
        }
    }

    // A scope in doubt is read before its next step.
    private bool WaitsForReading(ScopeEntry entry)
    {
        if (!entry.IsSuspect)
        {
            return false;
        }

        var namespaces = NamespacesOf(entry).ToArray();
        if (namespaces.Length == 0)
        {
            entry.IsSuspect = false; // without objects it has none in doubt, and no reading would say so
            return false;
        }

        var unread = namespaces.Where(_unread.ContainsKey).Order().Take(1).ToArray();
        if (unread is [var ns])
        {
            // Not asked for here: who waits is looked at after every failed try, and would ask again at once, without end.
            SetStatus(entry, InWork(entry), _unread[ns], _readAgainAt);
            Wake(entry.Id);
        }
        else
        {
            // It stays suspect until a reading of its namespaces is taken in, which marks it dirty again.
            RequestObservation(namespaces, isFold: true, null);
        }

        return true;
    }

    // What was read clears a namespace, what was refused is tried again; told when it begins, not at every try.
    private void NoteUnread(Dictionary<NetNs, KernelState> states, Dictionary<NetNs, Exception> failures)
    {
        _unseen.ExceptWith(states.Keys);
        foreach (var ns in states.Keys)
        {
            _ = _unread.Remove(ns);
        }

        if (failures.Count == 0)
        {
            return;
        }

        foreach (var (ns, error) in failures.OrderBy(static f => f.Key))
        {
            var reason = Unreadable(ns, error);
            if (!_unread.ContainsKey(ns))
            {
                _listener.DriftFound(ScopeId.Node, $"{reason}; trying again every second");
            }

            _unread[ns] = reason;
        }

        if (!_isReadingAgain)
        {
            (_isReadingAgain, _readAgainAt) = (true, _time.GetUtcNow() + s_readAgainAfter);
            Schedule(s_readAgainAfter, ReadAgain);
        }

        foreach (var entry in _scopes.Values.Where(e => e.IsSuspect && NamespacesOf(e).Any(failures.ContainsKey)))
        {
            MarkDirty(entry);
        }
    }

    private void ReadAgain()
    {
        _isReadingAgain = false;
        var inUse = _scopes.Values.SelectMany(NamespacesOf).Append(NetNs.Host).ToHashSet();
        foreach (var ns in _unread.Keys.Where(n => !inUse.Contains(n)).ToArray())
        {
            _ = _unread.Remove(ns);
            _ = _unseen.Remove(ns);
        }

        if (_unread.Count > 0)
        {
            RequestObservation(_unread.Keys.ToArray(), isFold: true, null);
        }
    }

    private static string Unreadable(NetNs ns, Exception error) => $"cannot read {ns}: {error.Message}";

    private static KernelException Unreadable(Dictionary<NetNs, Exception> failures)
    {
        var reasons = failures.OrderBy(static f => f.Key).Take(ReasonsMax).Select(static f => Unreadable(f.Key, f.Value));
        var more = failures.Count > ReasonsMax ? $"; nor {failures.Count - ReasonsMax} more" : string.Empty;
        return new KernelException(string.Join("; ", reasons) + more, failures.MinBy(static f => f.Key).Value);
    }
}
