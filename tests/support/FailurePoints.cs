using System.Collections.Immutable;
using System.Threading.Channels;
using Networking.Kernel;
using Networking.Model;

namespace Networking.TestSupport;

/// <summary>
/// Stands before a kernel and a store and makes every operation two points, before and after it, at which the daemon can
/// be struck. Operations are not listed anywhere: whatever passes becomes a point, so a new one joins by itself.
/// </summary>
/// <remarks>
/// Batches of the route and sysctl lanes are split, so that a crash may fall between any two of their operations; a
/// firewall batch is all or nothing in the kernel, so it is one operation.
/// </remarks>
public sealed class FailurePoints
{
    private readonly Lock _gate = new(); // guards _points, _failAt, _mode
    private readonly List<FailurePoint> _points = [];
    private readonly TaskCompletionSource _crashed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _failAt;
    private FailureMode _mode;

    /// <summary>How many points were reached.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _points.Count;
            }
        }
    }

    /// <summary>The points reached, in order.</summary>
    public ImmutableArray<FailurePoint> Points
    {
        get
        {
            lock (_gate)
            {
                return [.. _points];
            }
        }
    }

    /// <summary>Ends when the process has "crashed".</summary>
    public Task Crashed => _crashed.Task;

    /// <summary>Called at every point; may throw, or note what a test wants to know.</summary>
    public Action<FailurePoint>? Reached { get; set; }

    /// <summary>Chooses the point to strike at, counted from 1.</summary>
    public void FailAt(int number, FailureMode mode)
    {
        lock (_gate)
        {
            (_failAt, _mode) = (number, mode);
        }
    }

    /// <summary>The kernel with points.</summary>
    public IKernel Around(IKernel kernel) => new PointedKernel(this, kernel);

    /// <summary>The store with points.</summary>
    public IIntentStore Around(IIntentStore store) => new PointedStore(this, store);

    /// <summary>The points as text, one a line.</summary>
    public override string ToString() => string.Join('\n', Points);

    private bool Reach(FailureSide side, string what)
    {
        FailurePoint point;
        bool isHit;
        lock (_gate)
        {
            if (_crashed.Task.IsCompleted)
            {
                return false;
            }

            point = new FailurePoint(_points.Count + 1, side, what);
            _points.Add(point);
            isHit = point.Number == _failAt;
            if (isHit && _mode == FailureMode.Crash)
            {
                _ = _crashed.TrySetResult();
                return false;
            }
        }

        Reached?.Invoke(point);
        return isHit ? throw new FailurePointException($"struck at {point}") : true;
    }

    // A dead process does not go on: its calls never return.
    private Task ReachAsync(FailureSide side, string what)
    {
        try
        {
            return Reach(side, what) ? Task.CompletedTask : new TaskCompletionSource().Task;
        }
        catch (Exception e)
        {
            return Task.FromException(e);
        }
    }

    private async Task<T> AroundAsync<T>(string what, Func<Task<T>> operation)
    {
        await ReachAsync(FailureSide.Before, what).ConfigureAwait(false);
        var result = await operation().ConfigureAwait(false);
        await ReachAsync(FailureSide.After, what).ConfigureAwait(false);
        return result;
    }

    private sealed class PointedKernel(FailurePoints points, IKernel kernel) : IKernel
    {
        public ChannelReader<KernelEvent> Events => new AliveReader(points, kernel.Events);

        public async Task<ImmutableArray<OperationResult>> ApplyAsync(KernelBatch batch, CancellationToken cancellationToken)
        {
            ArgumentNullException.ThrowIfNull(batch);
            if (batch.Lane == Lane.Firewall)
            {
                var what = $"apply {string.Join("; ", batch.Operations)}";
                return await points.AroundAsync(what, () => kernel.ApplyAsync(batch, cancellationToken)).ConfigureAwait(false);
            }

            var results = ImmutableArray.CreateBuilder<OperationResult>(batch.Operations.Length);
            foreach (var operation in batch.Operations)
            {
                results.AddRange(await points.AroundAsync(
                    $"apply {operation}",
                    () => kernel.ApplyAsync(batch with { Operations = [operation] }, cancellationToken)).ConfigureAwait(false));
            }

            return results.ToImmutable();
        }

        public Task<KernelState> ObserveAsync(Observation observation, CancellationToken cancellationToken)
        {
            ArgumentNullException.ThrowIfNull(observation);
            return points.AroundAsync($"observe {observation.Namespace}", () => kernel.ObserveAsync(observation, cancellationToken));
        }

        public Task<KernelError?> PerformAsync(Transition transition, CancellationToken cancellationToken) =>
            points.AroundAsync($"perform {transition}", () => kernel.PerformAsync(transition, cancellationToken));

        public ValueTask DisposeAsync() => kernel.DisposeAsync();
    }

    private sealed class PointedStore(FailurePoints points, IIntentStore store) : IIntentStore
    {
        public StoreContent Load()
        {
            Strike(FailureSide.Before);
            var content = store.Load();
            Strike(FailureSide.After);
            return content;
        }

        public async Task CommitAsync(StoreChange change, Durability durability, CancellationToken cancellationToken) =>
            await points.AroundAsync($"commit {Describe(change)}", async () =>
            {
                await store.CommitAsync(change, durability, cancellationToken).ConfigureAwait(false);
                return true;
            }).ConfigureAwait(false);

        public ValueTask DisposeAsync() => store.DisposeAsync();

        private void Strike(FailureSide side)
        {
            if (!points.Reach(side, "load the store"))
            {
                throw new FailurePointException("the process is gone");
            }
        }

        private static string Describe(StoreChange change) => string.Join(
            ", ",
            ((string[])
            [
                change.Node is null ? string.Empty : "node",
                .. change.Networks.Select(static n => $"network {n.Id.Short}"),
                .. change.RemovedNetworks.Select(static n => $"no network {n.Short}"),
                .. change.Sandboxes.Select(static s => $"sandbox {s.Id.Short}"),
                .. change.RemovedSandboxes.Select(static s => $"no sandbox {s.Short}"),
                .. change.Endpoints.Select(static e => $"endpoint {e.Id.Short}"),
                .. change.RemovedEndpoints.Select(static e => $"no endpoint {e.Short}"),
            ]).Where(static s => s.Length > 0));
    }

    // Events are no points of their own, but a dead process hears none.
    private sealed class AliveReader(FailurePoints points, ChannelReader<KernelEvent> inner) : ChannelReader<KernelEvent>
    {
        public override bool TryRead(out KernelEvent item)
        {
            item = null!; // as the contract of TryRead has it when it returns false
            return !points.Crashed.IsCompleted && inner.TryRead(out item!);
        }

        public override async ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) =>
            await inner.WaitToReadAsync(cancellationToken).ConfigureAwait(false) && !points.Crashed.IsCompleted;
    }
}
