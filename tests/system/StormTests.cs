using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>Hundreds of requests at once that want the same, or undo each other.</summary>
/// <remarks>
/// <code>
///   200 clients ── netd ── networks, sandboxes
/// </code>
/// </remarks>
public sealed class StormTests(SharedStage shared) : SharedStageTests(shared)
{
    private const int Clients = 200;
    private static readonly bool s_isFast = Environment.GetEnvironmentVariable("NETD_TEST_FAST") == "1";

    [Fact]
    public async Task Of_200_networks_of_one_name_exactly_one_is_created()
    {
        var answers = await AllAsync(_ => Stage.Api.CreateAsync(new CreateNetworkRequest { Name = "one", Subnets = ["10.190.0.0/24"] }));
        Assert.Single(answers, static a => a.Status == 201);
        Assert.All(answers.Where(static a => a.Status != 201), static a => Assert.Equal("network.exists", a.Refused(409).Code));
        await Stage.AssertNothingDiffersAsync();
    }

    [Fact]
    public async Task Of_200_networks_of_one_subnet_exactly_one_is_created()
    {
        var answers = await AllAsync(i => Stage.Api.CreateAsync(new CreateNetworkRequest { Name = $"sub{i}", Subnets = ["10.191.0.0/24"] }));
        Assert.Single(answers, static a => a.Status == 201);
        Assert.All(answers.Where(static a => a.Status != 201), static a => Assert.Equal("subnet.overlap", a.Refused(409).Code));
        await Stage.AssertNothingDiffersAsync();
    }

    [Fact]
    public async Task Of_200_sandboxes_of_one_name_exactly_one_is_created_and_no_namespace_is_left()
    {
        var before = Directory.GetFiles($"{Stage.RunFolder}/netns").Length;
        var answers = await AllAsync(_ => Stage.Api.CreateSandboxAsync("single"));
        Assert.Single(answers, static a => a.Status == 201);
        Assert.All(answers.Where(static a => a.Status != 201), static a => Assert.Equal("sandbox.exists", a.Refused(409).Code));
        _ = await Eventually.TrueAsync(
            TimeSpan.FromSeconds(10),
            () => Directory.GetFiles($"{Stage.RunFolder}/netns").Length == before + 1,
            () => string.Join('\n', Directory.GetFiles($"{Stage.RunFolder}/netns")));
        await Stage.AssertNothingDiffersAsync();
    }

    [Fact]
    public async Task Of_200_claims_of_one_address_exactly_one_is_granted()
    {
        _ = await Stage.NetworkAsync("claimed", "10.192.0.0/24", "fd92::/64");
        var boxes = new List<Place>();
        foreach (var i in Enumerable.Range(0, 4))
        {
            boxes.Add(await Stage.SandboxAsync($"claim{i}"));
        }

        var answers = await AllAsync(i => Stage.Api.ConnectAsync("claimed", new ConnectRequest { Sandbox = $"claim{i % 4}", Name = $"e{i}", Ip = "10.192.0.9", Ip6 = "fd92::9" }));
        var winner = Assert.Single(answers, static a => a.Status == 201).Change().Endpoint!;
        Assert.All(answers.Where(static a => a.Status != 201), static a => Assert.All(a.Refused(409).Details, static p => Assert.Equal("address.taken", p.Code)));
        await Stage.Host.ReachesAsync("10.192.0.9");
        await Stage.Host.ReachesAsync("fd92::9");
        foreach (var box in boxes)
        {
            Assert.Equal(box.Name == winner.Sandbox ? 1 : 0, (await box.LinksAsync()).Length);
        }

        await Stage.AssertNothingDiffersAsync();
    }

    [Fact]
    public async Task After_a_storm_of_everything_kernel_and_intent_agree_and_all_can_be_taken_back()
    {
        var random = new Random(20);
        var plan = Enumerable.Range(0, s_isFast ? 200 : 600).Select(_ => (Kind: random.Next(10), Network: random.Next(4), Box: random.Next(8))).ToArray();
        using var gate = new SemaphoreSlim(40);
        var answers = await Task.WhenAll(plan.Select(async step =>
        {
            await gate.WaitAsync(Eventually.Cancel);
            try
            {
                return await StepAsync(step.Kind, $"st{step.Network}", step.Network, $"sb{step.Box}");
            }
            finally
            {
                _ = gate.Release();
            }
        }));
        Assert.All(answers, static a => Assert.True(a.Status is 200 or 201 or 404 or 409, a.ToString()));
        Assert.Contains(answers, static a => a.Status == 201);
        _ = await Eventually.TrueAsync(
            TimeSpan.FromSeconds(20),
            async () => (await Stage.Api.DiffAsync()).Steps.IsEmpty,
            async () => string.Join('\n', (await Stage.Api.DiffAsync()).Steps.Select(static s => s.Text)));
        await AssertPortsAsync();

        foreach (var i in Enumerable.Range(0, 8))
        {
            _ = await Stage.Api.RemoveSandboxAsync($"sb{i}", isForced: true);
        }

        foreach (var i in Enumerable.Range(0, 4))
        {
            _ = await Stage.Api.RemoveAsync($"st{i}", isForced: true);
        }

        _ = await Eventually.TrueAsync(
            TimeSpan.FromSeconds(10),
            async () => (await Stage.Api.SandboxesAsync()).All(static s => !s.Name.StartsWith("sb", StringComparison.Ordinal)),
            Stage.Host.SightAsync);
        await AssertPortsAsync();
        await Stage.AssertNothingDiffersAsync();
    }

    private Task<Answer> StepAsync(int kind, string network, int number, string box) => kind switch
    {
        0 or 1 => Stage.Api.CreateAsync(new CreateNetworkRequest { Name = network, Subnets = [$"10.193.{number}.0/24", $"fd93:{number}::/64"] }),
        2 or 3 => Stage.Api.CreateSandboxAsync(box),
        4 or 5 or 6 => Stage.Api.ConnectAsync(network, new ConnectRequest { Sandbox = box }),
        7 => Stage.Api.DisconnectAsync(network, box),
        8 => Stage.Api.RemoveAsync(network, isForced: true),
        _ => Stage.Api.RemoveSandboxAsync(box, isForced: true),
    };

    // As many ports on bridges as there are endpoints, and each is told by its name.
    private async Task AssertPortsAsync()
    {
        var sandboxes = await Stage.Api.SandboxesAsync();
        var wanted = sandboxes.SelectMany(static s => s.Endpoints).Select(static e => e.HostInterface).Order(StringComparer.Ordinal).ToArray();
        _ = await Eventually.TrueAsync(
            TimeSpan.FromSeconds(10),
            async () => wanted.SequenceEqual((await Stage.Host.BridgeJsonAsync("link show")).EnumerateArray()
                .Select(static p => p.GetProperty("ifname").GetString()!).Order(StringComparer.Ordinal)),
            Stage.Host.SightAsync);
    }

    private static Task<Answer[]> AllAsync(Func<int, Task<Answer>> ask) => Task.WhenAll(Enumerable.Range(0, Clients).Select(ask));
}
