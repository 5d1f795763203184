using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>Which of a sandbox's networks leads to the world.</summary>
/// <remarks>
/// <code>
///              ┌── eth0 ── alpha ──┐
///   sandbox ───┼── eth1 ── beta  ──┼── host ── world
///              └── eth2 ── …     ──┘
/// </code>
/// </remarks>
public sealed class GatewayTests(SharedStage shared) : SharedStageTests(shared)
{
    [Fact]
    public async Task The_higher_priority_wins_then_the_name_and_a_leaving_winner_hands_over()
    {
        _ = await Stage.NetworkAsync("p-alpha", "10.100.0.0/24", "fda0::/64");
        _ = await Stage.NetworkAsync("p-beta", "10.101.0.0/24", "fda1::/64");
        _ = await Stage.NetworkAsync("p-gamma", "10.102.0.0/24", "fda2::/64");
        var (place, beta) = await Stage.ContainerAsync("p-beta", "p");
        await IsByAsync(place, beta, beta);
        var alpha = await Stage.ConnectAsync("p-alpha", "p");
        await IsByAsync(place, alpha, alpha);
        var gamma = await Stage.ConnectAsync("p-gamma", "p", new ConnectRequest { GatewayPriority = 5 });
        await IsByAsync(place, gamma, gamma);

        _ = (await Stage.Api.DisconnectAsync("p-gamma", "p")).Change();
        await IsByAsync(place, alpha, alpha);
        _ = (await Stage.Api.DisconnectAsync("p-alpha", "p")).Change();
        await IsByAsync(place, beta, beta);
        _ = (await Stage.Api.DisconnectAsync("p-beta", "p")).Change();
        Assert.Null(await place.DefaultDeviceAsync(4));
        Assert.Null(await place.DefaultDeviceAsync(6));
    }

    [Fact]
    public async Task A_negative_priority_stands_behind_the_default()
    {
        _ = await Stage.NetworkAsync("n-alpha", "10.103.0.0/24");
        _ = await Stage.NetworkAsync("n-beta", "10.104.0.0/24");
        var (place, _) = await Stage.ContainerAsync("n-alpha", "n", new ConnectRequest { GatewayPriority = -1 });
        var beta = await Stage.ConnectAsync("n-beta", "n");
        Assert.Equal(beta.Interface, await place.DefaultDeviceAsync(4));
    }

    [Fact]
    public async Task Each_family_leaves_by_the_first_network_that_has_it()
    {
        _ = await Stage.NetworkAsync("f-four", "10.105.0.0/24");
        _ = await Stage.NetworkAsync(new CreateNetworkRequest { Name = "f-six", Ipv4 = false, Subnets = ["fda6::/64"] });
        _ = await Stage.NetworkAsync("f-zboth", "10.107.0.0/24", "fda7::/64");
        var (place, four) = await Stage.ContainerAsync("f-four", "f", new ConnectRequest { GatewayPriority = 1 });
        var six = await Stage.ConnectAsync("f-six", "f", new ConnectRequest { GatewayPriority = 1 });
        var both = await Stage.ConnectAsync("f-zboth", "f");
        await IsByAsync(place, four, six);
        _ = (await Stage.Api.DisconnectAsync("f-six", "f")).Change();
        await IsByAsync(place, four, both);
        _ = (await Stage.Api.DisconnectAsync("f-four", "f")).Change();
        await IsByAsync(place, both, both);
    }

    [Fact]
    public async Task An_internal_network_never_leads_to_the_world()
    {
        _ = await Stage.NetworkAsync(new CreateNetworkRequest { Name = "i-inner", Internal = true, Subnets = ["10.108.0.0/24"] });
        _ = await Stage.NetworkAsync("i-outer", "10.109.0.0/24");
        var (place, _) = await Stage.ContainerAsync("i-inner", "i", new ConnectRequest { GatewayPriority = 100 });
        Assert.Null(await place.DefaultDeviceAsync(4));
        var outer = await Stage.ConnectAsync("i-outer", "i");
        Assert.Equal(outer.Interface, await place.DefaultDeviceAsync(4));
        await place.ReachesAsync(Stage.WorldAddress4);
    }

    private static async Task IsByAsync(Place place, EndpointDocument four, EndpointDocument six)
    {
        Assert.Equal(four.Interface, await place.DefaultDeviceAsync(4));
        Assert.Equal(six.Interface, await place.DefaultDeviceAsync(6));
        await place.ReachesAsync(Stage.WorldAddress4);
        await place.ReachesAsync(Stage.WorldAddress6);
    }
}
