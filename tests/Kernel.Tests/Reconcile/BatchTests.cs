using System.Collections.Immutable;
using Networking.Kernel.Tests.Histories;
using Networking.Model;
using Networking.TestSupport;

namespace Networking.Kernel.Tests.Reconcile;

/// <summary>What waits while a send is under way travels together in the next one.</summary>
public sealed class BatchTests
{
    private const int Attaches = 200;

    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(20);

    private readonly CancellationToken _test = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Attaches_during_a_slow_send_are_folded()
    {
        await using var world = NewWorld(decorate: static k => new SlowKernel(k));
        var intent = Sandboxes(Attaches).With(new SampleNetwork(1));
        await world.SetAsync(intent);
        await world.ConvergeAsync();
        var held = world.Kernel.Hold(NetNs.Host, Lane.Firewall);
        intent = intent.With(Endpoint(1));
        await world.SetAsync(intent);
        _ = await held.Arrived.WaitAsync(s_soon, _test);
        var batches = world.Kernel.Batches;
        for (var i = 2; i <= Attaches; i++)
        {
            intent = intent.With(Endpoint(i));
            await world.SetAsync(intent);
        }

        _ = await world.Reconciler.PendingAsync();
        held.Release();
        await world.ConvergeAsync();

        // Host firewall and host links in one send each, and two sends in each sandbox's own namespace.
        Assert.Equal(Attaches * 2, world.Kernel.Batches - batches - HostBatches(world, batches));
        Assert.InRange(HostBatches(world, batches), 3, 10);
        Assert.Empty(await world.ViolationsAsync());
    }

    [Fact]
    public async Task A_refused_batch_is_split_so_that_only_the_guilty_one_is_refused()
    {
        await using var world = NewWorld();
        var intent = Sandboxes(Attaches).With(new SampleNetwork(1));
        await world.SetAsync(intent);
        await world.ConvergeAsync();

        // Somebody has put an element of the same key into our table, and nobody has told us yet.
        world.Kernel.Faults.LoseEvent(world.Kernel.EventsSent + 1, isSilent: true);
        world.Kernel.ForeignCreate(SampleStates.Of(Endpoint(7)).Objects.OfType<FirewallElementState>().First() with { Comment = null });
        var held = world.Kernel.Hold(NetNs.Host, Lane.Firewall);
        for (var i = 1; i <= 20; i++)
        {
            intent = intent.With(Endpoint(i));
            await world.SetAsync(intent);
        }

        _ = await held.Arrived.WaitAsync(s_soon, _test);
        _ = await world.Reconciler.PendingAsync();
        held.Release();
        await world.ConvergeAsync();

        var refused = world.Listener.Changes
            .Where(static c => c.Status?.Reason?.Contains("EEXIST", StringComparison.Ordinal) == true)
            .Select(static c => c.Scope)
            .Distinct();
        Assert.Equal([Endpoint(7).Scope], refused);
        Assert.DoesNotContain(await world.ViolationsAsync(), static v => !v.StartsWith("somebody else's", StringComparison.Ordinal));
    }

    /// <summary>A lane is not forgotten while somebody still means to send through it, however many others come up.</summary>
    [Fact]
    public async Task No_lane_is_ever_sent_through_twice_at_one_time()
    {
        const int Others = 1100;
        await using var world = NewWorld(Others);
        await world.SetAsync(Intent.Empty.With(new SampleNetwork(1)).With(new SampleSandbox(5)));
        await world.ConvergeAsync();
        var pairs = world.Kernel.Hold(NetNs.Host, Lane.Route);
        var intent = world.Intent.With(new SampleEndpoint(1, 1, 5, "eth0"));
        await world.SetAsync(intent);
        _ = await pairs.Arrived.WaitAsync(s_soon, _test); // its next stage is the route lane of namespace 5

        for (var i = 1; i <= Others; i++)
        {
            intent = intent.With(new SampleSandbox((ulong)(1000 + i)));
        }

        await world.SetAsync(intent);
        await DoneAsync(world, new SampleSandbox(1000 + Others).Scope);
        var inside = world.Kernel.Hold(new NetNs(5), Lane.Route);
        var rule = new RuleState { Namespace = new NetNs(5), IsIpv6 = false, Priority = 7, Mark = 1, Table = 7 };
        await world.SetAsync([new ScopeChange(new ScopeId("x"), world.Revision, KernelState.Of(rule), [])]);
        _ = await inside.Arrived.WaitAsync(s_soon, _test);
        pairs.Release();
        _ = await world.Reconciler.PendingAsync();
        inside.Release();
        await world.SetAsync([new ScopeChange(new ScopeId("x"), world.Revision, null, [])]);
        await world.ConvergeAsync();

        Assert.Empty(await world.ViolationsAsync());
    }

    private async Task DoneAsync(World world, ScopeId scope) =>
        await world.Reconciler.WaitAsync(scope, world.Revision, _test).WaitAsync(s_soon, _test);

    private static int HostBatches(World world, int since) => world.Kernel.BatchLog.Skip(since).Count(static b => b.Namespace.IsHost);

    private static World NewWorld(int sandboxes = Attaches, Func<IKernel, IKernel>? decorate = null) =>
        new(decorate, kernel: new FakeKernel([new NetNs(5), .. Enumerable.Range(1001, sandboxes).Select(static i => new NetNs((ulong)i))]));

    private static Intent Sandboxes(int count) => Intent.Empty with
    {
        Sandboxes = [.. Enumerable.Range(1001, count).Select(static i => new SampleSandbox((ulong)i))],
    };

    private static SampleEndpoint Endpoint(int number) => new(number, 1, (ulong)(1000 + number));

    // A send to the host takes its time, as it does: what comes meanwhile must gather.
    private sealed class SlowKernel(IKernel kernel) : WrappedKernel(kernel)
    {
        public override async Task<ImmutableArray<OperationResult>> ApplyAsync(KernelBatch batch, CancellationToken cancellationToken)
        {
            if (batch.Namespace.IsHost)
            {
                await Task.Delay(50, cancellationToken);
            }

            return await base.ApplyAsync(batch, cancellationToken);
        }
    }
}
