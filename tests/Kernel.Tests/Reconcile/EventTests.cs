using Networking.Kernel.Tests.Histories;
using Networking.Model;

namespace Networking.Kernel.Tests.Reconcile;

/// <summary>What is made of events, which come late, in part, and sometimes not at all.</summary>
public sealed class EventTests
{
    private static readonly ObjectKey s_bridge = LinkState.KeyOf(NetNs.Host, "br1");
    private static readonly ObjectKey s_port = LinkState.KeyOf(NetNs.Host, "veth1");
    private static readonly Intent s_one = Intent.Empty
        .With(new SampleNetwork(1)).With(new SampleSandbox(5, 1)).With(new SampleEndpoint(1, 1, 5));

    [Fact]
    public async Task Own_changes_are_not_taken_for_drift()
    {
        await using var world = new World();
        await world.SetAsync(s_one);
        await world.ConvergeAsync();
        await world.SetAsync(s_one.WithoutEndpoint(1).With(new SampleEndpoint(4, 1, 5)));
        await world.ConvergeAsync();
        Assert.Empty(world.Listener.Drift);
        Assert.Empty(world.Kernel.Refusals);
    }

    [Fact]
    public async Task Drift_is_told_and_mended()
    {
        await using var world = new World();
        await world.SetAsync(s_one);
        await world.ConvergeAsync();

        _ = world.Kernel.ForeignChange(s_bridge, static l => l with { MtuBytes = 1280 });
        await world.ConvergeAsync();

        Assert.Contains("network/n1: link br1 bridge mtu 1500 mac 02:00:00:00:00:01 up in host was changed: mtu 1280 → 1500", world.Listener.Drift);
        Assert.Empty(await world.ViolationsAsync());
    }

    /// <summary>What stood on a set goes with it a scope at a time: each by itself would be a walk over all of them, and minutes in all.</summary>
    [Fact]
    public async Task A_flushed_firewall_takes_thousands_of_ports_of_an_endpoint_along_and_all_are_back()
    {
        const int ports = 20_000;
        await using var world = new World();
        await world.SetAsync(s_one.WithoutEndpoint(1).With(new SampleEndpoint(1, 1, 5, Ports: ports) { FirstPort = 1000 }));
        await world.ConvergeAsync();

        world.Kernel.ForeignFlushFirewall(NetNs.Host);
        await world.ConvergeAsync();

        Assert.Empty(await world.ViolationsAsync());
        var told = world.Listener.Drift.Where(static d => d.StartsWith("endpoint/", StringComparison.Ordinal)).ToArray();
        Assert.Equal(101, told.Length);
        Assert.EndsWith("and 19900 more objects of it, like the last", told[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_foreign_firewall_is_the_listeners_business_and_costs_no_reading()
    {
        await using var world = new World();
        await world.SetAsync(s_one);
        await world.ConvergeAsync();
        var dumps = world.Kernel.Dumps;

        world.Kernel.ForeignEvent(new ForeignFirewallChanged(NetNs.Host));
        await world.ConvergeAsync();

        Assert.Equal([NetNs.Host], world.Listener.ForeignChanges);
        Assert.Equal(dumps, world.Kernel.Dumps);
        Assert.Empty(world.Listener.Drift);
    }

    /// <summary>The deletion is told, seen by a reading and mended before its event counts: it must not count any more.</summary>
    [Fact]
    public async Task An_event_older_than_a_reading_is_forgotten()
    {
        await using var world = new World();
        await world.SetAsync(s_one);
        await world.ConvergeAsync();

        _ = world.Kernel.ForeignDelete(s_port);
        world.Kernel.ForeignFlushFirewall(NetNs.Host); // read at once
        await world.ConvergeAsync();

        Assert.Empty(await world.ViolationsAsync());
        Assert.Empty(world.Kernel.Refusals);
        Assert.DoesNotContain(world.Listener.Changes, static c => c.Status?.Condition == ScopeCondition.Error);
    }

    /// <summary>Our own change went out between the event and the moment it counts: only a reading tells what is so now.</summary>
    [Fact]
    public async Task An_event_older_than_our_own_change_is_checked()
    {
        await using var world = new World();
        await world.SetAsync(s_one);
        await world.ConvergeAsync();

        _ = world.Kernel.ForeignChange(s_bridge, static l => l with { MtuBytes = 1280 });
        await world.SettleAsync();
        await world.SetAsync(s_one.With(new SampleNetwork(1, 1400))); // mends the MTU in passing
        await world.SettleAsync();
        var operations = world.Kernel.Operations;
        await world.ConvergeAsync();

        Assert.Equal(operations, world.Kernel.Operations);
        Assert.Empty(await world.ViolationsAsync());
    }

    /// <summary>Its last event shows it as it was, but its sysctl went with the old one without a word.</summary>
    [Fact]
    public async Task A_link_that_somebody_made_anew_is_looked_at()
    {
        await using var world = new World();
        await world.SetAsync(s_one);
        await world.ConvergeAsync();

        var bridge = (LinkState)world.Kernel.PeekAll()[s_bridge]!; // made above
        _ = world.Kernel.ForeignDelete(s_bridge);
        world.Kernel.ForeignCreate(bridge with { Master = null });
        await world.ConvergeAsync();

        Assert.DoesNotContain(await world.ViolationsAsync(), static v => !v.StartsWith("somebody else's", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_address_is_announced_although_something_beside_it_was_refused()
    {
        await using var world = new World();
        await world.SetAsync(s_one.WithoutEndpoint(1).With(new SampleSandbox(5)));
        await world.ConvergeAsync();

        // Element, pair, other end, two addresses, then the sysctl.
        world.Kernel.Faults.StrikeOperation(world.Kernel.Operations + 6, TestSupport.FaultKind.Transient);
        await world.SetAsync(s_one);
        await world.ConvergeAsync();

        var announced = Assert.Single(world.Kernel.Performed.OfType<AnnounceTransition>());
        Assert.Equal(2, announced.Addresses.Length);
        Assert.Empty(await world.ViolationsAsync());
    }

    [Fact]
    public async Task A_dead_link_takes_every_claim_on_it_along()
    {
        await using var world = new World();
        await world.SetAsync(s_one);
        await world.ConvergeAsync();

        _ = world.Kernel.ForeignDelete(s_port);
        await world.SettleAsync();
        world.Time.Advance(world.Options.EventDebounce);
        await world.SetAsync(s_one.WithoutEndpoint(1).WithoutSandbox(5));
        await world.ConvergeAsync();
        await world.SetAsync(s_one.With(new SampleEndpoint(1, 1, 5) { FirstPort = 9000 }));
        await world.ConvergeAsync();

        Assert.Empty(await world.ViolationsAsync());
    }
}
