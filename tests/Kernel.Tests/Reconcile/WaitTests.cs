using Networking.Kernel.Tests.Histories;
using Networking.Model;
using Networking.TestSupport;

namespace Networking.Kernel.Tests.Reconcile;

/// <summary>Who waits for a scope is told, and not too early.</summary>
public sealed class WaitTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(20);
    private static readonly Intent s_one = Intent.Empty
        .With(new SampleNetwork(1)).With(new SampleSandbox(5, 1)).With(new SampleEndpoint(1, 1, 5));

    private readonly CancellationToken _test = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_waiter_for_a_later_revision_is_not_told_by_an_earlier_one()
    {
        await using var world = new World();
        await world.SetAsync(s_one);
        await world.ConvergeAsync();

        var waiting = world.Reconciler.WaitAsync(new SampleNetwork(1).Scope, world.Revision + 1, _test);
        _ = world.Kernel.ForeignDelete(LinkState.KeyOf(NetNs.Host, "br1"));
        await world.ConvergeAsync();
        Assert.False(waiting.IsCompleted);

        await world.SetAsync(s_one.With(new SampleNetwork(1, 1400)));
        await world.ConvergeAsync();
        await waiting.WaitAsync(s_soon, _test);
    }

    [Fact]
    public async Task A_refusal_of_what_is_not_asked_any_more_tells_nobody()
    {
        await using var world = new World();
        await world.SetAsync(Intent.Empty);
        await world.ConvergeAsync();
        var held = world.Kernel.Hold(NetNs.Host, Lane.Route);
        world.Kernel.Faults.StrikeOperation(world.Kernel.Operations + 2, FaultKind.Permanent); // the bridge, after its element
        await world.SetAsync(Intent.Empty.With(new SampleNetwork(1)));
        _ = await held.Arrived.WaitAsync(s_soon, _test);

        await world.SetAsync(Intent.Empty.With(new SampleNetwork(1, 1400)));
        var waiting = world.Reconciler.WaitAsync(new SampleNetwork(1).Scope, world.Revision, _test);
        held.Release();
        await waiting.WaitAsync(s_soon, _test);

        Assert.True(world.Reconciler.Statuses[new SampleNetwork(1).Scope].IsDone);
        Assert.DoesNotContain(world.Listener.Changes, static c => c.Status?.Condition == ScopeCondition.Error);
    }

    [Fact]
    public async Task A_refusal_that_stays_ends_the_wait()
    {
        await using var world = new World();
        world.Kernel.ForeignCreate(new LinkState { Namespace = NetNs.Host, Name = "br1", Details = new DummyLink() });
        await world.SetAsync(s_one);

        await world.Reconciler.WaitAsync(new SampleNetwork(1).Scope, world.Revision, _test).WaitAsync(s_soon, _test);

        var status = world.Reconciler.Statuses[new SampleNetwork(1).Scope];
        Assert.Equal(ScopeCondition.Error, status.Condition);
        Assert.Contains("EEXIST", status.Reason, StringComparison.Ordinal);
        Assert.NotNull(status.NextTry);
    }

    [Fact]
    public async Task Waiting_ends_when_the_scope_is_gone()
    {
        await using var world = new World();
        await world.SetAsync(s_one);
        await world.ConvergeAsync();
        var held = world.Kernel.Hold(NetNs.Host, Lane.Route);
        await world.SetAsync(s_one.WithoutEndpoint(1).With(new SampleSandbox(5)));
        var waiting = world.Reconciler.WaitAsync(new SampleEndpoint(1, 1, 5).Scope, world.Revision, _test);
        _ = await held.Arrived.WaitAsync(s_soon, _test);
        Assert.False(waiting.IsCompleted);

        held.Release();
        await waiting.WaitAsync(s_soon, _test);

        Assert.False(world.Reconciler.Statuses.ContainsKey(new SampleEndpoint(1, 1, 5).Scope));
    }

    [Fact]
    public async Task Waiting_ends_when_the_reconciler_stops()
    {
        await using var world = new World();
        await world.SetAsync(Intent.Empty.With(new SampleSandbox(5, 1))); // its route needs an interface that nobody brings
        await world.ConvergeAsync();
        var waiting = world.Reconciler.WaitAsync(new SampleSandbox(5).Scope, world.Revision, _test);

        await world.Reconciler.DisposeAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(s_soon, _test));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => world.Reconciler.PendingAsync().WaitAsync(s_soon, _test));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => world.Reconciler.SetAsync([]).WaitAsync(s_soon, _test));
    }

    [Fact]
    public async Task Everybody_hears_that_the_loop_is_dead()
    {
        await using var world = new World();
        await world.SetAsync(Intent.Empty.With(new SampleSandbox(5, 1)));
        await world.ConvergeAsync();
        var waiting = world.Reconciler.WaitAsync(new SampleSandbox(5).Scope, world.Revision, _test);

        await world.Reconciler.SetAsync([new ScopeChange(new ScopeId("network/thief"), 9, SampleStates.Node, [])]);

        await Assert.ThrowsAsync<InvariantException>(() => world.Reconciler.Completion.WaitAsync(s_soon, _test));
        var told = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(s_soon, _test));
        Assert.IsType<InvariantException>(told.InnerException);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => world.Reconciler.RepairAsync().WaitAsync(s_soon, _test));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => world.Reconciler.SetAsync([]).WaitAsync(s_soon, _test));
    }
}
