using System.Diagnostics;
using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>A Linux bridge has 1,023 ports, and the claim knows.</summary>
/// <remarks>
/// <code>
///   33 sandboxes, 31 interfaces each ── one bridge
/// </code>
/// </remarks>
public sealed class PortLimitTests
{
    private const int PortsMax = 1023;
    private const int Sandboxes = 33;

    [Fact]
    public async Task The_1024th_endpoint_is_refused_at_claim_time_with_the_limit_named()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("NETD_TEST_FAST") == "1", "is slow: 1,023 endpoints");
        await using var stage = await Stage.OpenAsync(hasWorld: false);
        var network = await stage.NetworkAsync("full", "10.200.0.0/20");
        foreach (var i in Enumerable.Range(0, Sandboxes))
        {
            _ = await stage.SandboxAsync($"f{i}");
        }

        var clock = Stopwatch.StartNew();
        using var gate = new SemaphoreSlim(32);
        var answers = await Task.WhenAll(Enumerable.Range(0, PortsMax + 2).Select(async i =>
        {
            await gate.WaitAsync(Eventually.Cancel);
            try
            {
                return await stage.Api.ConnectAsync("full", new ConnectRequest
                {
                    Sandbox = $"f{i % Sandboxes}",
                    Name = $"e{i}",
                    Options = Options.Of(("com.docker.network.advertise_addr_nmsgs", "0")),
                });
            }
            finally
            {
                _ = gate.Release();
            }
        }));
        TestContext.Current.TestOutputHelper?.WriteLine($"{PortsMax} endpoints in {clock.Elapsed.TotalSeconds:F1} s");
        Assert.Equal(PortsMax, answers.Count(static a => a.Status == 201));
        foreach (var refused in answers.Where(static a => a.Status != 201))
        {
            var error = refused.Refused(409);
            Assert.Equal("network.full", error.Code);
            Assert.Contains("1023", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(PortsMax, (await stage.Api.NetworkAsync("full")).EndpointCount);
        _ = await Eventually.TrueAsync(
            TimeSpan.FromSeconds(20),
            async () => (await stage.Host.BridgeJsonAsync("link show")).GetArrayLength() == PortsMax,
            () => Task.FromResult("fewer ports than endpoints"));

        // One goes, one may come.
        _ = (await stage.Api.DisconnectAsync("full", answers.First(static a => a.Status == 201).Change().Name)).Change();
        Assert.Equal(201, (await stage.Api.ConnectAsync("full", new ConnectRequest { Sandbox = "f0", Name = "last" })).Status);
        Assert.NotEmpty(network.Device);
    }
}
