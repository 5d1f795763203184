using System.Text;
using Networking.Kernel;

namespace Networking.Netlink;

/// <summary>
/// Our firewall in the host's iptables. Objects of the model come in; what they change is fed as text to
/// <c>iptables-restore --noflush</c>, once for each family that it concerns. Used by one caller at a time.
/// <code>
/// operations ─► model ─► lines that differ ─► IPv4: filter, nat ─► IPv6: filter, nat ─► done: the picture follows
///                                                  │ refused           │ refused
///                                                  └─► read, put back ◄┘ ─► all refused, by the program's own words
/// </code>
/// </summary>
/// <remarks>
/// iptables knows no transaction larger than one table of one family. So whatever a batch has done before a refusal is taken
/// back before the refusal is told: the reconciler may believe that nothing was done.
/// </remarks>
internal sealed partial class IptablesFirewall
{
    private const int OwnProcessesMax = 64;
    private const int EchoMs = 2_000; // how long after a program's end the kernel's word of it may still be on its way
    private const string InitialPidNamespace = "pid:[4026531836]"; // PROC_PID_INIT_INO

    private readonly Lock _gate = new(); // guards everything below but what the next one guards
    private readonly Lock _ownGate = new(); // guards the three below: the event thread asks while a program runs
    private readonly Queue<int> _own = new();
    private int _echoes; // transactions of ours that the kernel has not told of yet
    private long _echoesUntil; // milliseconds since the machine began, when it will tell of no more
    private readonly bool _knowsProcesses = File.ResolveLinkTarget("/proc/self/ns/pid", returnFinalTarget: false)?.Name == InitialPidNamespace;
    private readonly HashSet<IptablesPlace> _made = [];
    private readonly IptablesJumpPatience _patience = new();
    private IptablesTool? _tool;
    private IptablesModel _model = IptablesModel.Empty;
    private IptablesLayout _layout = IptablesLayout.Empty;
    private IptablesSnapshot? _standing; // null while it is not known what stands
    private bool _hasBridgeFilter;
    private bool _mayHaveLeftovers = true;
    private long _restores;
    private volatile bool _isActive;

    /// <summary>True while something of ours stands in iptables, or shall.</summary>
    public bool IsActive => _isActive;

    /// <summary>True if what it changes is shown by nf_tables, with events.</summary>
    public bool IsSeenByNftables => _isActive && _tool is { IsLegacy: false };

    /// <summary>How many programs were run to change something.</summary>
    public long Restores => Interlocked.Read(ref _restores);

    /// <summary>The programs, looked for anew: a package may have come or gone, or another alternative been chosen.</summary>
    public (IptablesTool? Tool, string? Problem) FindTool()
    {
        _ = IptablesTool.TryFind(out var tool, out var problem);
        lock (_gate)
        {
            _tool ??= tool; // those that have made what stands are kept for as long as this process lives
            return (_tool, problem);
        }
    }

    /// <summary>How many rules the user's own chain has, both families; 0 without the programs.</summary>
    /// <exception cref="KernelException">A program failed.</exception>
    public int CountUserRules()
    {
        if (FindTool().Tool is not { } tool)
        {
            return 0;
        }

        var snapshot = tool.Read();
        return IptablesPlace.All.Sum(place => snapshot.Find(place, IptablesChainName.User)?.Count ?? 0);
    }

    /// <summary>
    /// True if a process that has changed nf_tables was one of those that we have started lately; asked once for each transaction. The
    /// kernel counts processes of the whole machine: in a container their numbers are not the ones we know. There as many transactions
    /// of such programs are taken for ours as ours have made, so that of one more than that somebody hears, whoever's it is.
    /// </summary>
    /// <param name="id">Its number, as the kernel tells it.</param>
    /// <param name="name">Its name, as the kernel tells it: the first fifteen characters.</param>
    public bool IsOwnProcess(int? id, string? name)
    {
        lock (_ownGate)
        {
            return _knowsProcesses ? id is { } number && _own.Contains(number)
                : name?.Contains("tables-", StringComparison.Ordinal) == true && Environment.TickCount64 <= _echoesUntil && --_echoes >= 0;
        }
    }

    /// <summary>Does all operations, or none.</summary>
    public OperationResult[] Apply(IReadOnlyList<KernelOperation> operations)
    {
        lock (_gate)
        {
            try
            {
                Change(operations);
                return new OperationResult[operations.Count];
            }
            catch (KernelException e) when (e.Error is { } error)
            {
                return [.. operations.Select((operation, i) => new OperationResult(i == 0 || error.IsTransient
                    ? error with { Operation = OperationText.Of(operation), KernelText = $"{error.Operation}: {error.KernelText}" }
                    : FirewallErrno.ToError(FirewallErrno.Canceled, OperationText.Of(operation), "not done: the batch was refused")))];
            }
        }
    }

    private void Change(IReadOnlyList<KernelOperation> operations)
    {
        var tool = Tool();
        NoticeOthers();
        _standing ??= tool.Read();
        var model = operations.Aggregate(_model, static (m, o) => m.After(o));
        var isStructural = operations.Any(static o => o.Target is not FirewallElementState);
        var layout = isStructural ? IptablesLayout.Of(model.Chains.Values, _hasBridgeFilter = HasBridgeFilter()) : _layout;
        var changes = isStructural ? Differences(layout, model) : ElementChanges(operations);
        Feed(tool, changes);
        (_model, _layout) = (model, layout);
        SetActive(!model.Chains.IsEmpty);
        NoteSizes();
    }

