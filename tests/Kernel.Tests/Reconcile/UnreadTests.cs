using Networking.Kernel.Tests.Histories;
using Networking.Model;
using Networking.TestSupport;

namespace Networking.Kernel.Tests.Reconcile;

/// <summary>Namespaces that cannot be read: who waits for them, who does not, and that nobody goes on blindly.</summary>
public sealed class UnreadTests
{
    private const string Refusal = "cannot dump netns:5: planned fault (EINTR)";

    private static readonly NetNs s_five = new(5);
    private static readonly NetNs s_six = new(6);
    private static readonly ObjectKey s_bridgeElement = new(NetNs.Host, ObjectKind.FirewallElement, "netd bridges br1");
    private static readonly Intent s_one = Intent.Empty
        .With(new SampleNetwork(1)).With(new SampleSandbox(5, 1)).With(new SampleEndpoint(1, 1, 5));

    private static readonly Intent s_two = s_one.With(new SampleSandbox(6, 1)).With(new SampleEndpoint(2, 1, 6));

    [Fact]
    public async Task A_namespace_that_cannot_be_read_does_not_hold_up_the_others()
    {
        await using var world = await StandingAsync(s_two);
        world.Kernel.Faults.FailDumpsOf(s_five);

        _ = world.Kernel.ForeignChange(LinkState.KeyOf(s_five, "eth0"), static l => l with { MtuBytes = 1000 });
        _ = world.Kernel.ForeignChange(LinkState.KeyOf(s_six, "eth0"), static l => l with { MtuBytes = 1000 });
        world.Kernel.ForeignFlushFirewall(NetNs.Host);
        await PassAsync(world, TimeSpan.FromSeconds(5));

        Assert.NotNull(world.Kernel.PeekAll()[s_bridgeElement]);
        Assert.Equal(["endpoint/e1"], Undone(world));
        Assert.Equal($"cannot read netns:5: {Refusal}", StatusOf(world, "endpoint/e1").Reason);
        await HealAsync(world);
    }

    [Fact]
    public async Task Who_waits_for_a_reading_says_when_it_is_tried_again()
    {
        await using var world = await StandingAsync(s_one);
        world.Kernel.Faults.FailDumpsOf(s_five);
        _ = world.Kernel.ForeignChange(LinkState.KeyOf(s_five, "eth0"), static l => l with { MtuBytes = 1000 });
        await PassAsync(world, TimeSpan.FromSeconds(1));
        var first = StatusOf(world, "endpoint/e1");

        await PassAsync(world, TimeSpan.FromSeconds(3));
        var later = StatusOf(world, "endpoint/e1");

        Assert.Equal(ScopeCondition.Pending, later.Condition);
        Assert.Equal(first.Since, later.Since);
        Assert.Equal(first.NextTry + TimeSpan.FromSeconds(3), later.NextTry);
        Assert.InRange(later.NextTry!.Value, world.Time.GetUtcNow(), world.Time.GetUtcNow() + TimeSpan.FromSeconds(1)); // it waits for a moment
        await HealAsync(world);
    }

    [Fact]
    public async Task What_cannot_be_read_is_read_once_a_second_and_told_once()
    {
        await using var world = await StandingAsync(s_one);
        world.Kernel.Faults.FailDumpsOf(s_five);
        var dumps = world.Kernel.Dumps;
        for (var i = 0; i < 10; i++)
        {
            world.Kernel.ForeignEvent(new EventsLost(s_five, "test"));
        }

        await PassAsync(world, TimeSpan.FromMilliseconds(100));
        Assert.InRange(world.Kernel.Dumps - dumps, 1, 10); // as often as it was asked for
        dumps = world.Kernel.Dumps;
        await PassAsync(world, TimeSpan.FromSeconds(10));

        Assert.Equal(10, world.Kernel.Dumps - dumps);
        Assert.Equal($"node: cannot read netns:5: {Refusal}; trying again every second", Assert.Single(world.Listener.Drift, IsUnread));
        Assert.Empty(Undone(world)); // nobody is in doubt
        await HealAsync(world);
    }

