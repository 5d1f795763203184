using Networking.Kernel.Tests.Histories;

namespace Networking.Kernel.Tests.Reconcile;

/// <summary>The host's firewall moves to another backend: packets meet the one or the other, and never neither.</summary>
public sealed class BackendTests
{
    private static readonly Intent s_before = Intent.Empty.With(new SampleNetwork(1)).With(new SampleSandbox(5, 1)).With(new SampleEndpoint(1, 1, 5));
    private static readonly Intent s_after = s_before with { Table = Ownership.IptablesTable };

    [Fact]
    public async Task The_new_table_comes_with_all_elements_in_the_batch_in_which_the_old_one_goes()
    {
        await using var world = new World();
        await world.SetAsync(s_before);
        await world.ConvergeAsync();
        var before = world.Kernel.BatchLog.Length;
        await world.SetAsync(s_after);
        await world.ConvergeAsync();

        var moving = Assert.Single(world.Kernel.BatchLog.Skip(before), static b => b.Lane == Lane.Firewall && b.Operations.Any(static o => o.After is FirewallTableState));
        Assert.Contains(moving.Operations, static o => o is { Verb: OperationVerb.Delete, Before: FirewallTableState { Name: Ownership.FirewallTable } });
        Assert.Equal(2, moving.Operations.Count(static o => o is { Verb: OperationVerb.Create, After: FirewallElementState { Table: Ownership.IptablesTable } }));
        Assert.Empty(world.Listener.Drift);
        Assert.DoesNotContain(world.Kernel.PeekAll().Objects, static o => o is FirewallElementState { Table: Ownership.FirewallTable });
    }

    [Fact]
    public async Task Moved_ports_make_nobody_forget_a_connection()
    {
        await using var world = new World();
        await world.SetAsync(s_before);
        await world.ConvergeAsync();
        var flushes = world.Kernel.Performed.Count(static t => t is ConntrackFlushTransition);
        await world.SetAsync(s_after);
        await world.ConvergeAsync();
        Assert.Equal(flushes, world.Kernel.Performed.Count(static t => t is ConntrackFlushTransition));
    }

    [Fact]
    public async Task What_an_earlier_run_left_in_another_backend_goes_last()
    {
        await using var world = new World();
        await world.SetAsync(s_before);
        await world.ConvergeAsync();
        await world.RestartWithAsync(s_after);
        await world.ConvergeAsync();

        var log = world.Kernel.BatchLog.SelectMany(static b => b.Operations).ToArray();
        var gone = Array.FindLastIndex(log, static o => o is { Verb: OperationVerb.Delete, Before: FirewallTableState { Name: Ownership.FirewallTable } });
        var made = Array.FindLastIndex(log, static o => o is { Verb: OperationVerb.Create, After: FirewallElementState { Table: Ownership.IptablesTable } });
        Assert.True(made >= 0 && gone > made, $"the last element was made in step {made}, the old table deleted in step {gone}");
    }
}
