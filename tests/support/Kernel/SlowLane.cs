using Networking.Kernel;
using Networking.Model;

namespace Networking.TestSupport;

/// <summary>A lane of the fake kernel that a test holds: sends wait until it is let go.</summary>
public sealed class SlowLane
{
    private readonly FakeKernel _kernel;
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<KernelBatch> _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal SlowLane(FakeKernel kernel, NetNs ns, Lane lane) => (_kernel, Namespace, Lane) = (kernel, ns, lane);

    public NetNs Namespace { get; }

    public Lane Lane { get; }

    /// <summary>The first send that was held.</summary>
    public Task<KernelBatch> Arrived => _arrived.Task;

    /// <summary>Lets everything go, now and later.</summary>
    public void Release()
    {
        _kernel.Forget(this);
        _open.SetResult();
    }

    internal Task PassAsync(KernelBatch batch)
    {
        _ = _arrived.TrySetResult(batch);
        return _open.Task;
    }
}

/// <summary>Dumps of the fake kernel that a test holds: each shows what was there when it began, and arrives when it is let go.</summary>
public sealed class SlowDumps
{
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal SlowDumps()
    {
    }

    /// <summary>Ends when the first dump is held.</summary>
    public Task Arrived => _arrived.Task;

    /// <summary>Lets everything go, now and later.</summary>
    public void Release() => _open.TrySetResult();

    internal Task PassAsync(CancellationToken cancellationToken)
    {
        _ = _arrived.TrySetResult();
        return _open.Task.WaitAsync(cancellationToken);
    }
}