    [Fact]
    public async Task A_namespace_that_nobody_has_anything_in_any_more_is_not_read_again()
    {
        await using var world = await StandingAsync(s_one);
        world.Kernel.Faults.FailDumpsOf(s_five);
        world.Kernel.ForeignEvent(new EventsLost(s_five, "test"));
        await PassAsync(world, TimeSpan.FromSeconds(2));

        await world.SetAsync(Intent.Empty);

        Assert.True(await world.ConvergeAsync(), world.Describe());
        Assert.Empty(await world.ViolationsAsync());
    }

    [Fact]
    public async Task A_diff_names_what_could_not_be_read_and_leaves_nothing_behind()
    {
        await using var world = await StandingAsync(s_two);
        world.Kernel.Faults.FailDumpsOf(s_five);
        world.Kernel.Faults.FailDumpsOf(NetNs.Host);

        var error = await Assert.ThrowsAsync<KernelException>(world.Reconciler.DiffAsync);
        var dumps = world.Kernel.Dumps;
        Assert.True(await world.ConvergeAsync(), world.Describe());

        Assert.Equal($"cannot read host: cannot dump host: planned fault (EINTR); cannot read netns:5: {Refusal}", error.Message);
        Assert.Equal(dumps, world.Kernel.Dumps);
        Assert.Empty(Undone(world));
    }

    [Fact]
    public async Task A_diff_of_one_scope_reads_its_namespaces_alone()
    {
        await using var world = await StandingAsync(s_two);
        world.Kernel.Faults.FailDumpsOf(s_five);
        world.Kernel.ForeignSysctl(NetNs.Host, "net/ipv4/ip_forward", "0"); // nobody tells of it
        var dumps = world.Kernel.Dumps;

        var plan = Assert.Single(await world.Reconciler.DiffAsync(ScopeId.Node));
        Assert.Equal(dumps + 1, world.Kernel.Dumps);
        Assert.Equal(ScopeId.Node, plan.Scope);
        Assert.Contains("ip_forward", plan.Plan.ToString(), StringComparison.Ordinal);
        Assert.Empty(await world.Reconciler.DiffAsync(new ScopeId("endpoint/e2")));
        Assert.Empty(await world.Reconciler.DiffAsync(new ScopeId("endpoint/none")));
        _ = await Assert.ThrowsAsync<KernelException>(() => world.Reconciler.DiffAsync(new ScopeId("endpoint/e1")));
    }

    [Fact]
    public async Task A_repair_mends_what_could_be_read_and_names_what_could_not()
    {
        await using var world = await StandingAsync(s_one);
        world.Kernel.ForeignSysctl(NetNs.Host, "net/ipv4/ip_forward", "0"); // nobody tells of it
        world.Kernel.Faults.FailDumpsOf(s_five);

        var error = await Assert.ThrowsAsync<KernelException>(world.Reconciler.RepairAsync);
        await world.SettleAsync();

        Assert.Equal($"cannot read netns:5: {Refusal}", error.Message);
        Assert.Equal("1", Forwarding(world));
        await HealAsync(world);
    }

    [Fact]
    public async Task A_start_whose_readings_fail_takes_no_blind_step()
    {
        await using var world = await StandingAsync(s_one);
        var batches = world.Kernel.Batches;
        world.Kernel.Faults.FailDumpsOf(NetNs.Host);
        world.Kernel.Faults.FailDumpsOf(s_five);

        await world.RestartAsync();
        await PassAsync(world, TimeSpan.FromSeconds(5));
        Assert.Equal(["endpoint/e1", "network/n1", "node", "sandbox/s5"], Undone(world));
        Assert.Equal("cannot read host: cannot dump host: planned fault (EINTR)", StatusOf(world, "node").Reason);
        await HealAsync(world);

        Assert.Equal(batches, world.Kernel.Batches);
    }

    [Fact]
    public async Task A_start_goes_on_where_it_could_read()
    {
        await using var world = await StandingAsync(s_two);
        world.Kernel.ForeignFlushFirewall(NetNs.Host);
        _ = world.Kernel.ForeignDelete(new ObjectKey(s_six, ObjectKind.Address, "eth0 10.1.0.4/16"));
        var batches = world.Kernel.Batches;
        world.Kernel.Faults.FailDumpsOf(s_five);

        await world.RestartAsync();
        await PassAsync(world, TimeSpan.FromSeconds(5));

        Assert.Equal(["endpoint/e1", "sandbox/s5"], Undone(world));
        Assert.NotNull(world.Kernel.PeekAll()[s_bridgeElement]);
        Assert.DoesNotContain(world.Kernel.BatchLog.Skip(batches), static b => b.Namespace == s_five);
        await HealAsync(world);
    }

