using System.Collections.Immutable;
using Networking.Kernel.Tests.Histories;
using Networking.Model;
using Networking.TestSupport;

namespace Networking.Kernel.Tests.Reconcile;

/// <summary>A port that one endpoint gives up while it is still being made, and that another gets.</summary>
public sealed class NameTests
{
    private const string Port = "tcp . 8010";

    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(20);
    private static readonly SampleEndpoint s_first = new(1, 1, 5);
    private static readonly SampleEndpoint s_second = new(4, 1, 6) { FirstPort = 7970 };
    private static readonly Intent s_before = Intent.Empty.With(new SampleNetwork(1)).With(new SampleSandbox(5)).With(new SampleSandbox(6));

    private readonly CancellationToken _test = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task It_is_made_for_the_second_when_it_is_gone_from_the_first(bool isSilent, bool isRefused)
    {
        await using var kernel = new FakeKernel(new NetNs(5), new NetNs(6));
        await using var world = new World(k => isSilent ? new SilentKernel(k, kernel) : k, kernel: kernel);
        await world.SetAsync(s_before);
        await world.ConvergeAsync();
        var held = kernel.Hold(NetNs.Host, Lane.Firewall);
        await world.SetAsync(s_before.With(s_first));
        var first = await held.Arrived.WaitAsync(s_soon, _test);
        if (isRefused)
        {
            kernel.Faults.StrikeOperation(kernel.Operations + 1, FaultKind.Transient);
        }

        await world.SetAsync(s_before.With(s_first with { Ports = 0 }).With(s_second));
        _ = await world.Reconciler.PendingAsync();
        var reason = world.Reconciler.Statuses[s_second.Scope].Reason;
        held.Release();
        await world.ConvergeAsync();

        Assert.Contains(first.Operations, static o => o.Verb == OperationVerb.Create && o.Key.Name.Contains(Port, StringComparison.Ordinal));
        Assert.StartsWith("waits for endpoint/e1 to give up", reason, StringComparison.Ordinal);
        Assert.Empty(await world.ViolationsAsync());
        Assert.All(world.Listener.Changes, static c => Assert.Equal(0, c.Status?.Attempts ?? 0));
        Assert.Empty(kernel.Refusals);
        Assert.Single(kernel.PeekAll().Objects, static o => o.Key.Name.Contains(Port, StringComparison.Ordinal) && o is FirewallElementState { Comment: "endpoint/e4" });
    }

    /// <summary>Makes no element twice and does not say so, as it is in iptables.</summary>
    private sealed class SilentKernel(IKernel kernel, FakeKernel fake) : WrappedKernel(kernel)
    {
        public override async Task<ImmutableArray<OperationResult>> ApplyAsync(KernelBatch batch, CancellationToken cancellationToken)
        {
            var standing = fake.PeekAll();
            var isMade = batch.Operations.Select(o => o is { Verb: OperationVerb.Create, After: FirewallElementState } && standing.Contains(o.Key)).ToArray();
            var rest = batch.Operations.Where((_, i) => !isMade[i]).ToImmutableArray();
            var results = new Queue<OperationResult>(
                rest.IsEmpty ? [] : await base.ApplyAsync(batch with { Operations = rest }, cancellationToken).ConfigureAwait(false));
            return [.. isMade.Select(m => m ? OperationResult.Done : results.Dequeue())];
        }
    }
}
