using System.Globalization;

namespace Networking.Bench;

/// <summary>
/// A sandbox with two servers of its own, of which the first is on a machine that is not there: what names that are not ours
/// then take, each asked once, so that nothing comes from the cache.
/// </summary>
internal static class DeadServerBenchmark
{
    private const int Names = 2_000;
    private const int PerSecond = 100;
    private const double LateMillisecondsMax = 200;
    private const string Nobody = "10.87.255.254"; // of the network's own subnet, and nobody's

    public static void Run(Stage stage)
    {
        Packages.Require("/usr/bin/dnsperf", "/usr/sbin/dnsmasq");
        using var daemon = new Daemon(stage);
        using var asking = new HostNamespace("patient");
        daemon.CreateNetwork("bench", "10.87.0.0/16");
        _ = daemon.Api.Send("POST", "/v1/networks/bench/connect", $$"""{"sandbox":"{{asking.Path}}","dns":["{{Nobody}}","127.0.0.2"]}""");
        var questions = Path.Combine(stage.Place, "questions-world");
        File.WriteAllLines(questions, Enumerable.Range(0, Names).Select(static i => string.Create(CultureInfo.InvariantCulture, $"n{i}.example.com A")));
        var living = Command.Stay(
            [.. asking.Prefix, "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--pid-file", "--address=/example.com/192.0.2.1", "--listen-address=127.0.0.2", "--bind-interfaces", "--user=root"],
            Path.Combine(stage.Place, "living.log"));
        try
        {
            var lane = new DnsLane(new PeerIdentity("netd", daemon.Version, "a sandbox"), [.. asking.Prefix], "127.0.0.11", daemon.ProcessId, questions);
            var all = lane.AskAll(stage, PerSecond).Select(static l => l / 1e3).ToArray();
            double[] later = [.. all.Skip(1).Order()];
            stage.Report.Add(Figure.Alone("dns, first server dead: first question", "ms", [all[0]]));
            stage.Report.Add(Figure.Alone("dns, first server dead: p50 after it", "ms", [later[later.Length / 2]]));
            stage.Report.Add(Figure.Alone("dns, first server dead: p99 after it", "ms", [later[later.Length * 99 / 100]], Limit.AtMost(LateMillisecondsMax)));
        }
        finally
        {
            Command.End(living, TimeSpan.FromSeconds(2));
        }
    }
}
