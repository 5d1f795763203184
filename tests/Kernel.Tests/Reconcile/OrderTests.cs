using System.Collections.Immutable;
using Networking.Kernel.Tests.Histories;
using Networking.Model;
using Networking.TestSupport;

namespace Networking.Kernel.Tests.Reconcile;

/// <summary>Who goes before whom, and who waits for whom.</summary>
public sealed class OrderTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(20);
    private static readonly NetNs s_five = new(5);
    private static readonly Intent s_one = Intent.Empty
        .With(new SampleNetwork(1)).With(new SampleSandbox(5, 1)).With(new SampleEndpoint(1, 1, 5));

    private readonly CancellationToken _test = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Removal_goes_from_the_endpoint_up()
    {
        await using var world = new World();
        await world.SetAsync(s_one);
        await world.ConvergeAsync();
        var before = world.Kernel.Log.Length;

        await world.SetAsync(Intent.Empty);
        await world.ConvergeAsync();

        var deleted = world.Kernel.Log.Skip(before).Where(static o => o.Verb == OperationVerb.Delete).Select(static o => o.Key.Name).ToList();
        Assert.True(deleted.IndexOf("eth0") < deleted.IndexOf("veth1"));
        Assert.True(deleted.IndexOf("veth1") < deleted.IndexOf("br1"));
        Assert.True(deleted.IndexOf("veth1") < deleted.IndexOf("netd ports tcp . 8010"), "the firewall outlives the link it guards");
    }

    [Fact]
    public async Task A_network_on_its_way_out_waits_for_its_endpoints()
    {
        await using var world = new World();
        await world.SetAsync(s_one);
        await world.ConvergeAsync();
        var held = world.Kernel.Hold(s_five, Lane.Route);

        await world.SetAsync(Intent.Empty);
        _ = await held.Arrived.WaitAsync(s_soon, _test);
        _ = await world.Reconciler.PendingAsync();

        Assert.Equal("waits for endpoint/e1 to be removed", world.Reconciler.Statuses[new SampleNetwork(1).Scope].Reason);
        Assert.Equal(ScopeCondition.Removing, world.Reconciler.Statuses[new SampleNetwork(1).Scope].Condition);
        held.Release();
        await world.ConvergeAsync();
        Assert.Empty(await world.ViolationsAsync());
    }

    [Fact]
    public async Task A_child_waits_for_its_parent_and_says_why()
    {
        await using var world = new World();
        world.Kernel.ForeignCreate(new LinkState { Namespace = NetNs.Host, Name = "br1", Details = new DummyLink() });
        await world.SetAsync(s_one);
        await world.SettleAsync();

        var reason = world.Reconciler.Statuses[new SampleEndpoint(1, 1, 5).Scope].Reason;
        Assert.StartsWith("needs network/n1: cannot create link br1", reason, StringComparison.Ordinal);
        Assert.DoesNotContain(world.Kernel.Log, static o => o.Key.Name == "veth1");

        _ = world.Kernel.ForeignDelete(LinkState.KeyOf(NetNs.Host, "br1"));
        await world.ConvergeAsync();
        Assert.Empty(await world.ViolationsAsync());
    }

    [Fact]
    public async Task An_endpoint_waits_for_another_to_give_up_its_interface_name()
    {
        await using var world = new World();
        await world.SetAsync(s_one);
        await world.ConvergeAsync();
        var held = world.Kernel.Hold(s_five, Lane.Route);

        await world.SetAsync(s_one.WithoutEndpoint(1).With(new SampleEndpoint(4, 1, 5)));
        _ = await held.Arrived.WaitAsync(s_soon, _test);
        _ = await world.Reconciler.PendingAsync();

        Assert.StartsWith(
            "waits for endpoint/e1 to give up link eth0",
            world.Reconciler.Statuses[new SampleEndpoint(4, 1, 5).Scope].Reason,
            StringComparison.Ordinal);
        held.Release();
        await world.ConvergeAsync();
        Assert.Empty(await world.ViolationsAsync());
        Assert.Empty(world.Kernel.Refusals);
    }

    [Fact]
    public async Task Who_takes_a_name_may_stand_before_who_gives_it_up()
    {
        await using var world = new World();
        await world.SetAsync(s_one);
        await world.ConvergeAsync();

        var next = s_one.WithoutEndpoint(1).With(new SampleEndpoint(4, 1, 5));
        var changes = next.Since(world.Intent, world.Revision + 1);
        await world.SetAsync([.. changes.Reverse()]);
        await world.ConvergeAsync();

        Assert.Empty(KernelCheck.Violations(world.Kernel, next.Scopes.Select(static s => s.Desired)));
    }

    [Fact]
    public async Task A_scope_asked_for_again_while_it_is_removed_comes_back()
    {
        await using var world = new World();
        await world.SetAsync(s_one);
        await world.ConvergeAsync();
        var held = world.Kernel.Hold(NetNs.Host, Lane.Route);

        await world.SetAsync(Intent.Empty);
        _ = await held.Arrived.WaitAsync(s_soon, _test);
        await world.SetAsync(s_one);
        held.Release();
        await world.ConvergeAsync();

        Assert.Empty(await world.ViolationsAsync());
        Assert.Empty(world.Kernel.Refusals);
    }

    /// <summary>The sandbox's route would be refused before its endpoint is mended, and the endpoint waits for the sandbox.</summary>
    [Fact]
    public async Task Parent_and_child_do_not_wait_for_each_other()
    {
        await using var world = new World();
        await world.SetAsync(s_one);
        await world.ConvergeAsync();
        _ = world.Kernel.ForeignChange(LinkState.KeyOf(s_five, "eth0"), static l => l with { IsUp = false });

        await world.RestartAsync();
        await world.ConvergeAsync();

        Assert.Empty(await world.ViolationsAsync());
        Assert.Empty(world.Kernel.Refusals);
    }

    [Fact]
    public async Task A_scope_that_is_mended_is_not_called_done_meanwhile()
    {
        await using var world = new World();
        await world.SetAsync(s_one);
        await world.ConvergeAsync();
        var held = world.Kernel.Hold(NetNs.Host, Lane.Route);

        _ = world.Kernel.ForeignDelete(LinkState.KeyOf(NetNs.Host, "br1"));
        await world.SettleAsync();
        world.Time.Advance(world.Options.EventDebounce);
        _ = await held.Arrived.WaitAsync(s_soon, _test);

        Assert.Equal(ScopeCondition.Pending, world.Reconciler.Statuses[new SampleNetwork(1).Scope].Condition);
        held.Release();
        await world.ConvergeAsync();
        Assert.Empty(await world.ViolationsAsync());
    }

    /// <summary>What was made on a bridge while the bridge went is not believed to be as it was asked.</summary>
    [Fact]
    public async Task What_went_while_it_was_built_upon_is_looked_at_again()
    {
        await using var world = new World();
        world.Kernel.TellsOwnChanges = false;
        await world.SetAsync(s_one.WithoutEndpoint(1).With(new SampleSandbox(5)));
        await world.ConvergeAsync();
        var held = world.Kernel.Hold(s_five, Lane.Sysctl); // the endpoint's last stage
        await world.SetAsync(s_one);
        _ = await held.Arrived.WaitAsync(s_soon, _test);

        // The bridge's address, the bridge, its port: the last is never told.
        world.Kernel.Faults.LoseEvent(world.Kernel.EventsSent + 3, isSilent: true);
        _ = world.Kernel.ForeignDelete(LinkState.KeyOf(NetNs.Host, "br1"));
        while (!world.Kernel.AreEventsTaken)
        {
            await Task.Yield();
        }

        _ = await world.Reconciler.PendingAsync();
        world.Time.Advance(world.Options.EventDebounce);
        _ = await world.Reconciler.PendingAsync();
        held.Release();
        await world.ConvergeAsync();

        Assert.Empty(await world.ViolationsAsync());
    }

    /// <summary>Elements belong to other scopes than their set, and go with it.</summary>
    [Fact]
    public async Task Elements_come_back_when_their_set_is_made_anew()
    {
        await using var world = new World();
        await world.SetAsync(s_one);
        await world.ConvergeAsync();
        var node = KernelState.Of(SampleStates.Node.Objects.Select(
            static o => o is FirewallSetState { Name: "bridges" } set ? set with { IsInterval = true } : o));

        await world.SetAsync([new ScopeChange(ScopeId.Node, world.Revision + 1, node, [])]);
        await world.ConvergeAsync();

        ImmutableArray<KernelState> desired = [node, .. s_one.Scopes.Where(static s => s.Id != ScopeId.Node).Select(static s => s.Desired)];
        Assert.Empty(KernelCheck.Violations(world.Kernel, desired));
        Assert.Empty(world.Kernel.Refusals);
    }
}
