using System.Collections.Immutable;
using System.Threading.Channels;
using Networking.Kernel.Tests.Histories;
using Networking.TestSupport;

namespace Networking.Kernel.Tests.Reconcile;

/// <summary>Counts what the whole process allocates, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(CostTests), DisableParallelization = true)]
public sealed class CostCollection;

/// <summary>A change costs what it changes, however much stands already.</summary>
[Collection(nameof(CostTests))]
public sealed class CostTests(ITestOutputHelper output)
{
    private const int Few = 10;
    private const int Many = 5000;
    private const int Sample = 50;
    private const int Rounds = 3; // the least counts: a table that grows, or a thread that starts, is no cost of an attach
    private const int PortsPerBridge = 1000; // the kernel allows 1,023

    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(60);

    private readonly CancellationToken _test = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Attaching_costs_the_same_at_ten_and_at_five_thousand()
    {
        _ = await MeasureAsync(Few); // compiles what is measured
        var few = await MeasureAsync(Few);
        var many = await MeasureAsync(Many);
        output.WriteLine($"at {Few,5}: {few}\nat {Many,5}: {many}");

        Assert.Equal(few.Operations, many.Operations);
        Assert.Equal(few.Batches, many.Batches);
        Assert.Equal(0, few.Dumps + many.Dumps);
        Assert.InRange(many.Bytes, few.Bytes * 0.95, few.Bytes * 1.05);
    }

    /// <summary>Requests about a scope that is pending for long come, reach their deadlines and go.</summary>
    [Fact]
    public async Task A_wait_that_was_given_up_leaves_nothing_behind()
    {
        const int waits = 20_000;
        await using var kernel = new AckingKernel();
        await using var reconciler = new Reconciler(
            kernel, new ManualTime(), new ReconcilerOptions { OwnerTag = Intent.OwnerTag }, new SilentListener());
        reconciler.Start();
        await reconciler.SetAsync(Intent.Empty.With(new SampleSandbox(5, 1)).Since(null, 1)); // its route needs an interface that nobody brings
        await GiveUpAsync(reconciler, 100);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        await GiveUpAsync(reconciler, waits);

        await reconciler.QuietAsync();
        var left = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)waits;
        output.WriteLine($"{left:N0} bytes a wait");
        Assert.InRange(left, -1000, 16);
    }

    private static async Task GiveUpAsync(Reconciler reconciler, int times)
    {
        for (var i = 0; i < times; i++)
        {
            using var deadline = new CancellationTokenSource();
            var waiting = reconciler.WaitAsync(new SampleSandbox(5).Scope, 1, deadline.Token);
            await deadline.CancelAsync();
            _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        }
    }

    private async Task<Cost> MeasureAsync(int standing)
    {
        await using var kernel = new AckingKernel();
        await using var reconciler = new Reconciler(
            kernel, new ManualTime(), new ReconcilerOptions { OwnerTag = Intent.OwnerTag }, new SilentListener());
        reconciler.Start();
        var networks = Enumerable.Range(1, 1 + (Many / PortsPerBridge)).Select(static n => new SampleNetwork(n));
        await reconciler.SetAsync((Intent.Empty with { Networks = [.. networks] }).Since(null, 1));
        for (var i = 1; i <= standing; i++)
        {
            await reconciler.SetAsync(Attach(i));
        }

        await reconciler.QuietAsync().WaitAsync(s_soon, _test);
        Assert.All(reconciler.Statuses, static s => Assert.True(s.Value.IsDone, $"{s.Key}: {s.Value}"));
        var least = double.MaxValue;
        var counted = (kernel.Operations, kernel.Batches);
        for (var round = 0; round < Rounds; round++)
        {
            least = Math.Min(least, await AttachAsync(reconciler, standing + (round * Sample)));
        }

        return new Cost(
            (kernel.Operations - counted.Operations) / (double)(Rounds * Sample),
            (kernel.Batches - counted.Batches) / (double)(Rounds * Sample),
            least,
            kernel.Dumps);
    }

    // Bytes for one attach, on the average of a sample.
    private async Task<double> AttachAsync(Reconciler reconciler, int standing)
    {
        var attaches = Enumerable.Range(standing + 1, Sample).Select(static i => (Scope: ScopeOf(i), Revision: i, Changes: Attach(i))).ToArray();
        var before = GC.GetTotalAllocatedBytes(precise: true);
        foreach (var (scope, revision, changes) in attaches)
        {
            await reconciler.SetAsync(changes);
            await reconciler.WaitAsync(scope, revision, _test);
        }

        return (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Sample;
    }

    private static ScopeId ScopeOf(int number) => new($"endpoint/e{number}");

    // A sandbox with its default route, and its endpoint with two published ports.
    private static ImmutableArray<ScopeChange> Attach(int number)
    {
        var network = 1 + ((number - 1) / PortsPerBridge);
        var sandbox = new SampleSandbox((ulong)(1000 + number), network);
        var endpoint = new SampleEndpoint(number, network, sandbox.Cookie, Ports: 2);
        return
        [
            new ScopeChange(sandbox.Scope, number, SampleStates.Of(sandbox), [ScopeId.Node]),
            new ScopeChange(endpoint.Scope, number, SampleStates.Of(endpoint), [new SampleNetwork(network).Scope, sandbox.Scope]),
        ];
    }

    private sealed record Cost(double Operations, double Batches, double Bytes, int Dumps)
    {
        public override string ToString() => $"{Operations} operations, {Batches} batches, {Bytes:N0} bytes, {Dumps} dumps an attach";
    }

    private sealed class SilentListener : IReconcilerListener
    {
        public void ScopeChanged(ScopeId scope, ScopeStatus? status)
        {
        }

        public void DriftFound(ScopeId scope, string what)
        {
        }

        public void TransitionFailed(Transition transition, KernelError error)
        {
        }
    }

    // Says yes and remembers nothing, so that what is counted is the reconciler's own.
    private sealed class AckingKernel : IKernel
    {
        private int _operations;
        private int _batches;

        public int Operations => _operations;

        public int Batches => _batches;

        public int Dumps { get; private set; }

        public ChannelReader<KernelEvent> Events { get; } = Channel.CreateUnbounded<KernelEvent>().Reader;

        public Task<ImmutableArray<OperationResult>> ApplyAsync(KernelBatch batch, CancellationToken cancellationToken)
        {
            _ = Interlocked.Increment(ref _batches);
            _ = Interlocked.Add(ref _operations, batch.Operations.Length);
            return Task.FromResult(ImmutableArray.Create(new OperationResult[batch.Operations.Length]));
        }

        public Task<KernelState> ObserveAsync(Observation observation, CancellationToken cancellationToken)
        {
            Dumps++;
            return Task.FromResult(KernelState.Empty);
        }

        public Task<KernelError?> PerformAsync(Transition transition, CancellationToken cancellationToken) =>
            Task.FromResult<KernelError?>(null);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
