using System.Collections.Immutable;
using System.Threading.Channels;
using Networking.Kernel;

namespace Networking.TestSupport;

/// <summary>Hands everything on to another kernel: the start of a decorator.</summary>
public abstract class WrappedKernel(IKernel kernel) : IKernel
{
    public virtual ChannelReader<KernelEvent> Events => kernel.Events;

    public virtual Task<ImmutableArray<OperationResult>> ApplyAsync(KernelBatch batch, CancellationToken cancellationToken) =>
        kernel.ApplyAsync(batch, cancellationToken);

    public virtual Task<KernelState> ObserveAsync(Observation observation, CancellationToken cancellationToken) =>
        kernel.ObserveAsync(observation, cancellationToken);

    public virtual Task<KernelError?> PerformAsync(Transition transition, CancellationToken cancellationToken) =>
        kernel.PerformAsync(transition, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await kernel.DisposeAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }
}
