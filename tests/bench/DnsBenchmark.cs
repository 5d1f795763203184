using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Networking.Bench;

/// <summary>
/// A local name asked as fast as dnsperf can, from inside one sandbox: our resolver, and dnsmasq on the loopback of another
/// namespace with the same names. Questions in a second, and what each costs the server.
/// </summary>
/// <remarks>
/// <code>
///   dnsperf ──► 127.0.0.11:53 ──nat──► netd          dnsperf ──► 127.0.0.1:53 ──► dnsmasq
/// </code>
/// Ours pays for the translation of port 53, as every resolver does that leaves a container's own port 53 free.
/// </remarks>
internal static partial class DnsBenchmark
{
    private const int RoundsMax = 9;
    private const int Names = 200;
    private const double RateMin = 0.95;
    private const double CostMax = 1;

    public static void Run(Stage stage)
    {
        Packages.Require("/usr/bin/dnsperf", "/usr/sbin/dnsmasq");
        using var daemon = new Daemon(stage);
        using var ours = new HostNamespace("asking");
        using var theirs = new HostNamespace("masq");
        daemon.CreateNetwork("bench", "10.86.0.0/16");
        _ = daemon.Api.Send("POST", "/v1/networks/bench/connect", Named(ours.Path));
        var questions = Path.Combine(stage.Place, "questions");
        File.WriteAllLines(questions, Enumerable.Range(0, Names).Select(static i => $"n{i}.bench A"));
        var hosts = Path.Combine(stage.Place, "hosts");
        File.WriteAllLines(hosts, Enumerable.Range(0, Names).Select(static i => $"10.86.9.{i} n{i}.bench"));
        using var masq = Command.Stay(
            [.. theirs.Prefix, "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--pid-file", $"--addn-hosts={hosts}", "--listen-address=127.0.0.1", "--user=root"],
            Path.Combine(stage.Place, "dnsmasq.log"));
        try
        {
            Compare(stage, new Lane(ours, "127.0.0.11", daemon.ProcessId, questions), new Lane(theirs, "127.0.0.1", masq.Id, questions));
        }
        finally
        {
            Command.End(masq, TimeSpan.FromSeconds(2));
        }
    }

    // All names of one endpoint: a name costs the same, whoever has it.
    private static string Named(string sandbox) =>
        $$"""{"sandbox":"{{sandbox}}","aliases":[{{string.Join(',', Enumerable.Range(0, Names).Select(static i => $"\"n{i}\""))}}]}""";

    private static void Compare(Stage stage, Lane ours, Lane theirs)
    {
        var (rates, costs) = (new[] { new List<double>(), new List<double>() }, new[] { new List<double>(), new List<double>() });
        for (var round = 0; round < Math.Min(stage.Options.Rounds, RoundsMax); round++)
        {
            foreach (var lane in round % 2 == 0 ? new[] { ours, theirs } : [theirs, ours])
            {
                var (rate, cost) = lane.Measure(stage);
                var index = lane == ours ? 0 : 1;
                rates[index].Add(rate);
                costs[index].Add(cost);
                stage.Report.Note(string.Create(CultureInfo.InvariantCulture, $"bench: {lane.Server} {rate:0} q/s, {cost:0.00} µs of CPU each"));
            }
        }

        var peer = new PeerIdentity("dnsmasq", Command.PackageVersion("dnsmasq-base"), $"dnsmasq --addn-hosts ({Names} names), same dnsperf");
        stage.Report.Add(Figure.Beside("dns local name", "questions/s", rates[0], peer, rates[1], Limit.AtLeast(RateMin)));
        stage.Report.Add(Figure.Beside("dns local name, server CPU", "µs/question", costs[0], peer, costs[1], Limit.AtMost(CostMax)));
    }

    [GeneratedRegex(@"Queries completed:\s+(\d+) \((\d+\.\d+)%\)")]
    private static partial Regex Completed();

    [GeneratedRegex(@"Queries per second:\s+(\d+\.\d+)")]
    private static partial Regex Rate();

    /// <summary>A server, and where it is asked.</summary>
    private sealed record Lane(HostNamespace Place, string Server, int ProcessId, string Questions)
    {
        /// <summary>Questions in a second, and microseconds of the server's CPU for each.</summary>
        public (double Rate, double Cost) Measure(Stage stage)
        {
            stage.Stop.ThrowIfCancellationRequested();
            var before = Cpu();
            var text = Place.Run(
                "dnsperf", "-s", Server, "-d", Questions, "-l", stage.Options.Seconds.ToString(CultureInfo.InvariantCulture), "-c", "4", "-q", "200");
            var spent = Cpu() - before;
            var completed = Completed().Match(text);
            return completed.Success && completed.Groups[2].Value == "100.00"
                ? (Number(Rate().Match(text).Groups[1].Value), spent.TotalMicroseconds / Number(completed.Groups[1].Value))
                : throw new CommandException($"dnsperf lost questions at {Server}: {text}");
        }

        private TimeSpan Cpu()
        {
            using var process = Process.GetProcessById(ProcessId);
            return process.TotalProcessorTime;
        }

        private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
    }
}
