using System.Diagnostics;
using System.Globalization;
using System.Net;
using Networking.Daemon.Tests.Matrix;
using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Daemon.Tests;

/// <summary>Somebody takes the firewall away under published ports that are in use.</summary>
/// <remarks>
/// <code>
///   world ── uplink ── host, port 8080 ── bridge ── container, port 80
///                       └ nft flush ruleset
/// </code>
/// </remarks>
public sealed class FirewallRepairTests
{
    private const int ShortPort = 80;
    private const int LongPort = 90;
    private const int RoundsMax = 4;
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_later = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(false, "flush ruleset", false)]
    [InlineData(true, "flush ruleset", false)]
    [InlineData(false, "delete table inet netd", false)]
    [InlineData(false, "delete table inet netd", true)]
    public async Task Transfers_go_on_and_new_connections_wait_until_the_rules_are_back(bool isIpv6, string command, bool hasTracker)
    {
        if (command == "flush ruleset")
        {
            HostKind.SkipUnlessClean("what others had is flushed for good");
        }

        await using var stage = await Stage.OpenAsync();
        if (hasTracker)
        {
            // Somebody else's rule that looks at connections: the kernel goes on tracking them while ours are gone.
            _ = (await stage.Host.RunAsync("nft", "add table ip other; add chain ip other c { type filter hook input priority 0; }; add rule ip other c ct state invalid counter")).Succeeded();
        }

        _ = await stage.NetworkAsync("pub", "10.95.0.0/24", "fd95::/64");
        var (container, endpoint) = await stage.ContainerAsync("pub", "p", new ConnectRequest { Publish = ["8080:80", "8080:80/udp", "8090:90"], Expose = "world" });
        _ = stage.Keep(Answerer.Open(container, [IPAddress.Any, IPAddress.IPv6Any], ShortPort));
        var host = IPAddress.Parse(isIpv6 ? Stage.HostAddress6 : Stage.HostAddress4);
        using var transfer = await Transfer.StartAsync(stage.World, new IPEndPoint(host, 8090), container, LongPort);
        await transfer.GrowsAsync(stage);
        await using var datagrams = new DatagramStream(stage.World, new IPEndPoint(host, 8080));
        await datagrams.GrowsAsync();

        // Everything holds each time; that it took less than a second is asked of the best, for others use this machine too.
        var best = TimeSpan.MaxValue;
        for (var round = 0; round < RoundsMax && best > s_soon; round++)
        {
            var took = await BreakAsync(stage, command, new IPEndPoint(host, 8080), container, transfer, datagrams, isIpv6 ? endpoint.Address6 : "world_any4");
            best = took < best ? took : best;
        }

        Assert.InRange(best, TimeSpan.Zero, s_soon);
        await stage.AssertNothingDiffersAsync();
    }

    // Breaks the firewall under new connections, a transfer and datagrams; returns how long it took until it was whole again and told, or for
    // how long no datagram was answered.
    private static async Task<TimeSpan> BreakAsync(
        Stage stage, string command, IPEndPoint port, Place container, Transfer transfer, DatagramStream datagrams, string named)
    {
        datagrams.Forget();
        var calls = new Callers(stage.World, port);
        var (rules, resets, since) = (await RulesAsync(stage), Resets(stage.Host) + Resets(container), await LastEventAsync(stage));
        var flushed = DateTimeOffset.UtcNow;
        var clock = Stopwatch.StartNew();
        if (HostBackend.IsIptables)
        {
            await stage.FlushAsync();
        }
        else
        {
            _ = (await stage.Host.RunAsync("nft", command)).Succeeded();
        }

        _ = await Eventually.TrueAsync(s_later, async () => await RulesAsync(stage) == rules, () => RulesAsync(stage));
        var back = clock.Elapsed;
        await transfer.GrowsAsync(stage);
        await datagrams.GrowsAsync();

        var answered = await calls.EndAsync();
        var found = (await stage.Api.EventsAsync(since)).Where(static e => e.Type == "drift.found").ToArray();
        var told = found.Max(static e => e.Time) - flushed;
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"found after {(found.Min(static e => e.Time) - flushed).TotalMilliseconds:F0} ms, back after {back.TotalMilliseconds:F0} ms; no datagram for {datagrams.LongestGap.TotalMilliseconds:F0} ms; {answered.Count} connections, the slowest {answered.Max(static c => c.Took).TotalMilliseconds:F0} ms"));
        Assert.Empty(answered.Where(static c => c.Failure is not null).Select(c => $"{(c.Start - flushed).TotalMilliseconds} ms: {c.Failure}"));
        Assert.Equal(resets, Resets(stage.Host) + Resets(container));
        Assert.Contains(found, static e => e.Message.Contains("prerouting", StringComparison.Ordinal)
            && (e.Message.Contains("missing", StringComparison.Ordinal) || (HostBackend.IsIptables && e.Message.Contains("was changed", StringComparison.Ordinal)))); // a family after the other
        Assert.Contains(found, e => e.Message.Contains("8080", StringComparison.Ordinal) && e.Message.Contains(named, StringComparison.Ordinal));
        return new[] { back, told, datagrams.LongestGap }.Max();
    }

    // How many RST a namespace has sent (RFC 4022 tcpOutRsts).
    private static long Resets(Place place)
    {
        var lines = NativeNamespace.Run(place.Path, static () => File.ReadAllLines("/proc/thread-self/net/snmp"))
            .Where(static l => l.StartsWith("Tcp:", StringComparison.Ordinal)).Select(static l => l.Split(' ')).ToArray();
        return long.Parse(lines[1][Array.IndexOf(lines[0], "OutRsts")], CultureInfo.InvariantCulture);
    }

    private static async Task<string> RulesAsync(Stage stage) => HostBackend.IsIptables
        ? string.Join('\n', (await stage.IptablesLinesAsync()).Order(StringComparer.Ordinal))
        : (await stage.Host.RunAsync("nft", "-s", "list", "table", "inet", "netd")).Text;

    private static async Task<long> LastEventAsync(Stage stage) => (await stage.Api.EventsAsync()).Select(static e => e.Sequence).DefaultIfEmpty(0).Max();
}
