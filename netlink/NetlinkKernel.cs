using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink;

/// <summary>
/// The kernel over netlink. Each lane of each namespace works in order on its own; the route lane speaks rtnetlink,
/// the sysctl lane files below /proc/sys/net, the firewall lane nf_tables.
/// </summary>
public sealed class NetlinkKernel : IKernel
{
    private const int CatchUpAttemptsMax = 250;
    private const int YieldsMax = 20;

    private static readonly TimeSpan s_catchUpStep = TimeSpan.FromMilliseconds(1);

    private readonly NamespaceDirectory _directory;
    private readonly KernelEvents _events;
    private readonly ConntrackFlush _conntrack;

    /// <summary>Creates the kernel over a directory, which stays the caller's and must outlive it.</summary>
    /// <param name="directory">Ways to the namespaces.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    public NetlinkKernel(NamespaceDirectory directory, NetlinkKernelOptions? options = null)
        : this(directory, options ?? new NetlinkKernelOptions(), null)
    {
    }

    /// <summary>Creates the kernel; what others do to the host's iptables is told as well.</summary>
    internal NetlinkKernel(NamespaceDirectory directory, NetlinkKernelOptions options, IptablesFirewall? iptables)
    {
        ArgumentNullException.ThrowIfNull(directory);
        _directory = directory;
        _conntrack = new ConntrackFlush(directory);
        _events = new KernelEvents(directory, options, iptables);
        ReapLeftovers();
    }

    /// <inheritdoc/>
    public ChannelReader<KernelEvent> Events => _events.Reader;

    /// <summary>How often connections to a port were forgotten so far.</summary>
    public long ConntrackFlushes => _conntrack.Done;

    /// <inheritdoc/>
    public Task<ImmutableArray<OperationResult>> ApplyAsync(KernelBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return batch.Operations.IsEmpty
            ? Task.FromResult(ImmutableArray<OperationResult>.Empty)
            : _directory.Lanes.RunAsync(batch.Namespace, batch.Lane, () => Apply(batch), cancellationToken, continuesInLane: true);
    }

    /// <inheritdoc/>
    public async Task<KernelState> ObserveAsync(Observation observation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(observation);
        var ns = observation.Namespace;
        try
        {
            var routes = await _directory.Lanes.RunAsync(ns, Lane.Route, () => ObserveRoutes(observation), cancellationToken);
            var firewall = await _directory.Lanes.RunAsync(ns, Lane.Firewall, () => ObserveFirewall(observation), cancellationToken);
            var sysctls = await _directory.Lanes.RunAsync(ns, Lane.Sysctl, () => ObserveSysctls(observation), cancellationToken);
            return KernelState.Of([.. routes, .. firewall, .. sysctls]);
        }
        catch (KernelException exception) when (exception.IsNamespaceGone && !ns.IsHost)
        {
            return KernelState.Empty;
        }
    }

    /// <inheritdoc/>
    public async Task<KernelError?> PerformAsync(Transition transition, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(transition);
        return transition switch
        {
            AnnounceTransition announce => await _directory.Background.RunAsync(
                announce.Namespace, Lane.Sysctl, () => Announcer.Announce(_directory, announce), cancellationToken, continuesInLane: true),
            ConntrackFlushTransition flush => await _directory.Background.RunAsync(
                flush.Namespace, Lane.Firewall, () => _conntrack.Perform(flush), cancellationToken, continuesInLane: true),
            _ => SystemCalls.ErrorOf(Errno.NotSupported, $"perform {transition}", "this kernel adapter does not know the transition"),
        };
    }

    /// <summary>Completes when no deleted link is left in the kernel, not even unseen.</summary>
    public Task WhenReapedAsync() => _directory.Doomed.WhenReapedAsync();

