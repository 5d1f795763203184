using Networking.Kernel.Tests.Histories;
using Networking.Model;

namespace Networking.Kernel.Tests.Reconcile;

/// <summary>Our rule in a chain of somebody else, who takes rule or chain away when he likes.</summary>
public sealed class ForeignChainTests
{
    private const string Chain = "ip filter FORWARD";

    [Fact]
    public async Task Rule_comes_back_when_its_chain_was_made_anew()
    {
        await using var world = new World();
        await world.SetAsync(Intent.Empty);
        await world.ConvergeAsync();

        world.Kernel.ForeignForwardChain(NetNs.Host, Chain, isThere: false);
        world.Kernel.ForeignForwardChain(NetNs.Host, Chain, isThere: true);
        await world.ConvergeAsync();

        Assert.Empty(await world.ViolationsAsync());
        Assert.Contains("node: rule in ip filter FORWARD: meta mark & 0x00400000 == 0x00400000 accept is missing in host", world.Listener.Drift);
    }

    [Fact]
    public async Task Refusal_names_the_chain_and_is_tried_again_until_it_is_there()
    {
        await using var world = new World();
        world.Kernel.ForeignForwardChain(NetNs.Host, Chain, isThere: false);
        await world.SetAsync(Intent.Empty);
        await world.PassAsync(TimeSpan.FromSeconds(5));
        var status = world.Reconciler.Statuses[ScopeId.Node];
        Assert.False(status.IsDone);
        Assert.Contains("rule in ip filter FORWARD", status.Reason, StringComparison.Ordinal);

        world.Kernel.ForeignForwardChain(NetNs.Host, Chain, isThere: true);
        await world.PassAsync(world.Options.RetryMax);
        await world.ConvergeAsync();

        Assert.True(world.Reconciler.Statuses[ScopeId.Node].IsDone);
        Assert.Empty(await world.ViolationsAsync());
    }

    [Fact]
    public async Task Rule_of_a_daemon_that_is_gone_is_taken_out()
    {
        await using var world = new World();
        var left = SampleStates.Admission with { Chain = "DOCKER-USER" };
        world.Kernel.ForeignForwardChain(NetNs.Host, left.Key.Name, isThere: true);
        _ = await world.Kernel.ApplyAsync(
            new KernelBatch(NetNs.Host, Lane.Firewall, [new KernelOperation(OperationVerb.Create, null, left, [])]), TestContext.Current.CancellationToken);

        await world.SetAsync(Intent.Empty, observeFirst: true);
        await world.ConvergeAsync();

        Assert.Null(world.Kernel.PeekAll()[left.Key]);
        Assert.NotNull(world.Kernel.PeekAll()[SampleStates.Admission.Key]);
    }
}