    /// <summary>What stood there before the start is not known yet to those who come after it either.</summary>
    [Fact]
    public async Task Who_comes_to_a_namespace_that_a_start_could_not_read_waits_too()
    {
        await using var world = await StandingAsync(s_one);
        var batches = world.Kernel.Batches;
        world.Kernel.Faults.FailDumpsOf(s_five);
        await world.RestartAsync();
        await PassAsync(world, TimeSpan.FromSeconds(2));

        await world.SetAsync(s_one.With(new SampleNetwork(2)).With(new SampleEndpoint(3, 2, 5, "eth1")));
        await PassAsync(world, TimeSpan.FromSeconds(2));

        Assert.Equal(["endpoint/e1", "endpoint/e3", "sandbox/s5"], Undone(world));
        Assert.DoesNotContain(world.Kernel.BatchLog.Skip(batches), static b => b.Namespace == s_five);
        await HealAsync(world);
    }

    [Fact]
    public async Task What_is_given_up_before_a_start_has_seen_it_goes_once_it_is_seen()
    {
        await using var world = await StandingAsync(s_one);
        world.Kernel.Faults.FailDumpsOf(NetNs.Host);
        world.Kernel.Faults.FailDumpsOf(s_five);
        await world.RestartAsync(isForgetting: false);

        await world.SetAsync(Intent.Empty);
        await PassAsync(world, TimeSpan.FromSeconds(2));

        Assert.Equal(["endpoint/e1", "network/n1", "node", "sandbox/s5"], Undone(world));
        Assert.Equal(ScopeCondition.Removing, StatusOf(world, "endpoint/e1").Condition);
        await HealAsync(world);
    }

    [Fact]
    public async Task A_value_given_up_before_a_start_has_seen_it_is_put_back()
    {
        await using var world = await StandingAsync(Intent.Empty);
        Assert.Equal("1", Forwarding(world));
        world.Kernel.Faults.FailDumpsOf(NetNs.Host);
        await world.RestartAsync();

        await world.SetAsync(new ScopeChange(ScopeId.Node, 2, KernelState.Empty, []));
        await PassAsync(world, TimeSpan.FromSeconds(2));
        Assert.Equal("1", Forwarding(world));
        world.Kernel.Faults.Clear();
        await world.ConvergeAsync();

        Assert.Equal("0", Forwarding(world));
        Assert.Empty(KernelCheck.Violations(world.Kernel, []));
    }

    /// <summary>What an earlier run had begun to put back: asked for and given up in one step.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task A_start_takes_up_what_was_to_be_put_back(int failures)
    {
        await using var world = await StandingAsync(Intent.Empty);
        await world.Reconciler.DisposeAsync();
        world.Kernel.Reconnect();
        await using var next = new World(kernel: world.Kernel);
        world.Kernel.Faults.FailDumpsOf(NetNs.Host, failures);

        await next.Reconciler.SetAsync(
            [new ScopeChange(ScopeId.Node, 1, SampleStates.Node, []), new ScopeChange(ScopeId.Node, 1, KernelState.Empty, [])],
            observeFirst: true);
        await next.ConvergeAsync();

        Assert.Equal("0", Forwarding(next));
        Assert.Empty(KernelCheck.Violations(next.Kernel, []));
        Assert.Single(next.Listener.Changes, static c => c.Status is { IsDone: true });
    }

    /// <summary>Who hears that a sandbox is gone closes its namespace: what bears our mark there must be gone before.</summary>
    [Fact]
    public async Task What_an_earlier_run_left_goes_before_the_last_scope_of_its_namespace()
    {
        var value = new SysctlState { Namespace = s_five, Path = "net/ipv4/ip_unprivileged_port_start", Value = "7", Original = "0" };
        var table = new FirewallTableState { Namespace = s_five, Name = Ownership.FirewallTable };
        var scope = new ScopeId("sandbox/s5");
        await using var world = new World();
        await world.SetAsync(new ScopeChange(scope, 1, KernelState.Of(value, table), []));
        await world.ConvergeAsync();
        await world.Reconciler.DisposeAsync();
        world.Kernel.Reconnect();
        await using var next = new World(kernel: world.Kernel);

        await next.Reconciler.SetAsync([new ScopeChange(scope, 1, KernelState.Of(value), []), new ScopeChange(scope, 1, null, [])], observeFirst: true);
        await next.ConvergeAsync();

        Assert.Empty(KernelCheck.Violations(next.Kernel, []));
        Assert.Equal(["orphans", scope.Value], next.Listener.Changes.Where(static c => c.Status is null).Select(static c => c.Scope.Value));
    }

