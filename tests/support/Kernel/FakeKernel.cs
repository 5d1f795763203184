using System.Collections.Immutable;
using System.Threading.Channels;
using Networking.Kernel;
using Networking.Model;

namespace Networking.TestSupport;

/// <summary>
/// A kernel in memory that keeps the promises <see cref="IKernel"/> lists and the habits of the real one that matter to a
/// reconciler: what dies with what, what is refused with which errno, what is told by an event and what silently goes.
/// </summary>
/// <remarks>
/// Everything completes synchronously unless a lane is held, so that a test with virtual time sees the same order in
/// every run. Part files: routes and links, firewall, foreign changes.
/// </remarks>
public sealed partial class FakeKernel : IKernel
{
    private readonly Lock _gate = new(); // guards everything below
    private readonly SortedDictionary<NetNs, FakeNamespace> _namespaces = [];
    private readonly List<SlowLane> _held = [];
    private readonly HashSet<(NetNs Namespace, Lane Lane)> _sending = [];
    private readonly List<Transition> _performed = [];
    private readonly List<string> _misuses = [];
    private readonly List<KernelError> _refusals = [];
    private readonly List<KernelOperation> _log = [];
    private readonly List<KernelBatch> _batches = [];
    private readonly List<string> _trace = [];
    private FakeEvents _events = new();
    private SlowDumps? _slowDumps;

    /// <summary>A kernel with the host's namespace and these others, each with its <c>lo</c>.</summary>
    public FakeKernel(params ReadOnlySpan<NetNs> namespaces)
    {
        AddNamespace(NetNs.Host);
        foreach (var ns in namespaces)
        {
            AddNamespace(ns);
        }
    }

    /// <summary>Planned faults.</summary>
    public FakeFaults Faults { get; } = new();

    /// <summary>Whether own changes are told by the intermediate events that a real kernel also sends for them.</summary>
    public bool TellsOwnChanges { get; set; } = true;

    /// <summary>Sends so far.</summary>
    public int Batches { get; private set; }

    /// <summary>Operations so far, refused ones included.</summary>
    public int Operations { get; private set; }

    /// <summary>Dumps so far.</summary>
    public int Dumps { get; private set; }

    /// <summary>Events so far, lost ones included.</summary>
    public int EventsSent { get; private set; }

    /// <summary>True if no event waits and the reader has dealt with the last one.</summary>
    public bool AreEventsTaken => Current.AreTaken;

    public ChannelReader<KernelEvent> Events => Current;

    /// <summary>Transitions performed.</summary>
    public ImmutableArray<Transition> Performed => Read(() => _performed.ToImmutableArray());

    /// <summary>Requests that no correct caller makes, as sentences.</summary>
    public ImmutableArray<string> Misuses => Read(() => _misuses.ToImmutableArray());

    /// <summary>Refusals that no planned fault caused.</summary>
    public ImmutableArray<KernelError> Refusals => Read(() => _refusals.ToImmutableArray());

    /// <summary>Every operation in the order in which it reached the kernel.</summary>
    public ImmutableArray<KernelOperation> Log => Read(() => _log.ToImmutableArray());

    /// <summary>What came in and what was told, a line each, for a person who looks for what went wrong.</summary>
    public ImmutableArray<string> Trace => Read(() => _trace.ToImmutableArray());

    /// <summary>Every send in the order in which it was begun.</summary>
    public ImmutableArray<KernelBatch> BatchLog => Read(() => _batches.ToImmutableArray());

    private FakeEvents Current => Read(() => _events);

    /// <summary>Makes sends of a lane wait until the test lets them go.</summary>
    public SlowLane Hold(NetNs ns, Lane lane)
    {
        var held = new SlowLane(this, ns, lane);
        lock (_gate)
        {
            _held.Add(held);
        }

        return held;
    }

    /// <summary>Makes dumps wait until the test lets them go.</summary>
    public SlowDumps HoldDumps()
    {
        var held = new SlowDumps();
        lock (_gate)
        {
            _slowDumps = held;
        }

        return held;
    }

    public async Task<ImmutableArray<OperationResult>> ApplyAsync(KernelBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        SlowLane? held;
        lock (_gate)
        {
            Batches++;
            _batches.Add(batch);
            if (!_sending.Add((batch.Namespace, batch.Lane)))
            {
                _misuses.Add($"two sends at one time in {batch.Namespace} {batch.Lane}");
            }

            held = _held.Find(h => h.Namespace == batch.Namespace && h.Lane == batch.Lane);
        }

        if (held is not null)
        {
            await held.PassAsync(batch).ConfigureAwait(false);
        }

        lock (_gate)
        {
            _ = _sending.Remove((batch.Namespace, batch.Lane));
            foreach (var operation in batch.Operations)
            {
                NoteMisuse(batch, operation);
            }

            var results = batch.Lane == Lane.Firewall
                ? ApplyFirewall(batch)
                : [.. batch.Operations.Select(o => ApplyOne(batch.Namespace, o))];
            _trace.AddRange(batch.Operations.Select((o, i) => $"{o} {results[i].Error}"));
            return results;
        }
    }

