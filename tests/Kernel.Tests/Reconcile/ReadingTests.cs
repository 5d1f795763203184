using System.Threading.Channels;
using Networking.Kernel.Tests.Histories;
using Networking.Model;
using Networking.TestSupport;

namespace Networking.Kernel.Tests.Reconcile;

/// <summary>Reading the kernel: when, how often, and what is made of what is found.</summary>
public sealed class ReadingTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(20);
    private static readonly NetNs s_five = new(5);
    private static readonly Intent s_one = Intent.Empty
        .With(new SampleNetwork(1)).With(new SampleSandbox(5, 1)).With(new SampleEndpoint(1, 1, 5));

    private readonly CancellationToken _test = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_restart_with_nothing_changed_sends_nothing()
    {
        await using var world = new World();
        await world.SetAsync(s_one);
        await world.ConvergeAsync();
        var batches = world.Kernel.Batches;

        await world.RestartAsync();
        await world.ConvergeAsync();

        Assert.Equal(batches, world.Kernel.Batches);
        Assert.Empty(await world.ViolationsAsync());
    }

    [Fact]
    public async Task Nothing_is_read_on_the_hot_path()
    {
        await using var world = new World();
        await world.SetAsync(s_one);
        await world.ConvergeAsync();
        await world.SetAsync(Intent.Empty);
        await world.ConvergeAsync();
        Assert.Equal(0, world.Kernel.Dumps);
    }

    [Fact]
    public async Task Many_refused_scopes_share_their_readings()
    {
        const int Networks = 60;
        await using var world = new World();
        await world.SetAsync(Intent.Empty);
        await world.ConvergeAsync();
        var intent = Intent.Empty;
        for (var i = 1; i <= Networks; i++)
        {
            world.Kernel.Faults.StrikeOperation(world.Kernel.Operations + i, FaultKind.Transient); // its element; the rest is not sent
            intent = intent.With(new SampleNetwork(i));
        }

        await world.SetAsync(intent);
        await world.ConvergeAsync();

        Assert.InRange(world.Kernel.Dumps, 1, 3);
        Assert.Empty(await world.ViolationsAsync());
    }

    [Fact]
    public async Task Readings_without_end_do_not_stop_work()
    {
        await using var world = new World(static k => new RestlessKernel((FakeKernel)k));
        await world.Reconciler.SetAsync(s_one.Since(null, 1), observeFirst: true);
        foreach (var scope in s_one.Scopes)
        {
            await world.Reconciler.WaitAsync(scope.Id, 1, _test).WaitAsync(s_soon, _test);
        }

        Assert.Empty(KernelCheck.Violations(world.Kernel, s_one.Scopes.Select(static s => s.Desired)));
    }

    [Fact]
    public async Task Work_without_end_does_not_stop_a_reading()
    {
        await using var world = new World();
        await world.SetAsync(s_one);
        var reading = world.Reconciler.RepairAsync();
        for (var mtu = 1300; !reading.IsCompleted; mtu = mtu == 1500 ? 1300 : mtu + 1)
        {
            await world.SetAsync(s_one.With(new SampleNetwork(1, mtu)));
        }

        _ = await reading;
    }

    [Fact]
    public async Task A_flood_of_events_does_not_stop_work()
    {
        await using var world = new World(static k => new FloodedKernel((FakeKernel)k));
        await world.Reconciler.SetAsync(s_one.Since(null, 1));
        foreach (var scope in s_one.Scopes)
        {
            await world.Reconciler.WaitAsync(scope.Id, 1, _test).WaitAsync(s_soon, _test);
        }
    }

    [Fact]
    public async Task A_reading_that_fails_is_tried_again()
    {
        await using var world = new World();
        await world.SetAsync(s_one);
        await world.ConvergeAsync();
        world.Kernel.Faults.FailDump(world.Kernel.Dumps + 1);
        world.Kernel.Faults.FailDump(world.Kernel.Dumps + 2);
        world.Kernel.ForeignFlushFirewall(NetNs.Host);
        await world.ConvergeAsync();
        Assert.Empty(await world.ViolationsAsync());
    }

    [Fact]
    public async Task A_repair_tells_of_orphans_and_removes_them()
    {
        await using var world = new World();
        await world.SetAsync(s_one);
        await world.ConvergeAsync();
        world.Kernel.ForeignCreate(new LinkState
        {
            Namespace = NetNs.Host,
            Name = "old",
            Details = new DummyLink(),
            Alias = $"{Intent.OwnerTag}:network/forgotten",
        });

        var diff = await world.Reconciler.DiffAsync();
        var repair = await world.Reconciler.RepairAsync();
        await world.ConvergeAsync();

        var told = Assert.Single(diff);
        Assert.Equal("- link old dummy mtu 1500 mac 02:00:00:30:00:01 down [host]", told.Plan.ToString());
        Assert.Equal(told.Plan.ToString(), Assert.Single(repair).Plan.ToString());
        Assert.Null(world.Kernel.PeekAll()[LinkState.KeyOf(NetNs.Host, "old")]);
        Assert.False(world.Reconciler.Statuses.ContainsKey(told.Scope));
    }

    /// <summary>Asked for when the reading began, given up when it arrives: it is not ours for that.</summary>
    [Fact]
    public async Task A_device_that_was_adopted_survives_being_given_up_during_a_reading()
    {
        await using var world = new World();
        world.Kernel.ForeignCreate(new LinkState { Namespace = NetNs.Host, Name = "lxcbr0", Details = new BridgeLink(), IsUp = true });
        var scope = new ScopeId("network/adopted");
        var dumps = world.Kernel.HoldDumps();
        await world.Reconciler.SetAsync([new ScopeChange(scope, 1, Adopted, [])], observeFirst: true);
        await dumps.Arrived.WaitAsync(s_soon, _test);

        await world.Reconciler.SetAsync([new ScopeChange(scope, 2, null, [])]);
        dumps.Release();
        await world.ConvergeAsync();

        Assert.Empty(KernelCheck.Violations(world.Kernel, []));
    }

    [Fact]
    public async Task Our_address_leaves_an_adopted_device_that_stays()
    {
        await using var world = new World();
        world.Kernel.ForeignCreate(new LinkState { Namespace = NetNs.Host, Name = "lxcbr0", Details = new BridgeLink(), IsUp = true });
        var scope = new ScopeId("network/adopted");
        await world.Reconciler.SetAsync([new ScopeChange(scope, 1, Adopted, [])]);
        await world.ConvergeAsync();
        Assert.NotNull(world.Kernel.PeekAll()[Address.Key]);

        await world.Reconciler.SetAsync([new ScopeChange(scope, 2, null, [])]);
        await world.ConvergeAsync();

        Assert.Empty(KernelCheck.Violations(world.Kernel, []));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("netd:ffffffff:network/n1")]
    [InlineData("somebody's")]
    public async Task A_strangers_device_of_a_name_we_want_is_left_alone(string? alias)
    {
        await using var world = new World();
        world.Kernel.ForeignCreate(new LinkState { Namespace = NetNs.Host, Name = "br1", Details = new BridgeLink(), Alias = alias });
        world.Kernel.ForeignCreate(new LinkState { Namespace = s_five, Name = "eth0", Details = new VethLink(new NetNs(6), "x", default), Alias = alias });

        await world.SetAsync(s_one);
        _ = await world.ConvergeAsync(); // it goes on trying, so it does not come to rest
        await world.SetAsync(Intent.Empty);
        await world.ConvergeAsync();

        Assert.DoesNotContain(KernelCheck.Violations(world.Kernel, [SampleStates.Node]), static v => !v.Contains("link x", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Only_the_end_of_a_pair_of_ours_is_taken_for_ours_without_an_alias()
    {
        await using var world = new World();
        await world.SetAsync(s_one);
        await world.ConvergeAsync();
        _ = world.Kernel.ForeignChange(LinkState.KeyOf(s_five, "eth0"), static l => l with { Alias = null });

        await world.RestartAsync();
        await world.ConvergeAsync();

        Assert.Empty(await world.ViolationsAsync());
        Assert.DoesNotContain(world.Kernel.Log, static o => o.Verb == OperationVerb.Delete);
    }

    private static AddressState Address { get; } = new()
    {
        Namespace = NetNs.Host,
        Link = "lxcbr0",
        Address = new InterfaceAddress(System.Net.IPAddress.Parse("10.9.0.1"), 24),
    };

    private static KernelState Adopted { get; } = KernelState.Of(
        new LinkState { Namespace = NetNs.Host, Name = "lxcbr0", Details = new ExistingLink("bridge"), IsUp = true },
        Address);

    // Loses events at every reading, so that there is always another one to be made.
    private sealed class RestlessKernel(FakeKernel kernel) : WrappedKernel(kernel)
    {
        public override Task<KernelState> ObserveAsync(Observation observation, CancellationToken cancellationToken)
        {
            kernel.ForeignEvent(new EventsLost(null, "always"));
            return base.ObserveAsync(observation, cancellationToken);
        }
    }

    private sealed class FloodedKernel(FakeKernel kernel) : WrappedKernel(kernel)
    {
        public override ChannelReader<KernelEvent> Events { get; } = new Flood();

        private sealed class Flood : ChannelReader<KernelEvent>
        {
            public override bool TryRead(out KernelEvent item)
            {
                item = new ObjectChanged(LinkState.KeyOf(NetNs.Host, "br1"), null);
                return true;
            }

            public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) =>
                cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<bool>(cancellationToken) : ValueTask.FromResult(true);
        }
    }
}