    /// <summary>By what it was last asked for with, not by what it was when it was written.</summary>
    [Theory]
    [InlineData("0", null, "1")]
    [InlineData(null, "0", "0")]
    public async Task What_a_value_is_put_back_to_may_change_while_it_stands(string? first, string? then, string left)
    {
        const string path = "net/ipv4/ip_forward";
        await using var world = new World();
        world.Kernel.ForeignSysctl(NetNs.Host, path, "0");
        foreach (var original in new[] { first, then })
        {
            var value = new SysctlState { Namespace = NetNs.Host, Path = path, Value = "1", Original = original };
            await world.SetAsync(new ScopeChange(ScopeId.Node, 1, KernelState.Of(value), []));
            await world.ConvergeAsync();
        }

        await world.SetAsync(new ScopeChange(ScopeId.Node, 2, KernelState.Empty, []));
        await world.ConvergeAsync();

        Assert.Equal(left, Forwarding(world));
    }

    [Fact]
    public async Task At_a_start_nobody_waits_for_a_node_without_objects()
    {
        await using var world = new World();
        await world.Reconciler.SetAsync([new ScopeChange(ScopeId.Node, 1, KernelState.Empty, [])], observeFirst: true);
        await world.SettleAsync();

        var sandbox = new SampleSandbox(5);
        await world.SetAsync(new ScopeChange(sandbox.Scope, 2, SampleStates.Of(sandbox), [ScopeId.Node]));
        await world.SettleAsync();

        Assert.Empty(Undone(world));
    }

    /// <summary>There is nothing to be read of it that could take the doubt away.</summary>
    [Fact]
    public async Task Nobody_waits_for_a_node_that_was_in_doubt_and_is_without_objects_now()
    {
        await using var world = new World();
        var link = new LinkState { Namespace = NetNs.Host, Name = "br1", Details = new BridgeLink() };
        world.Kernel.ForeignCreate(link);
        await world.SetAsync(new ScopeChange(ScopeId.Node, 1, KernelState.Of(link with { Alias = $"{Intent.OwnerTag}:node" }), []));
        await world.SettleAsync();
        Assert.Equal(ScopeCondition.Error, StatusOf(world, "node").Condition); // it exists, and is somebody else's

        var sandbox = new SampleSandbox(5);
        await world.SetAsync(
            new ScopeChange(ScopeId.Node, 2, KernelState.Empty, []),
            new ScopeChange(sandbox.Scope, 2, SampleStates.Of(sandbox), [ScopeId.Node]));
        await world.SettleAsync();

        Assert.Empty(Undone(world));
    }

    private static async Task<World> StandingAsync(Intent intent)
    {
        var world = new World();
        await world.SetAsync(intent);
        await world.ConvergeAsync();
        return world;
    }

    // What strangers did is taken notice of first: it sets the timers that time runs to.
    private static async Task PassAsync(World world, TimeSpan time)
    {
        await world.SettleAsync();
        await world.PassAsync(time);
    }

    private static async Task HealAsync(World world)
    {
        world.Kernel.Faults.Clear();
        await world.ConvergeAsync();
        Assert.Empty(await world.ViolationsAsync());
    }

    private static string[] Undone(World world) =>
        [.. world.Reconciler.Statuses.Where(static s => !s.Value.IsDone).Select(static s => s.Key.Value).Order(StringComparer.Ordinal)];

    private static ScopeStatus StatusOf(World world, string scope) => world.Reconciler.Statuses[new ScopeId(scope)];

    private static bool IsUnread(string drift) => drift.Contains("cannot read", StringComparison.Ordinal);

    private static string? Forwarding(World world) =>
        (world.Kernel.PeekAll()[new ObjectKey(NetNs.Host, ObjectKind.ForwardingSysctl, "net/ipv4/ip_forward")] as SysctlState)?.Value;
}
