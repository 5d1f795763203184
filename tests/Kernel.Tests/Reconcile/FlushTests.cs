using Networking.Kernel.Tests.Histories;
using Networking.Model;

namespace Networking.Kernel.Tests.Reconcile;

/// <summary>Somebody flushes a firewall that is in use: it comes back whole, or packets would meet rules whose sets are empty.</summary>
public sealed class FlushTests
{
    private static readonly Intent s_intent = Intent.Empty.With(new SampleNetwork(1)).With(new SampleSandbox(5, 1)).With(new SampleEndpoint(1, 1, 5));

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Chains_and_elements_come_back_in_one_transaction(bool withSets, bool afterRestart)
    {
        await using var world = new World();
        await world.SetAsync(s_intent);
        await world.ConvergeAsync();
        var expected = Firewall(world);
        var before = world.Kernel.BatchLog.Length;
        world.Kernel.ForeignFlushFirewall(NetNs.Host, o => withSets || o is FirewallChainState or FirewallElementState);
        if (afterRestart)
        {
            await world.RestartAsync();
        }

        await world.ConvergeAsync();

        var made = world.Kernel.BatchLog.Skip(before).Where(static b => b.Lane == Lane.Firewall && b.Namespace.IsHost).ToArray();
        var elements = Assert.Single(made, static b => b.Operations.Any(static o => o.After is FirewallElementState));
        Assert.Equal(2, elements.Operations.Count(static o => o.After is FirewallElementState));
        Assert.Contains(elements.Operations, static o => o.After is FirewallChainState);
        Assert.Empty(world.Kernel.Refusals);
        Assert.Equal(expected, Firewall(world));
    }

    [Fact]
    public async Task A_network_that_is_made_while_nothing_of_it_stands_brings_its_elements_itself()
    {
        await using var world = new World();
        await world.SetAsync(s_intent);
        await world.ConvergeAsync();
        var first = world.Kernel.BatchLog.First(static b => b.Operations.Any(static o => o.After is FirewallTableState));
        Assert.DoesNotContain(first.Operations, static o => o.After is FirewallElementState);
    }

    private static IEnumerable<ObjectKey> Firewall(World world) =>
        world.Kernel.PeekAll().Keys.Where(static k => k.Namespace.IsHost && KernelOperation.LaneOf(k.Kind) == Lane.Firewall).Order();
}
