using System.Diagnostics;
using System.Globalization;
using Networking.Model.Api;

namespace Networking.Durability.Tests;

/// <summary>The plan that a dry run prints is what the real request does, in every namespace, by foreign witnesses.</summary>
public sealed class PlanTests(ITestOutputHelper output)
{
    private const int Operations = 100;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(20_260)]
    [InlineData(6)] // a sysctl of a network's bridge outlived the change that gave it up
    public async Task The_printed_plan_is_the_effect(int seed)
    {
        seed = int.TryParse(Environment.GetEnvironmentVariable("NETD_PLAN_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? asked : seed;
        await using var stage = Stage.Create();
        var newborn = Newborn(stage);
        var operations = new RandomOperations(seed, [stage.AddNamespace("p"), stage.AddNamespace("q")]);
        await stage.StartAsync();
        var before = Read(stage);
        var effect = new PlanEffect(newborn, before);
        var steps = 0;
        for (var i = 0; i < Operations; i++)
        {
            var call = operations.Next(await stage.Api.NetworksAsync(), await stage.Api.SandboxesAsync());
            var (dry, real) = await BothAsync(stage.Api, call);
            var after = await SettledAsync(stage);
            if (dry is not null && real is not null)
            {
                var problems = effect.Compare(dry.Plan!, dry.Id, real.Id, before, after);
                steps += dry.Plan!.Steps.Length;
                Assert.True(problems.Count == 0, $"NETD_PLAN_SEED={seed}, operation {i}: {call}\n{string.Join('\n', problems)}\n\nplan:\n{string.Join('\n', dry.Plan.Steps.Select(static s => s.Text))}");
            }
            else
            {
                Assert.True(before.ToString() == after.ToString(), $"NETD_PLAN_SEED={seed}, operation {i}: {call} was refused, and changed something");
            }

            before = after;
        }

        var line = $"seed {seed}: {Operations} operations, {steps} planned steps, each seen";
        output.WriteLine(line);
        TestContext.Current.AddWarning(line);
    }

    // A refusal must be the same with and without the dry run.
    private static async Task<(ChangeDocument? Dry, ChangeDocument? Real)> BothAsync(Api api, ApiCall call)
    {
        var dry = await TryAsync(() => api.DoAsync(call, isDryRun: true));
        var real = await TryAsync(() => api.DoAsync(call));
        Assert.True((dry is null) == (real is null), $"{call}: the dry run was {(dry is null ? "refused" : "granted")}, the request not so");
        return (dry, real);
    }

    private static async Task<ChangeDocument?> TryAsync(Func<Task<ChangeDocument>> send)
    {
        try
        {
            return await send();
        }
        catch (ApiRefusedException e) when ((int)e.Status is >= 400 and < 500)
        {
            return null;
        }
    }

    private static async Task<KernelSnapshot> SettledAsync(Stage stage)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var sandboxes = await stage.Api.SandboxesAsync();
            var isBusy = (await stage.Api.PendingAsync()).Steps.Length > 0
                || sandboxes.Any(static s => s.Status.State != "done" || (s.Owner != "daemon" && s.Endpoints.IsEmpty))
                || stage.KeptPaths.Length != sandboxes.Count(static s => s.Owner == "daemon"); // the file of a namespace goes last
            if (!isBusy && TryRead(stage) is { HasDoomed: false } snapshot)
            {
                return snapshot;
            }

            Assert.True(clock.Elapsed < s_patience, "the daemon does not settle");
            await Task.Delay(20);
        }
    }

    // Null if a namespace went while it was about to be read.
    private static KernelSnapshot? TryRead(Stage stage)
    {
        try
        {
            return Read(stage);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static KernelSnapshot Read(Stage stage)
    {
        var kept = stage.NamespacePaths.Where(p => p.StartsWith(stage.NamespaceDirectory, StringComparison.Ordinal));
        return KernelSnapshot
            .Read(stage.NamespacePaths, p => p == stage.HostPath ? "host" : string.Create(CultureInfo.InvariantCulture, $"netns:{NamespaceSockets.CookieOf(p)}"))
            .With(kept.Select(static p => new KernelItem("host", "namespace", p)));
    }

    // A namespace that nobody has touched but to raise its loopback.
    private static KernelSnapshot Newborn(Stage stage)
    {
        var path = stage.AddNamespace("newborn");
        _ = Tool.Run("ip", "-n", Path.GetFileName(path), "link", "set", "lo", "up");
        var snapshot = KernelSnapshot.Read([path], static _ => string.Empty);
        stage.RemoveNamespace(path);
        return snapshot;
    }
}
