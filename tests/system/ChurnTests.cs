using System.Diagnostics;
using System.Globalization;
using Networking.Daemon.Tests.Staging;

namespace Networking.Daemon.Tests;

/// <summary>
/// Random comings and goings with published ports, the daemon killed in the middle of them. What is there agrees after
/// each start; at the end everything is taken away, and nothing is left.
/// </summary>
/// <remarks>
/// <code>
///   sandboxes, foreign namespaces ── networks of every mode and family ── host ports
///                                    netd, kill -9 at any moment
/// </code>
/// 60 cycles; 500 with <c>NETD_TEST_LONG=1</c>. <c>NETD_TEST_SEED</c> chooses another history.
/// </remarks>
public sealed class ChurnTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Whatever_came_and_went_leaves_no_lease_port_rule_link_or_socket()
    {
        var cycles = Environment.GetEnvironmentVariable("NETD_TEST_LONG") == "1" ? 500 : 60;
        var seed = int.Parse(Environment.GetEnvironmentVariable("NETD_TEST_SEED") ?? "1", CultureInfo.InvariantCulture);
        await using var stage = await Stage.OpenAsync(hasWorld: false);
        await stage.Host.IpAsync("link set lo up");
        var before = await LeftAsync(stage);
        var churn = new ChurnRequests(stage, seed);
        var clock = Stopwatch.StartNew();
        await DieOverALargeRangeAsync(stage, churn);
        await churn.BeginAsync();
        for (var cycle = 0; cycle < cycles; cycle++)
        {
            // The last quarter is one daemon's, so that what it leaks adds up.
            await CycleAsync(stage, churn, mayKill: cycle < cycles * 3 / 4);
        }

        await churn.ClearAsync();
        string left = string.Empty;
        _ = await Eventually.TrueAsync(
            s_patience, async () => (left = await LeftAsync(stage)) == before, () => Task.FromResult($"seed {seed}: left behind is\n{left}\nand before it was\n{before}"));

        // A daemon that has done everything once has as many files open as this one, which did it often. Sockets are closed behind
        // the last answer: the kernel takes its time for each.
        await Task.Delay(TimeSpan.FromSeconds(3), Eventually.Cancel);
        var files = (Count: DaemonFiles.Count(stage.Daemon.Id), Text: DaemonFiles.Describe(stage.Daemon.Id));
        await stage.RestartAsync(isKilled: true);
        Assert.Equal(before, await LeftAsync(stage));
        await churn.OnceAsync();
        _ = await Eventually.TrueAsync(
            s_patience,
            () => files.Count <= DaemonFiles.Count(stage.Daemon.Id),
            () => $"seed {seed}: open before the restart were\n{files.Text}\nand after it\n{DaemonFiles.Describe(stage.Daemon.Id)}");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"seed {seed}: {cycles} cycles in {clock.Elapsed.TotalSeconds:F0} s; {churn.Done} requests done, {churn.Refused} refused ({churn.Reasons}), {churn.Cut} cut off, {churn.Kills} kills"));

        // Names are few, so most requests are refused; a history in which hardly any is done would prove nothing.
        Assert.True(churn.Done > cycles / 2, $"only {churn.Done} requests were done in {cycles} cycles");
        Assert.True(churn.Kills > cycles / 10, $"only {churn.Kills} kills in {cycles} cycles");
    }

    private static async Task DieOverALargeRangeAsync(Stage stage, ChurnRequests churn)
    {
        await churn.AddLargeAsync();
        var sockets = (await stage.Host.RunAsync("ss", "-lntuSH")).Text.Split('\n').Length;
        await stage.RestartAsync(isKilled: true);
        Assert.All(await stage.Api.PortsAsync(), static p => Assert.True(p.Reserved, p.Port.HostAddress));
        Assert.Equal(sockets, (await stage.Host.RunAsync("ss", "-lntuSH")).Text.Split('\n').Length);
        await churn.RemoveLargeAsync();
    }

    // A few requests beside each other; now and then the daemon dies among them.
    private static async Task CycleAsync(Stage stage, ChurnRequests churn, bool mayKill)
    {
        var isKilled = churn.Random.Next(4) == 0 && mayKill;
        var requests = Enumerable.Range(0, isKilled ? 6 : 4).Select(_ => churn.NextAsync(isKilled)).ToArray();
        if (isKilled)
        {
            await Task.Delay(churn.Random.Next(60), Eventually.Cancel);
            await stage.Daemon.KillAsync();
            churn.Kills++;
        }

        await Task.WhenAll(requests);
        if (!isKilled)
        {
            return;
        }

        await stage.StartAsync();
        _ = await Eventually.TrueAsync(
            s_patience,
            async () => (await stage.Api.DiffAsync()).Steps.IsEmpty,
            async () => string.Join('\n', (await stage.Api.DiffAsync()).Steps.Select(static s => s.Text)));
        Assert.DoesNotContain(await stage.Api.PortsAsync(), static p => !p.Reserved && p.Port.Path != "direct");
    }

    // Everything that could be left, told by others than netd where there are any.
    private static async Task<string> LeftAsync(Stage stage)
    {
        var kernel = await stage.KernelAsync();
        var sockets = (await stage.Host.RunAsync("ss", "-lntuSH")).Text;
        var leases = (await stage.NetctlAsync("ipam", "ls", "--format", "json")).Succeeded();
        var sysctls = (await stage.Host.RunAsync("sh", "-c", "cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/*/forwarding /proc/sys/net/ipv6/conf/*/accept_ra")).Text;
        var files = Directory.GetFileSystemEntries(stage.RunFolder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal);
        var mounts = (await File.ReadAllLinesAsync("/proc/self/mountinfo", Eventually.Cancel)).Where(l => l.Contains(stage.RunFolder, StringComparison.Ordinal)).Select(static l => l.Split(' ')[4]);
        var sandboxes = (await stage.Api.SandboxesAsync()).Select(static s => s.Name);
        return string.Join('\n', [kernel, sockets, leases, sysctls, .. files, .. mounts, .. sandboxes]);
    }
}
