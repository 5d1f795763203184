using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Durability.Tests;

/// <summary>
/// A restart with nothing changed: no packet is lost, no connection breaks, and the kernel hears no request to change
/// anything.
/// <code>
///   s1 eth0 ──┐               ┌── eth0 s2     s1: pings, a TCP flow and a keep-alive connection to s2
///             br (netd dies and returns)      ip monitor and nft monitor in all three namespaces
/// </code>
/// </summary>
public sealed partial class RestartTests(ITestOutputHelper output)
{
    private const string Behind = "10.64.0.200";

    [Theory]
    [InlineData("KILL")]
    [InlineData("TERM")]
    public async Task Flows_and_kernel_do_not_notice_a_restart(string signal)
    {
        await using var stage = Stage.Create();
        var (from, to, address) = await PopulateAsync(stage);
        await using var tcp = TcpFlow.Start(from, to, new IPEndPoint(address, 7001));
        await using var http = HttpFlow.Start(from, to, new IPEndPoint(address, 7002));
        using var ping = new PingFlow(from, address.ToString());
        await UntilAsync(() => tcp.Received > 20 && http.Answers > 20, () => $"{tcp.Failure} {http.Failure}");
        using var monitor = new KernelMonitor(stage.NamespacePaths);
        await Task.Delay(500, TestContext.Current.CancellationToken);
        var (numbers, answers) = (tcp.Received, http.Answers);

        await (signal == "KILL" ? stage.Daemon!.KillAsync() : stage.Daemon!.StopAsync());
        await Task.Delay(300, TestContext.Current.CancellationToken);
        await stage.StartAsync();
        Assert.Empty((await stage.Api.DiffAsync()).Steps);
        await UntilAsync(() => tcp.Received > numbers + 50 && http.Answers > answers + 50, () => $"{tcp.Failure} {http.Failure}");
        await Task.Delay(1500, TestContext.Current.CancellationToken); // a round of every watcher of the daemon

        var metrics = await stage.Api.MetricsAsync();
        var (sent, received) = await ping.StopAsync();
        output.WriteLine($"SIG{signal}: {sent} pings, {sent - received} lost; {tcp.Received} numbers, longest pause {tcp.LongestPauseMs} ms; {http.Answers} answers on {http.Connections} connection; {metrics["netd_kernel_operations_total"]} operations, {metrics["netd_kernel_observations_total"]} namespaces read");
        Assert.Equal(sent, received);
        Assert.Null(tcp.Failure);
        Assert.Null(http.Failure);
        Assert.Equal(1, http.Connections);
        Assert.Equal(0, metrics["netd_kernel_operations_total"]);
        Assert.Equal(0, metrics["netd_kernel_transitions_total"]);
        Assert.Equal(0, metrics["netd_drift_total"]);
        Assert.Equal(0, metrics["netd_store_commits_total"]);
        Assert.Empty(monitor.Lines);
        Assert.Empty(stage.Iptables?.Runs ?? []);
    }

    [Fact]
    public async Task Rules_that_were_flushed_while_the_daemon_was_dead_are_back_and_connections_go_on()
    {
        await using var stage = Stage.Create();
        var (from, to, address) = await PopulateAsync(stage);
        await using var tcp = TcpFlow.Start(from, to, new IPEndPoint(address, 7001));
        await UntilAsync(() => tcp.Received > 20, () => $"{tcp.Failure}");
        RouteBack(stage, from, to);
        using var bridged = new PingFlow(from, address.ToString());
        using var routed = new PingFlow(from, Behind);
        var before = KernelSnapshot.Read(stage.NamespacePaths, static p => p).ToString();

        await stage.Daemon!.KillAsync();
        foreach (var family in new[] { "iptables", "ip6tables" })
        {
            var flush = HostBackend.IsIptables ? string.Join("; ", from t in new[] { "filter", "nat" } from o in new[] { "-F", "-X" } select $"{family}-{HostBackend.Variant} -t {t} {o}") : "nft flush ruleset";
            _ = Tool.Run("nsenter", $"--net={stage.HostPath}", "sh", "-ec", flush);
        }

        IptablesPrograms.PutRulesOfOthers(stage.HostPath);
        Assert.NotEqual(before, KernelSnapshot.Read(stage.NamespacePaths, static p => p).ToString());
        await stage.StartAsync();
        await UntilAsync(
            () => KernelSnapshot.Read(stage.NamespacePaths, static p => p).ToString() == before,
            () => $"was:\n{before}\nis:\n{KernelSnapshot.Read(stage.NamespacePaths, static p => p)}");
        Assert.Empty((await stage.Api.DiffAsync()).Steps);
        var numbers = tcp.Received;
        await UntilAsync(() => tcp.Received > numbers + 50, () => $"{tcp.Failure}");
        Assert.Null(tcp.Failure);
        foreach (var (way, flow) in new[] { ("bridged", bridged), ("routed", routed) })
        {
            var (sent, received) = await flow.StopAsync();
            output.WriteLine($"{way}: {sent} pings, {sent - received} lost");
            Assert.True(received > 20 && sent == received, $"{way}: {sent - received} of {sent} pings were lost");
        }
    }

    // An address of s2 that s1 reaches by way of the host: in and out by the same bridge, past the firewall.
    private static void RouteBack(Stage stage, string from, string to)
    {
        _ = Tool.Run("nsenter", $"--net={to}", "ip", "address", "add", $"{Behind}/32", "dev", "lo");
        _ = Tool.Run("nsenter", $"--net={from}", "sh", "-ec", "echo 0 >/proc/sys/net/ipv4/conf/all/accept_redirects; echo 0 >/proc/sys/net/ipv4/conf/eth0/accept_redirects");
        _ = Tool.Run("nsenter", $"--net={from}", "ip", "route", "add", Behind, "via", "10.64.0.1");
        Assert.Equal("1", Tool.Run("nsenter", $"--net={stage.HostPath}", "cat", "/proc/sys/net/ipv4/ip_forward").Trim());
    }

