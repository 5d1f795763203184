using System.Collections.Immutable;
using System.Threading.Channels;
using Networking.Kernel;

namespace Networking.Netd.Metrics;

/// <summary>
/// Counts what the reconciler asks of the kernel. A restart with nothing changed asks for readings and nothing else, and
/// this is where that shows.
/// </summary>
internal sealed class CountingKernel(IKernel inner) : IKernel
{
    private long _operations;
    private long _batches;
    private long _observations;
    private long _transitions;

    public long Operations => Interlocked.Read(ref _operations);

    public long Batches => Interlocked.Read(ref _batches);

    public long Observations => Interlocked.Read(ref _observations);

    public long Transitions => Interlocked.Read(ref _transitions);

    public ChannelReader<KernelEvent> Events => inner.Events;

    public Task<ImmutableArray<OperationResult>> ApplyAsync(KernelBatch batch, CancellationToken cancellationToken)
    {
        _ = Interlocked.Add(ref _operations, batch.Operations.Length);
        _ = Interlocked.Increment(ref _batches);
        return inner.ApplyAsync(batch, cancellationToken);
    }

    public Task<KernelState> ObserveAsync(Observation observation, CancellationToken cancellationToken)
    {
        _ = Interlocked.Increment(ref _observations);
        return inner.ObserveAsync(observation, cancellationToken);
    }

    public Task<KernelError?> PerformAsync(Transition transition, CancellationToken cancellationToken)
    {
        _ = Interlocked.Increment(ref _transitions);
        return inner.PerformAsync(transition, cancellationToken);
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
