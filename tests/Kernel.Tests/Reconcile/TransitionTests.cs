using Networking.Kernel.Tests.Histories;

namespace Networking.Kernel.Tests.Reconcile;

/// <summary>More transitions than may wait: what is dropped is told, and announcements go before connections that are to be forgotten.</summary>
public sealed class TransitionTests
{
    private static readonly Intent s_one = Intent.Empty.With(new SampleNetwork(1)).With(new SampleSandbox(5, 1)).With(new SampleEndpoint(1, 1, 5));

    [Fact]
    public async Task An_announcement_makes_room_for_connections_that_are_to_be_forgotten()
    {
        await using var world = new World(options: new ReconcilerOptions { OwnerTag = Intent.OwnerTag, TransitionsMax = 1 });

        await world.SetAsync(s_one);
        await world.ConvergeAsync();

        Assert.All(world.Kernel.Performed, static t => Assert.IsType<ConntrackFlushTransition>(t));
        Assert.NotEmpty(world.Kernel.Performed);
        Assert.Contains("announce 10.1.0.3/16", Assert.Single(world.Listener.FailedTransitions).Operation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_that_are_not_forgotten_are_told_once_with_their_number()
    {
        var ports = Enumerable.Range(0, 9).Select(static p => $"{8100 + (2 * p)}").ToArray(); // no two in one range
        await using var world = new World(options: new ReconcilerOptions { OwnerTag = Intent.OwnerTag, TransitionsMax = 3 });
        await world.SetAsync(s_one);
        await world.ConvergeAsync();
        world.Listener.FailedTransitions.Clear();
        var endpoint = SampleStates.Of(new SampleEndpoint(1, 1, 5));
        var port = endpoint.Objects.OfType<FirewallElementState>().Single();
        var next = KernelState.Of([.. endpoint.Objects, .. ports.Select(p => port with { KeyParts = ["tcp", p] })]);
        var before = world.Kernel.Performed.Length;

        await world.SetAsync([new ScopeChange(new SampleEndpoint(1, 1, 5).Scope, world.Revision + 1, next, [new SampleNetwork(1).Scope, new SampleSandbox(5).Scope])]);
        await world.ConvergeAsync();

        var told = Assert.Single(world.Listener.FailedTransitions);
        Assert.Equal(3, world.Kernel.Performed.Length - before);
        Assert.Contains("forget connections to any IPv4 address port 81", told.Operation, StringComparison.Ordinal);
        Assert.EndsWith(", and 5 more", told.Operation, StringComparison.Ordinal);
        Assert.Equal("ENOBUFS", told.ErrnoName);
    }
}