    /// <summary>
    /// How often others have changed the host's nf_tables by now. The kernel queues what it tells before the change's maker goes
    /// on: so what has been queued is waited for, or a rule would be missed that stood before the question.
    /// </summary>
    /// <returns>Null if that cannot be seen, or if the queue does not empty within a quarter of a second.</returns>
    internal async Task<long?> CountForeignFirewallCommitsAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < CatchUpAttemptsMax; attempt++)
        {
            if (!_events.HasUnreadOfFirewall)
            {
                return _events.ForeignFirewallCommits;
            }

            if (attempt < YieldsMax && Thread.Yield())
            {
                continue; // mostly it is our own transaction before, which the thread of events is about to read
            }

            await Task.Delay(s_catchUpStep, cancellationToken);
        }

        return null;
    }

    /// <summary>Stops listening to events and waits for the deleted links to be gone.</summary>
    public async ValueTask DisposeAsync()
    {
        _conntrack.Dispose();
        _events.Dispose();
        await WhenReapedAsync();
    }

    private ImmutableArray<OperationResult> Apply(KernelBatch batch)
    {
        try
        {
            var results = batch.Lane switch
            {
                Lane.Route => ApplyRoutes(batch),
                Lane.Sysctl => SysctlFiles.Apply(batch.Operations, calls => _directory.RunInside(batch.Namespace, calls)),
                _ => ApplyFirewall(batch),
            };
            return ImmutableCollectionsMarshal.AsImmutableArray(results);
        }
        catch (KernelException exception) when (exception.Error is { } error)
        {
            return [.. batch.Operations.Select(operation => ResultOf(operation, error, exception.IsNamespaceGone))];
        }
    }

    /// <summary>What is in a namespace that is gone has gone with it, so its deletions are done.</summary>
    private static OperationResult ResultOf(KernelOperation operation, KernelError error, bool isGone) =>
        operation.Verb == OperationVerb.Delete && isGone
            ? OperationResult.Done
            : new OperationResult(error with { Operation = OperationText.Of(operation), KernelText = $"{error.Operation}: {error.KernelText}" });

    private OperationResult[] ApplyRoutes(KernelBatch batch)
    {
        using var lease = Rent(batch.Namespace);
        foreach (var operation in batch.Operations)
        {
            // What becomes of it is news from now on, though it does not bear our mark.
            if (operation is { Verb: OperationVerb.Create, After: LinkState { Details: ExistingLink } link })
            {
                _events.Watch(link.Key);
            }
        }

        var results = new OperationResult[batch.Operations.Length];
        lease.Handle.Route.Apply(batch.Operations.AsSpan(), results);
        return results;
    }

    private OperationResult[] ApplyFirewall(KernelBatch batch)
    {
        using var lease = Rent(batch.Namespace);
        return lease.Handle.Firewall.Apply(batch.Operations.AsSpan());
    }

    private IEnumerable<KernelObject> ObserveRoutes(Observation observation)
    {
        using var lease = Rent(observation.Namespace);
        foreach (var link in observation.Wanted.OfType<LinkState>())
        {
            _events.Watch(link.Key); // behind the look for the namespace: of one that was forgotten nothing is kept
        }

        return RouteObserver.Read(lease.Handle.Socket, _directory, observation);
    }

    private List<KernelObject> ObserveFirewall(Observation observation)
    {
        using var lease = Rent(observation.Namespace);
        return [.. lease.Handle.Firewall.Observe(observation.Wanted)];
    }

    private List<KernelObject> ObserveSysctls(Observation observation)
    {
        var wanted = observation.Wanted.OfType<SysctlState>().DistinctBy(static sysctl => sysctl.Path).ToList();
        var values = _directory.ReadSysctls(observation.Namespace, [.. wanted.Select(static sysctl => sysctl.Path)]);
        return
        [
            .. wanted
                .Where(sysctl => sysctl.MayBeMissing || values.ContainsKey(sysctl.Path))
                .Select(sysctl => sysctl with { Value = values.GetValueOrDefault(sysctl.Path, sysctl.Value) }),
        ];
    }

    /// <summary>Links that a killed process left cut but not deleted.</summary>
    private void ReapLeftovers()
    {
        using var lease = Rent(NetNs.Host);
        var links = RouteReader.Links(lease.Handle.Socket, "read the host's interfaces");
        if (links.Any(static link => link.IsDoomed && Ownership.IsTagged(link.Alias)))
        {
            _directory.Doomed.Mark(NetNs.Host);
        }
    }

    private NamespaceLease Rent(NetNs ns) => ((INamespaceHandles)_directory).Rent(ns);
}
