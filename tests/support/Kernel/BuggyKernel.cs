using System.Collections.Immutable;
using System.Threading.Channels;
using Networking.Kernel;
using Networking.Model;

namespace Networking.TestSupport;

/// <summary>Makes a correct reconciler behave as if it had a bug, by what it lets through in either direction.</summary>
public sealed class BuggyKernel(PlantedBug bug, IKernel kernel) : WrappedKernel(kernel)
{
    private readonly Lock _gate = new(); // guards the two below
    private readonly HashSet<ObjectKey> _made = [];
    private readonly Dictionary<NetNs, KernelState> _read = [];

    public override ChannelReader<KernelEvent> Events =>
        bug == PlantedBug.MissedEvent ? new DeafReader(base.Events) : base.Events;

    public override async Task<ImmutableArray<OperationResult>> ApplyAsync(KernelBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        switch (bug)
        {
            case PlantedBug.WrongOrder:
                var reversed = await base.ApplyAsync(batch with { Operations = [.. batch.Operations.Reverse()] }, cancellationToken)
                    .ConfigureAwait(false);
                return [.. reversed.Reverse()];
            case PlantedBug.RefusalTakenForDone:
                var results = await base.ApplyAsync(batch, cancellationToken).ConfigureAwait(false);
                return [.. results.Select(static _ => OperationResult.Done)];
            case PlantedBug.ForeignDeleted when batch.Operations.Any(static o => o is { Verb: OperationVerb.Delete, Key.Kind: ObjectKind.Link }):
                var uplink = new LinkState { Namespace = batch.Namespace, Name = "uplink", Details = new DummyLink() };
                var more = await base.ApplyAsync(
                    batch with { Operations = [.. batch.Operations, new KernelOperation(OperationVerb.Delete, uplink, null, [])] },
                    cancellationToken).ConfigureAwait(false);
                return more[..^1];
            case PlantedBug.LastOperationLost when batch.Operations.Length > 1:
                var begun = await base.ApplyAsync(batch with { Operations = batch.Operations[..^1] }, cancellationToken).ConfigureAwait(false);
                return begun.Add(OperationResult.Done);
            default:
                var sent = batch.Operations.Select(Twist).ToImmutableArray();
                var answers = await base.ApplyAsync(batch with { Operations = [.. sent.OfType<KernelOperation>()] }, cancellationToken)
                    .ConfigureAwait(false);
                var next = 0;
                return [.. sent.Select(o => o is null ? OperationResult.Done : answers[next++])];
        }
    }

    public override async Task<KernelState> ObserveAsync(Observation observation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(observation);
        KernelState found;
        try
        {
            found = await base.ObserveAsync(observation, cancellationToken).ConfigureAwait(false);
        }
        catch (KernelException) when (bug == PlantedBug.UnreadableTakenForEmpty)
        {
            return KernelState.Empty;
        }

        switch (bug)
        {
            case PlantedBug.OrphanNotDeleted:
                var wanted = observation.Wanted.Select(static o => o.Key).ToHashSet();
                return KernelState.Of(found.Objects.Where(o => wanted.Contains(o.Key)));
            case PlantedBug.StaleReading:
                lock (_gate)
                {
                    var stale = _read.GetValueOrDefault(observation.Namespace, found);
                    _read[observation.Namespace] = found;
                    return stale;
                }

            default:
                return found;
        }
    }

    // The operation as the bug has it; null if it is not sent at all and called done.
    private KernelOperation? Twist(KernelOperation operation)
    {
        var isDropped = (bug, operation) switch
        {
            (PlantedBug.DeletionNotSent, { Verb: OperationVerb.Delete }) => true,
            (PlantedBug.SkippedScope, { Target: FirewallElementState { Set: "bridges" } or LinkState { Details: BridgeLink } }) => true,
            (PlantedBug.HolderNotReleased, { Verb: OperationVerb.Delete, Before: LinkState { Details: VethLink } }) => true,
            (PlantedBug.OriginalNotRestored, { Verb: OperationVerb.Delete, Before: SysctlState }) => true,
            (PlantedBug.DependentsNotRemade, { Verb: OperationVerb.Create, Target: AddressState or SysctlState { Link: not null } }) =>
                !IsNew(operation.Key),
            _ => false,
        };
        return isDropped ? null
            : bug == PlantedBug.ImpliedStepSent && operation.Verb == OperationVerb.Delete ? operation with { IsImplied = true }
            : bug == PlantedBug.ChangeWithoutEffect && operation is { Verb: OperationVerb.Change, Before: not null }
                ? operation with { After = operation.Before }
            : operation;
    }

    private bool IsNew(ObjectKey key)
    {
        lock (_gate)
        {
            return _made.Add(key);
        }
    }

    // Takes every event and tells nobody.
    private sealed class DeafReader(ChannelReader<KernelEvent> inner) : ChannelReader<KernelEvent>
    {
        public override bool TryRead(out KernelEvent item)
        {
            item = null!; // as the contract of TryRead has it when it returns false
            return false;
        }

        public override async ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default)
        {
            while (await inner.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                while (inner.TryRead(out _))
                {
                }
            }

            return false;
        }
    }
}
