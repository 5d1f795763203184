using System.Collections.Immutable;
using Networking.Kernel;

namespace Networking.TestSupport;

/// <summary>The kernel as one daemon sees it, until that daemon is killed: from then on nothing it asks for is done or answered.</summary>
public sealed class MortalKernel(IKernel kernel) : WrappedKernel(kernel)
{
    private readonly Lock _gate = new(); // guards _isDead, and keeps death from falling into the middle of a call
    private bool _isDead;

    /// <summary>The end of the daemon behind this. What it has begun is done when this returns.</summary>
    public void Kill()
    {
        lock (_gate)
        {
            _isDead = true;
        }
    }

    public override Task<ImmutableArray<OperationResult>> ApplyAsync(KernelBatch batch, CancellationToken cancellationToken) =>
        IfAliveAsync(() => base.ApplyAsync(batch, cancellationToken));

    public override Task<KernelState> ObserveAsync(Observation observation, CancellationToken cancellationToken) =>
        IfAliveAsync(() => base.ObserveAsync(observation, cancellationToken));

    public override Task<KernelError?> PerformAsync(Transition transition, CancellationToken cancellationToken) =>
        IfAliveAsync(() => base.PerformAsync(transition, cancellationToken));

    private Task<T> IfAliveAsync<T>(Func<Task<T>> call)
    {
        lock (_gate)
        {
            return _isDead ? new TaskCompletionSource<T>().Task : call();
        }
    }
}
