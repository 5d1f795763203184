using Networking.Daemon.Tests.Staging;

namespace Networking.Daemon.Tests;

/// <summary>Who talks to whom, by real packets, IPv4 and IPv6.</summary>
/// <remarks>
/// <code>
///   a, b ── same (dual stack)         world
///                └─────── host ─────────┘
/// </code>
/// </remarks>
public sealed class ConnectivityTests : IAsyncLifetime
{
    private Stage? _stage;

    private Stage Stage => _stage!; // set before any test runs

    public async ValueTask InitializeAsync() => _stage = await Stage.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        if (_stage is not null)
        {
            await _stage.DisposeAsync();
        }
    }

    [Fact]
    public async Task Containers_of_one_network_reach_each_other_as_soon_as_connect_returns()
    {
        _ = await Stage.NetworkAsync("same", "10.60.0.0/24", "fd60::/64");
        var (a, at) = await Stage.ContainerAsync("same", "a");
        var (b, bt) = await Stage.ContainerAsync("same", "b");
        await a.ReachesAsync(bt.Address4);
        await a.ReachesAsync(bt.Address6);
        await b.ReachesAsync(at.Address4);
        await b.ReachesAsync(at.Address6);
    }
}
