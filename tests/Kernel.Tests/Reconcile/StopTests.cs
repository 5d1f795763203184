using Networking.Kernel.Tests.Histories;
using Networking.Model;
using Networking.TestSupport;

namespace Networking.Kernel.Tests.Reconcile;

/// <summary>Stopping finishes what is under way, leaves every object standing, and leaves nobody using the kernel.</summary>
public sealed class StopTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(20);
    private static readonly Intent s_one = Intent.Empty
        .With(new SampleNetwork(1)).With(new SampleSandbox(5, 1)).With(new SampleEndpoint(1, 1, 5));

    private readonly CancellationToken _test = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stopping_waits_for_what_is_under_way()
    {
        await using var world = new World();
        await world.SetAsync(Intent.Empty);
        await world.ConvergeAsync();
        var held = world.Kernel.Hold(NetNs.Host, Lane.Route);
        await world.SetAsync(s_one);
        _ = await held.Arrived.WaitAsync(s_soon, _test);

        var stopping = world.Reconciler.DisposeAsync().AsTask();
        await Task.Delay(50, _test);
        Assert.False(stopping.IsCompleted);
        held.Release();
        await stopping.WaitAsync(s_soon, _test);

        Assert.Empty(KernelCheck.Violations(
            world.Kernel,
            [SampleStates.Node, SampleStates.Of(new SampleNetwork(1)), SampleStates.Of(new SampleSandbox(5))]));
    }

    [Fact]
    public async Task Stopping_during_a_reading_ends_the_reading()
    {
        await using var world = new World();
        await world.SetAsync(s_one);
        await world.ConvergeAsync();
        var dumps = world.Kernel.HoldDumps();
        var repair = world.Reconciler.RepairAsync();
        await dumps.Arrived.WaitAsync(s_soon, _test);

        await world.Reconciler.DisposeAsync().AsTask().WaitAsync(s_soon, _test);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => repair.WaitAsync(s_soon, _test));
        Assert.True(world.Reconciler.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Stopping_twice_is_stopping_once()
    {
        await using var world = new World();
        await world.SetAsync(s_one);
        var first = world.Reconciler.DisposeAsync().AsTask();
        var second = world.Reconciler.DisposeAsync().AsTask();
        await Task.WhenAll(first, second).WaitAsync(s_soon, _test);
        await world.Reconciler.DisposeAsync().AsTask().WaitAsync(s_soon, _test);
    }

    [Fact]
    public async Task What_was_never_started_stops_at_once()
    {
        await using var kernel = new FakeKernel();
        var reconciler = new Reconciler(
            kernel, new ManualTime(), new ReconcilerOptions { OwnerTag = Intent.OwnerTag }, new RecordingListener());
        await reconciler.DisposeAsync().AsTask().WaitAsync(s_soon, _test);
    }
}
