using Networking.Kernel.Tests.Histories;
using Networking.Model;
using Networking.TestSupport;

namespace Networking.Kernel.Tests.Reconcile;

/// <summary>Somebody sets the clock, as NTP does after a boot: what is due is due as before.</summary>
public sealed class ClockTests
{
    private static readonly ObjectKey s_bridge = LinkState.KeyOf(NetNs.Host, "br1");
    private static readonly Intent s_one = Intent.Empty.With(new SampleNetwork(1)).With(new SampleSandbox(5, 1)).With(new SampleEndpoint(1, 1, 5));

    public static TheoryData<int> Hours => [-3, 3];

    [Theory]
    [MemberData(nameof(Hours))]
    public async Task Drift_that_was_told_before_and_after_is_mended(int hours)
    {
        await using var world = new World();
        await world.SetAsync(s_one);
        await world.ConvergeAsync();

        _ = world.Kernel.ForeignChange(s_bridge, static l => l with { MtuBytes = 1280 });
        await world.SettleAsync();
        world.Time.SetWallClock(TimeSpan.FromHours(hours));
        await world.PassAsync(world.Options.EventDebounce * 2);
        Assert.Empty(await world.ViolationsAsync());

        _ = world.Kernel.ForeignChange(s_bridge, static l => l with { MtuBytes = 1300 });
        await world.SettleAsync();
        await world.PassAsync(world.Options.EventDebounce * 2);
        Assert.Empty(await world.ViolationsAsync());
    }

    [Theory]
    [MemberData(nameof(Hours))]
    public async Task What_was_refused_is_tried_again_in_time(int hours)
    {
        await using var world = new World();
        world.Kernel.Faults.StrikeOperation(1, FaultKind.Transient);
        await world.SetAsync(s_one);
        await world.SettleAsync();
        var refused = world.Reconciler.Statuses[ScopeId.Node];
        Assert.Equal(world.Time.GetUtcNow() + world.Options.RetryFirst, refused.NextTry);
        var operations = world.Kernel.Operations;

        world.Time.SetWallClock(TimeSpan.FromHours(hours));
        await world.SettleAsync();
        Assert.Equal(operations, world.Kernel.Operations);
        await world.PassAsync(world.Options.RetryFirst * 2);

        Assert.Empty(await world.ViolationsAsync());
    }

    [Theory]
    [MemberData(nameof(Hours))]
    public async Task Everything_is_read_again_as_often_as_ever(int hours)
    {
        await using var world = new World();
        await world.SetAsync(s_one);
        await world.ConvergeAsync();
        world.Kernel.Faults.LoseEvent(world.Kernel.EventsSent + 1, isSilent: true);
        _ = world.Kernel.ForeignChange(s_bridge, static l => l with { MtuBytes = 1280 });

        world.Time.SetWallClock(TimeSpan.FromHours(hours));
        await world.PassAsync(world.Options.FullCheckEvery);

        Assert.Contains(world.Listener.Drift, static d => d.Contains("mtu 1280 → 1500", StringComparison.Ordinal));
        Assert.Empty(await world.ViolationsAsync());
    }

    [Theory]
    [MemberData(nameof(Hours))]
    public async Task What_could_not_be_read_is_read_again_after_a_second(int hours)
    {
        await using var world = new World();
        world.Kernel.Faults.FailDumpsOf(new NetNs(5), times: 1);
        await world.SetAsync(s_one, observeFirst: true);
        await world.SettleAsync();

        world.Time.SetWallClock(TimeSpan.FromHours(hours));
        await world.PassAsync(TimeSpan.FromSeconds(2));

        Assert.Empty(await world.ViolationsAsync());
    }
}