    public async Task<KernelState> ObserveAsync(Observation observation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(observation);
        SlowDumps? held;
        KernelState found;
        lock (_gate)
        {
            Dumps++;
            if (Faults.TakeDump(Dumps, observation.Namespace))
            {
                throw new KernelException(
                    new KernelError(4, "EINTR", $"dump {observation.Namespace}", "planned fault", IsTransient: true));
            }

            held = _slowDumps;
            found = Dump(observation);
            _trace.Add($"dump of {observation.Namespace}: {found.Count} objects");
        }

        if (held is not null)
        {
            await held.PassAsync(cancellationToken).ConfigureAwait(false);
        }

        return found;
    }

    public Task<KernelError?> PerformAsync(Transition transition, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _performed.Add(transition);
        }

        return Task.FromResult<KernelError?>(null);
    }

    /// <summary>The daemon is gone and another opens its sockets: what was told to the old one only is lost.</summary>
    public void Reconnect()
    {
        FakeEvents old;
        lock (_gate)
        {
            (old, _events) = (_events, new FakeEvents());
        }

        old.Close();
    }

    public ValueTask DisposeAsync()
    {
        Current.Close();
        return ValueTask.CompletedTask;
    }

    /// <summary>A dump as the port makes it, without counting as one and without faults.</summary>
    public KernelState Peek(Observation observation) => Read(() => Dump(observation));

    /// <summary>Everything there is, of whomever, over all namespaces: what a checker compares.</summary>
    public KernelState PeekAll() => Read(() => KernelState.Of(_namespaces.Values.SelectMany(static n =>
        n.Links.Values.Select(static l => (KernelObject)l.Observed)
            .Concat(n.Objects.Values)
            .Concat(n.Sysctls.Values)
            .Concat(n.Firewall.Objects))));

    /// <summary>The other end of a pair; null if there is no such link or it is no pair.</summary>
    public ObjectKey? OtherEndOf(ObjectKey link) => Read(() =>
        _namespaces.TryGetValue(link.Namespace, out var ns) && ns.Links.TryGetValue(link.Name, out var found) ? found.Other?.Key : null);

    private T Read<T>(Func<T> what)
    {
        lock (_gate)
        {
            return what();
        }
    }

    private KernelState Dump(Observation observation)
    {
        if (!_namespaces.TryGetValue(observation.Namespace, out var ns) || !ns.IsAlive)
        {
            return KernelState.Empty;
        }

        var wanted = observation.Wanted.Select(static o => o.Key).ToHashSet();
        var links = ns.Links.Values
            .Where(l => !l.IsDoomed && (IsMarked(l, observation.OwnerTag) || wanted.Contains(l.Key)))
            .Select(static l => (KernelObject)l.Observed);
        var objects = ns.Objects
            .Where(o => wanted.Contains(o.Key)
                || (ns.Ours.Contains(o.Key) && o.Key.Kind is ObjectKind.Address or ObjectKind.Route or ObjectKind.Rule))
            .Select(static o => o.Value);
        var sysctls = observation.Wanted.OfType<SysctlState>()
            .Where(s => s.Link is null || ns.Links.ContainsKey(s.Link))
            .Select(s => (KernelObject)(s with { Value = ns.Sysctls.GetValueOrDefault(s.Path)?.Value ?? "0", Original = null }));
        return KernelState.Of(links.Concat(objects).Concat(sysctls).Concat(ns.Firewall.Objects.Select(AsRead)));
    }

    private static bool IsMarked(FakeLink link, string ownerTag) =>
        link.State.Alias?.StartsWith(ownerTag + ":", StringComparison.Ordinal) ?? false;

    // Rules come back as their comments; what they match is not read.
    private static KernelObject AsRead(KernelObject item) => item is FirewallChainState chain
        ? chain with { Rules = [.. chain.Rules.Select(static r => FirewallRule.Observed(r.Comment))] }
        : item;

    private void NoteMisuse(KernelBatch batch, KernelOperation operation)
    {
        _log.Add(operation);
        if (operation.IsImplied)
        {
            _misuses.Add($"an implied step was sent: {operation}");
        }

        if (operation.Key.Namespace != batch.Namespace || operation.Lane != batch.Lane)
        {
            _misuses.Add($"a step travelled in a lane of {batch.Namespace} {batch.Lane} that is not its own: {operation}");
        }

        if (operation is { Verb: OperationVerb.Delete, Before: LinkState { Details: ExistingLink } })
        {
            _misuses.Add($"a device that is not ours was to be deleted: {operation}");
        }
    }

    private void Tell(ObjectKey key, KernelObject? current) => Send(new ObjectChanged(key, current), key.Namespace);

    private void Send(KernelEvent item, NetNs ns)
    {
        EventsSent++;
        _trace.Add($"event {item}");
        switch (Faults.TakeEvent(EventsSent))
        {
            case true:
                return;
            case false:
                _events.Write(new EventsLost(ns, "planned fault"));
                return;
            default:
                _events.Write(item);
                return;
        }
    }
}
