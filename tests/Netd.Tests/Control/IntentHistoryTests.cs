using Networking.Drivers;
using Networking.Model;
using Networking.Netd.Control;

namespace Networking.Netd.Tests.Control;

/// <summary>Random histories of intent: what is granted never contradicts itself, and the store brings all of it back.</summary>
public sealed class IntentHistoryTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task What_is_granted_is_consistent_and_survives_a_restart(int seed)
    {
        var world = new IntentWorld(seed);
        await PlayAsync(world);

        Assert.True(world.Granted > 100, $"only {world.Granted} of 400 commands were granted");
        Assert.True(world.Refused > 10, $"only {world.Refused} of 400 commands were refused");
    }

    public static TheoryData<PlantedClaim> Mistakes => [.. Enum.GetValues<PlantedClaim>().Where(static p => p != PlantedClaim.None)];

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task A_planted_mistake_about_a_claim_is_found(PlantedClaim plant)
    {
        var found = await Task.WhenAll(Enumerable.Range(1, 4).Select(async seed => await Record.ExceptionAsync(() => PlayAsync(new IntentWorld(seed, plant)))));

        Assert.Contains(found, static f => f is not null);
    }

    private static async Task PlayAsync(IntentWorld world)
    {
        for (var step = 0; step < 400; step++)
        {
            world.Step();
            world.Check();
            if (step % 50 == 49)
            {
                await world.RestartAsync();
                world.Check();
            }
        }
    }

    [Fact]
    public async Task What_belongs_to_an_earlier_boot_or_a_lost_namespace_is_dropped_at_start()
    {
        var world = new IntentWorld(7);
        world.Commit(world.NewNetwork("a"));
        var kept = world.NewSandbox("/run/netns/kept");
        var lost = world.NewSandbox("/run/netns/lost");
        world.Commit(world.NewEndpoint("a", kept));
        world.Commit(world.NewEndpoint("a", lost));
        world.Namespaces.Lose("/run/netns/lost");
        await world.RestartAsync();
        Assert.Equal("/run/netns/kept", Assert.Single(world.State.Sandboxes).Value.Record.Name);
        _ = Assert.Single(world.State.Endpoints);

        await world.RestartAsync("boot-2");
        Assert.Empty(world.State.Sandboxes);
        Assert.Empty(world.State.Endpoints);
        Assert.Equal(["a", "host", "none"], world.State.Networks.Values.Select(static n => n.Name).Order(StringComparer.Ordinal));
        Assert.Empty(world.State.Node.OriginalSysctls);
    }

    [Fact]
    public async Task The_way_to_a_namespace_that_replaced_another_at_its_path_is_kept_at_start_and_one_that_nobody_is_in_is_not()
    {
        var world = new IntentWorld(7);
        world.Commit(world.NewNetwork("a"));
        var first = world.NewSandbox("/run/netns/x");
        world.Commit(world.NewEndpoint("a", first));
        var later = world.Namespaces.Add("/run/netns/x");
        var id = new SandboxId(new string('0', first.Record.Id.Value.Length)); // read, and opened, before the first
        world.Commit(world.NewEndpoint("a", first with { Record = first.Record with { Id = id, Namespace = later } }));
        world.Commit(world.NewEndpoint("a", world.NewSandbox("/run/netns/y")));
        var stranger = world.Namespaces.Add("/run/netns/y");
        await world.RestartAsync();
        Assert.Equal(later, Assert.Single(world.State.Sandboxes).Value.Record.Namespace);
        Assert.True(world.Namespaces.IsAlive(later));
        Assert.False(world.Namespaces.IsAlive(stranger));
    }

    [Fact]
    public void The_port_after_the_last_of_a_bridge_is_refused_with_the_limit_named()
    {
        var world = new IntentWorld(8);
        world.Commit(world.NewNetwork("full", "10.0.0.0/16"));
        var sandbox = world.NewSandbox("/run/netns/x");
        for (var i = 0; i < BridgeDriver.PortsMax; i++)
        {
            world.Commit(world.NewEndpoint("full", sandbox, name: $"e{i}"));
        }

        var refusal = world.NewEndpoint("full", sandbox, name: "last").Decide(world.State).Refusal;
        Assert.Equal("network.full", Assert.Single(refusal!.Problems).Code);
        Assert.Contains("1023", refusal.Problems[0].Message, StringComparison.Ordinal);
        Assert.Contains("BR_MAX_PORTS", refusal.Problems[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_released_address_rests_until_the_turn_comes_round()
    {
        var world = new IntentWorld(9);
        world.Commit(world.NewNetwork("a", "10.0.0.0/28"));
        var sandbox = world.NewSandbox("/run/netns/x");
        var first = world.Commit(world.NewEndpoint("a", sandbox));
        _ = world.Commit(new Disconnect("a", first.Name, null, IntentWorld.Start));
        var second = world.Commit(world.NewEndpoint("a", sandbox));
        Assert.NotEqual(first.Ipv4, second.Ipv4);
    }
}