    [Fact]
    public async Task A_traced_restart_sends_no_message_that_writes()
    {
        await using var stage = Stage.Create();
        _ = await PopulateAsync(stage);
        await stage.Daemon!.KillAsync();
        var trace = $"{stage.Directory}/trace";
        await stage.StartAsync(null, "strace", "-f", "-qq", "--seccomp-bpf", "-e", "trace=sendto,sendmsg,setsockopt", "-s", "512", "-o", trace);
        Assert.Empty((await stage.Api.DiffAsync()).Steps);
        Assert.Equal(0, (await stage.Api.MetricsAsync())["netd_kernel_operations_total"]);
        var traced = (await stage.Api.InfoAsync()).ProcessId;
        _ = Tool.Run("kill", "-KILL", traced.ToString(CultureInfo.InvariantCulture));
        Assert.True(await stage.Daemon!.EndsWithinAsync(TimeSpan.FromSeconds(20)), "the tracer outlives the daemon");

        // The programs of iptables-legacy give orders by a socket's option.
        Assert.DoesNotContain(await File.ReadAllLinesAsync(trace, TestContext.Current.CancellationToken), static l => l.Contains("_SO_SET_", StringComparison.Ordinal));
        Assert.Empty(stage.Iptables?.Runs ?? []);

        // nlmsg_type=RTM_GETLINK is a question; RTM_NEW…, RTM_DEL…, RTM_SET… and NFT_MSG_NEW… are orders.
        var types = (await File.ReadAllLinesAsync(trace, TestContext.Current.CancellationToken)).SelectMany(static l => MessageType().Matches(l)).Select(static m => m.Groups[1].Value).CountBy(static t => t).ToArray();
        output.WriteLine(string.Join(", ", types.OrderBy(static t => t.Key).Select(static t => $"{t.Key} {t.Value}")));
        Assert.Contains(types, static t => t.Key.Contains("GET", StringComparison.Ordinal));
        Assert.DoesNotContain(types, static t => IsOrder(t.Key));
    }

    // The tracer knows the family of the host's sockets, not of those that were opened in other namespaces: those it
    // prints as numbers. rtnetlink numbers NEW, DEL, GET, SET in fours; of nf_tables every third is a GET, from 1.
    private static bool IsOrder(string type) => type.StartsWith("0x", StringComparison.Ordinal)
        ? Convert.ToInt32(type, 16) is var number && number >= 16 && (number >> 8 == 10 ? (number & 0xff) % 3 != 1 : number % 4 != 2)
        : Order().IsMatch(type);

    [GeneratedRegex("nlmsg_type=(?:NFNL_SUBSYS_[A-Z]+<<8\\|)?([A-Za-z_0-9]+)")]
    private static partial Regex MessageType();

    [GeneratedRegex("_(NEW|DEL|SET|DESTROY)|BATCH_BEGIN")]
    private static partial Regex Order();

    private static async Task<(string From, string To, IPAddress Address)> PopulateAsync(Stage stage)
    {
        var foreign = stage.AddNamespace("foreign");

        // So it is netd that turns it on: what no rule of its own admits is then dropped.
        _ = Tool.Run("nsenter", $"--net={stage.HostPath}", "sh", "-ec", "echo 0 >/proc/sys/net/ipv4/ip_forward; echo 0 >/proc/sys/net/ipv6/conf/all/forwarding");
        await stage.StartAsync();
        _ = await stage.Api.DoAsync(ApiCall.Create(new CreateNetworkRequest { Name = "a", Subnets = ["10.64.0.0/24", "fd64::/64"] }));
        _ = await stage.Api.DoAsync(ApiCall.Create(new CreateNetworkRequest { Name = "b", Subnets = ["10.65.0.0/24"], Internal = true, Options = Scenario.Pairs("icc", "false") }));
        foreach (var name in new[] { "s1", "s2" })
        {
            _ = await stage.Api.DoAsync(ApiCall.CreateSandbox(name));
            _ = await stage.Api.DoAsync(ApiCall.Connect("a", new ConnectRequest { Sandbox = name }));
            _ = await stage.Api.DoAsync(ApiCall.Connect("b", new ConnectRequest { Sandbox = name }));
        }

        _ = await stage.Api.DoAsync(ApiCall.Connect("a", new ConnectRequest { Sandbox = foreign, Sysctls = Scenario.Pairs("net.ipv4.conf.IFNAME.arp_notify", "1") }));
        await Task.Delay(2500); // the last announcement has been made
        await UntilAsync(
            () => stage.NamespacePaths.All(static ns => Tool.Run("nsenter", $"--net={ns}", "ip", "-o", "addr", "show", "tentative").Length == 0),
            static () => "IPv6 addresses do not come of age");
        var sandboxes = await stage.Api.SandboxesAsync();
        var (first, second) = (sandboxes.Single(static s => s.Name == "s1"), sandboxes.Single(static s => s.Name == "s2"));
        return (first.Path, second.Path, IPAddress.Parse(second.Endpoints.Single(static e => e.Network == "a").Ipv4!.Split('/')[0]));
    }

    private static async Task UntilAsync(Func<bool> condition, Func<string> state)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), string.Create(CultureInfo.InvariantCulture, $"nothing flows: {state()}"));
            await Task.Delay(20);
        }
    }
}
