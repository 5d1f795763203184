using System.Collections.Immutable;
using System.Net;
using Networking.Kernel.Tests.Histories;
using Networking.Model;
using Networking.TestSupport;

namespace Networking.Kernel.Tests.Support;

/// <summary>The habits of the real kernel that the fake must have, or the histories would prove nothing.</summary>
public sealed class FakeKernelTests
{
    private static readonly NetNs s_five = new(5);
    private static readonly ObjectKey s_maker = LinkState.KeyOf(NetNs.Host, "veth1");
    private static readonly ObjectKey s_other = LinkState.KeyOf(s_five, "eth0");

    private readonly CancellationToken _test = TestContext.Current.CancellationToken;
    private readonly FakeKernel _kernel = new(s_five);

    [Fact]
    public async Task A_pair_is_made_whole_with_its_other_end_down()
    {
        await MakeAsync(Bridge("br1"), Maker());
        Assert.False(((LinkState)_kernel.PeekAll()[s_other]!).IsUp); // made with its maker
        Assert.Equal(s_other, _kernel.OtherEndOf(s_maker));
        Assert.Equal(s_maker, _kernel.OtherEndOf(s_other));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Either_end_takes_the_other_along(bool isMaker)
    {
        await MakeAsync(Bridge("br1"), Maker(), Other(), Address(), Route());
        _ = _kernel.ForeignDelete(isMaker ? s_maker : s_other);
        Assert.DoesNotContain(_kernel.PeekAll().Keys, static k => k.Name.Contains("eth0", StringComparison.Ordinal) || k.Name == "veth1" || k.Kind == ObjectKind.Route);
    }

    [Fact]
    public async Task Deleting_the_other_end_frees_its_name_and_the_pair_lives_on()
    {
        await MakeAsync(Bridge("br1"), Maker(), Other());
        Assert.Null(await DoAsync(OperationVerb.Delete, Other()));
        Assert.Null(_kernel.PeekAll()[s_other]);
        Assert.NotNull(_kernel.PeekAll()[s_maker]);
        Assert.NotNull(_kernel.OtherEndOf(s_maker));

        Assert.Null(await DoAsync(OperationVerb.Delete, Maker()));
        Assert.DoesNotContain(_kernel.PeekAll().Objects.OfType<LinkState>(), static l => l.Name.StartsWith("doomed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_link_that_goes_down_loses_its_routes_and_its_IPv6_addresses()
    {
        var v6 = Address() with { Address = new InterfaceAddress(IPAddress.Parse("fd00::2"), 64) };
        await MakeAsync(Bridge("br1"), Maker(), Other(), Address(), v6, Route());
        Assert.Null(await DoAsync(OperationVerb.Change, Other() with { IsUp = false }));
        Assert.NotNull(_kernel.PeekAll()[Address().Key]);
        Assert.Null(_kernel.PeekAll()[v6.Key]);
        Assert.Null(_kernel.PeekAll()[Route().Key]);
    }

    [Fact]
    public async Task A_bridge_that_goes_lets_its_ports_go()
    {
        await MakeAsync(Bridge("br1"), Maker());
        Assert.Null(await DoAsync(OperationVerb.Delete, Bridge("br1")));
        Assert.Equal(string.Empty, ((LinkState)_kernel.PeekAll()[s_maker]!).Master); // a port outlives its bridge
    }

    [Fact]
    public async Task What_cannot_be_is_refused_with_the_errno_of_Linux()
    {
        Assert.Equal("ENODEV", await DoAsync(OperationVerb.Create, Maker())); // no bridge
        Assert.Equal("ENODEV", await DoAsync(OperationVerb.Create, Other())); // no maker
        Assert.Equal("ENODEV", await DoAsync(OperationVerb.Create, Address()));
        Assert.Equal("ENOENT", await DoAsync(OperationVerb.Create, Maker() with { Details = new VethLink(new NetNs(99), "x", default), Master = null }));
        Assert.Null(await DoAsync(OperationVerb.Create, Bridge("br1")));
        Assert.Equal("EEXIST", await DoAsync(OperationVerb.Create, Bridge("br1")));
        await MakeAsync(Maker());
        Assert.Equal("ENETDOWN", await DoAsync(OperationVerb.Create, Route()));
        await MakeAsync(Other());
        Assert.Equal("ENETUNREACH", await DoAsync(OperationVerb.Create, Route()));
        await MakeAsync(Address());
        Assert.Equal("ESRCH", await DoAsync(OperationVerb.Change, Route()));
        await MakeAsync(Route());
        Assert.Equal("EEXIST", await DoAsync(OperationVerb.Create, Route()));
        Assert.Null(await DoAsync(OperationVerb.Delete, Route()));
        Assert.Null(await DoAsync(OperationVerb.Delete, Route())); // absence is fine
    }

    [Fact]
    public async Task The_firewall_is_changed_whole_or_not_at_all()
    {
        var table = new FirewallTableState { Namespace = NetNs.Host, Name = "netd" };
        var element = SampleStates.Of(new SampleNetwork(1)).Objects.OfType<FirewallElementState>().Single();
        var results = await _kernel.ApplyAsync(
            new KernelBatch(NetNs.Host, Lane.Firewall, [Operation(OperationVerb.Create, table), Operation(OperationVerb.Create, element)]), _test);
        Assert.All(results, static r => Assert.False(r.IsDone));
        Assert.Equal("ENOENT", results[1].Error!.ErrnoName); // it has no set
        Assert.Null(_kernel.PeekAll()[table.Key]);
    }

    [Theory]
    [InlineData(1, false, true)]
    [InlineData(2, true, true)]
    public async Task A_batch_of_two_backends_is_two_and_what_is_new_comes_first(int struck, bool isNewThere, bool isOldThere)
    {
        var old = new FirewallTableState { Namespace = NetNs.Host, Name = Ownership.FirewallTable };
        var @new = old with { Name = Ownership.IptablesTable };
        await MakeAsync(old);
        _kernel.Faults.StrikeOperation(_kernel.Operations + struck, FaultKind.Permanent);
        var results = await _kernel.ApplyAsync(
            new KernelBatch(NetNs.Host, Lane.Firewall, [Operation(OperationVerb.Delete, old), Operation(OperationVerb.Create, @new)]), _test);
        Assert.Equal((!isOldThere, isNewThere), (results[0].IsDone, results[1].IsDone));
        Assert.Equal((isOldThere, isNewThere), (_kernel.PeekAll().Contains(old.Key), _kernel.PeekAll().Contains(@new.Key)));
    }

    [Fact]
    public async Task A_rule_of_ours_needs_the_chain_it_stands_in_and_goes_with_it()
    {
        await MakeAsync(SampleStates.Admission);
        Assert.Equal("EEXIST", await DoAsync(OperationVerb.Create, SampleStates.Admission));
        _kernel.ForeignForwardChain(NetNs.Host, "ip filter FORWARD", isThere: false);
        Assert.Null(_kernel.PeekAll()[SampleStates.Admission.Key]);
        Assert.Null(await DoAsync(OperationVerb.Delete, SampleStates.Admission)); // absence is fine
        Assert.Equal("ENOENT", await DoAsync(OperationVerb.Create, SampleStates.Admission));
        _kernel.ForeignForwardChain(NetNs.Host, "ip filter FORWARD", isThere: true);
        await MakeAsync(SampleStates.Admission);
    }

    [Fact]
    public async Task A_map_that_a_rule_translates_by_cannot_go()
    {
        var node = SampleStates.Node.Objects.Where(static o => KernelOperation.LaneOf(o.Key.Kind) == Lane.Firewall).ToArray();
        var results = await _kernel.ApplyAsync(
            new KernelBatch(NetNs.Host, Lane.Firewall, [.. node.Select(static o => Operation(OperationVerb.Create, o))]), _test);
        Assert.All(results, static r => Assert.Null(r.Error));

        Assert.Equal("EBUSY", await DoAsync(OperationVerb.Delete, node.Single(static o => o is FirewallSetState { Name: "ports" })));
        Assert.Equal("EBUSY", await DoAsync(OperationVerb.Delete, node.Single(static o => o is FirewallChainState { Name: "published" })));
    }

    [Fact]
    public async Task A_dead_namespace_refuses_and_tolerates()
    {
        await MakeAsync(Bridge("br1"), Maker(), Other());
        _kernel.ForeignDestroyNamespace(s_five);
        Assert.Null(_kernel.PeekAll()[s_maker]);
        Assert.Equal("ENOENT", await DoAsync(OperationVerb.Create, Address()));
        Assert.Null(await DoAsync(OperationVerb.Delete, Address()));
        Assert.Equal(0, (await _kernel.ObserveAsync(new Observation(s_five, Intent.OwnerTag, []), _test)).Count);
    }

    [Fact]
    public async Task Ours_is_read_by_its_mark_and_others_only_when_asked_for()
    {
        await MakeAsync(Bridge("br1"));
        _kernel.ForeignCreate(Bridge("lxcbr0") with { Alias = null });
        var ours = await _kernel.ObserveAsync(new Observation(NetNs.Host, Intent.OwnerTag, []), _test);
        Assert.Equal([LinkState.KeyOf(NetNs.Host, "br1")], ours.Keys);
        var both = await _kernel.ObserveAsync(new Observation(NetNs.Host, Intent.OwnerTag, [Bridge("lxcbr0")]), _test);
        Assert.Equal(2, both.Count);
    }

    [Fact]
    public void Virtual_time_fires_timers_in_order_and_at_their_own_moment()
    {
        var time = new ManualTime();
        var start = time.GetUtcNow();
        var fired = new List<(string Name, TimeSpan At)>();
        using var late = time.CreateTimer(_ => fired.Add(("late", time.GetUtcNow() - start)), null, TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan);
        using var early = time.CreateTimer(_ => fired.Add(("early", time.GetUtcNow() - start)), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3));
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal([("early", TimeSpan.FromSeconds(1)), ("late", TimeSpan.FromSeconds(2)), ("early", TimeSpan.FromSeconds(4))], fired);
        Assert.Equal(start + TimeSpan.FromSeconds(7), time.NextDue);
    }

    [Fact]
    public async Task Every_operation_is_two_points_and_a_dead_daemon_does_no_more()
    {
        var points = new FailurePoints();
        var kernel = points.Around(_kernel);
        points.FailAt(4, FailureMode.Crash);
        var call = kernel.ApplyAsync(
            new KernelBatch(NetNs.Host, Lane.Route, [Operation(OperationVerb.Create, Bridge("a")), Operation(OperationVerb.Create, Bridge("b")), Operation(OperationVerb.Create, Bridge("c"))]),
            _test);
        await points.Crashed;
        Assert.False(call.IsCompleted);
        Assert.Equal(["a", "b"], _kernel.Log.Select(static o => o.Key.Name)); // struck after the second
        Assert.Equal(4, points.Count);
    }

    private static LinkState Bridge(string name) => new()
    {
        Namespace = NetNs.Host,
        Name = name,
        Details = new BridgeLink(),
        IsUp = true,
        Alias = $"{Intent.OwnerTag}:x",
    };

    private static LinkState Maker() => new()
    {
        Namespace = NetNs.Host,
        Name = "veth1",
        Details = new VethLink(s_five, "eth0", new MacAddress(2)),
        Master = "br1",
        IsUp = true,
    };

    private static LinkState Other() => new() { Namespace = s_five, Name = "eth0", Details = new VethPeerLink(NetNs.Host, "veth1"), IsUp = true };

    private static AddressState Address() => new()
    {
        Namespace = s_five,
        Link = "eth0",
        Address = new InterfaceAddress(IPAddress.Parse("10.0.0.2"), 24),
    };

    private static RouteState Route() => new()
    {
        Namespace = s_five,
        Destination = IPNetwork.Parse("0.0.0.0/0"),
        Link = "eth0",
        Gateway = IPAddress.Parse("10.0.0.1"),
    };

    private static KernelOperation Operation(OperationVerb verb, KernelObject item) =>
        new(verb, verb == OperationVerb.Create ? null : item, verb == OperationVerb.Delete ? null : item, []);

    private async Task MakeAsync(params ImmutableArray<KernelObject> items)
    {
        foreach (var item in items)
        {
            Assert.Null(await DoAsync(OperationVerb.Create, item));
        }
    }

    private async Task<string?> DoAsync(OperationVerb verb, KernelObject item)
    {
        var results = await _kernel.ApplyAsync(
            new KernelBatch(item.Namespace, KernelOperation.LaneOf(item.Key.Kind), [Operation(verb, item)]), _test);
        return results[0].Error?.ErrnoName;
    }
}
