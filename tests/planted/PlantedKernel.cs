using System.Collections.Immutable;
using System.Threading.Channels;
using Networking.Kernel;

namespace Networking.Netd.Planted;

/// <summary>A kernel that is asked for the wrong things, by a daemon that believes it asks for the right ones.</summary>
internal sealed class PlantedKernel(IKernel inner, Fault fault) : IKernel
{
    public ChannelReader<KernelEvent> Events => inner.Events;

    public Task<ImmutableArray<OperationResult>> ApplyAsync(KernelBatch batch, CancellationToken cancellationToken) => inner.ApplyAsync(
        batch with { Operations = [.. batch.Operations.Select(o => o.After is { } after ? o with { After = fault.Twist(after) } : o)] },
        cancellationToken);

    public async Task<KernelState> ObserveAsync(Observation observation, CancellationToken cancellationToken) =>
        KernelState.Of((await inner.ObserveAsync(observation, cancellationToken)).Objects.Select(fault.TwistBack));

    public Task<KernelError?> PerformAsync(Transition transition, CancellationToken cancellationToken) =>
        inner.PerformAsync(transition, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