    private List<IptablesChange> Differences(IptablesLayout layout, IptablesModel model) =>
    [
        .. IptablesPlace.All
            .Select(p => IptablesTarget.Of(p, layout, model).From(_standing!, !_patience.MayMove, _made.Contains(p))) // read by the caller
            .Where(static c => !c.IsEmpty),
    ];

    // What is there already is not added, what is gone is not taken out: a rule that is not there would refuse all.
    private List<IptablesChange> ElementChanges(IReadOnlyList<KernelOperation> operations)
    {
        var changes = IptablesPlace.All.ToDictionary(static p => p, static p => new IptablesChange(p));
        foreach (var operation in operations)
        {
            var element = (FirewallElementState)operation.Target; // the caller has looked
            var isDeleted = operation.Verb == OperationVerb.Delete;
            var known = isDeleted ? _model.Find(element) ?? element : element;
            foreach (var site in _layout.Sites[element.Set])
            {
                var standing = _standing!.Find(site.Place, site.Chain) // read by the caller
                    ?? throw SystemCalls.Refused(Errno.Again, $"change {element.Describe()}", $"chain {site.Chain} of {site.Place} is not there yet");
                foreach (var line in site.LinesOf(known))
                {
                    var at = standing.FindIndex(l => l.Comment == line.Comment);
                    if (isDeleted && at >= 0)
                    {
                        changes[site.Place].Remove(site.Chain, standing[at]);
                    }
                    else if (!isDeleted && (at < 0 || IsDeletedBefore(operations, operation, element)))
                    {
                        changes[site.Place].Add(site.Chain, line);
                    }
                }
            }
        }

        return [.. changes.Values.Where(static c => !c.IsEmpty)];
    }

    // An element that is replaced is deleted and made in one batch.
    private static bool IsDeletedBefore(IReadOnlyList<KernelOperation> operations, KernelOperation creation, FirewallElementState element) =>
        operations.TakeWhile(o => o != creation).Any(o => o.Verb == OperationVerb.Delete && o.Key == element.Key);

    private void Feed(IptablesTool tool, List<IptablesChange> changes)
    {
        var texts = changes.GroupBy(static c => c.Place.IsIpv6).OrderBy(static g => g.Key).Select(static g => (IsIpv6: g.Key, Text: TextOf(g))).ToArray();
        try
        {
            foreach (var (isIpv6, text) in texts)
            {
                _ = Interlocked.Increment(ref _restores);
                Feed(tool, isIpv6, text);
            }
        }
        catch (KernelException refusal)
        {
            var putBack = PutBack(tool, changes);
            throw refusal.Error is not { } error ? refusal : new KernelException(error with { KernelText = $"{error.KernelText}; {putBack}" });
        }

        foreach (var change in changes)
        {
            change.ApplyTo(_standing!); // read before the change was made
            _ = _made.Add(change.Place);
            _patience.Count(change.MovesJump);
        }
    }

    private void Feed(IptablesTool tool, bool isIpv6, string text)
    {
        var commits = text.AsSpan().Count("COMMIT\n");
        Expect(commits, long.MaxValue);
        try
        {
            tool.Feed(isIpv6, text, Remember);
            Expect(0, Environment.TickCount64 + EchoMs);
        }
        catch (KernelException)
        {
            Expect(-commits, Environment.TickCount64 + EchoMs); // how many of them it has made is not known: what stands is read anew
            throw;
        }
    }

    private void Expect(int more, long until)
    {
        lock (_ownGate)
        {
            _echoes = Math.Max(0, Environment.TickCount64 > _echoesUntil ? more : _echoes + more);
            _echoesUntil = until;
        }
    }

    // What was committed before the refusal is undone; what stood before stands again, or is read before the next step.
    private string PutBack(IptablesTool tool, List<IptablesChange> changes)
    {
        var before = _standing!; // a change is made only to what is known
        _standing = null;
        try
        {
            var now = tool.Read();
            var undo = changes
                .Select(c => IptablesTarget.Of(c.Place, before).From(now, mayBeLater: true, isKnown: true))
                .Where(static c => !c.IsEmpty)
                .ToArray();
            foreach (var family in undo.GroupBy(static c => c.Place.IsIpv6).OrderBy(static g => g.Key))
            {
                Feed(tool, family.Key, TextOf(family));
            }

            var places = string.Join(", ", undo.Select(static c => c.Place.ToString()));
            return undo.Length == 0 ? "nothing was changed" : $"what was done in {places} was put back";
        }
        catch (KernelException e)
        {
            return $"what was done before it could not be put back ({e.Message}); it is read and planned again";
        }
    }

    private static string TextOf(IEnumerable<IptablesChange> changes)
    {
        var text = new StringBuilder();
        foreach (var change in changes)
        {
            change.WriteTo(text);
        }

        return text.ToString();
    }

    private void Remember(int process)
    {
        lock (_ownGate)
        {
            _own.Enqueue(process);
            while (_own.Count > OwnProcessesMax)
            {
                _ = _own.Dequeue();
            }
        }
    }

    private IptablesTool Tool()
    {
        if (_tool is null && !IptablesTool.TryFind(out _tool, out var problem))
        {
            throw SystemCalls.Refused(Errno.NoEntry, "change iptables", $"{problem}; install the package iptables, or run netd with --firewall nftables");
        }

        return _tool!; // found just now
    }

    // Bridged packets are shown to iptables where br_netfilter is loaded, as Docker and Kubernetes do.
    private static bool HasBridgeFilter() => File.Exists("/proc/sys/net/bridge/bridge-nf-call-iptables");
}
