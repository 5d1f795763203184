using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Networking.Bench;

/// <summary>A name server, and where it is asked by dnsperf.</summary>
/// <param name="Peer">Who it is.</param>
/// <param name="Prefix">Words that lead into the asker's namespace.</param>
/// <param name="Server">Its address.</param>
/// <param name="ProcessId">Its process, whose CPU time is counted.</param>
/// <param name="Questions">File of questions.</param>
/// <param name="More">Further words for dnsperf.</param>
internal sealed partial record DnsLane(PeerIdentity Peer, string[] Prefix, string Server, int ProcessId, string Questions, params string[] More)
{
    private const double CompletedMin = 99.9; // percent: a server whose socket overflows for a moment is measured all the same, and told of
    private const int AskedOneByOne = 1_000; // in a second: what a question takes when nobody queues

    /// <summary>Asks as fast as four clients with 200 open questions can: questions in a second, and microseconds of the server's CPU for each.</summary>
    public (double Rate, double Cost) Measure(Stage stage)
    {
        var before = Cpu();
        var text = Ask(stage, "-c", "4", "-q", "200");
        var spent = Cpu() - before;
        return (Number(Rate().Match(text).Groups[1].Value), spent.TotalMicroseconds / Number(Completed().Match(text).Groups[1].Value));
    }

    /// <summary>Asks a thousand times a second: the middle and the 99th of a hundred latencies, in microseconds.</summary>
    public (double Middle, double Late) MeasureLatency(Stage stage)
    {
        var text = Ask(stage, "-c", "1", "-q", "10", "-Q", AskedOneByOne.ToString(CultureInfo.InvariantCulture), "-v");
        double[] all = [.. Latency().Matches(text).Select(static m => Number(m.Groups["seconds"].Value) * 1e6).Order()];
        return all.Length > 0 ? (all[all.Length / 2], all[all.Length * 99 / 100]) : throw new CommandException($"dnsperf says nothing of latencies at {Server}: {text}");
    }

    /// <summary>Asks every question once, so many a second: all latencies in their order, in microseconds.</summary>
    public double[] AskAll(Stage stage, int perSecond)
    {
        var text = Run(stage, "-n", "1", "-c", "1", "-q", "50", "-t", "30", "-Q", perSecond.ToString(CultureInfo.InvariantCulture), "-v");
        return [.. Latency().Matches(text).Select(static m => Number(m.Groups["seconds"].Value) * 1e6)];
    }

    private string Ask(Stage stage, params string[] words) =>
        Run(stage, ["-l", stage.Options.Seconds.ToString(CultureInfo.InvariantCulture), .. words]);

    private string Run(Stage stage, params string[] words)
    {
        stage.Stop.ThrowIfCancellationRequested();
        var text = Command.Run(Prefix[0], [.. Prefix[1..], "dnsperf", "-s", Server, "-d", Questions, .. words, .. More]);
        var completed = Completed().Match(text);
        if (Lost().Match(text) is { Success: true } lost && lost.Groups[1].Value != "0")
        {
            stage.Report.Note($"bench: {Peer.Name} lost {lost.Groups[1].Value} questions");
        }

        return completed.Success && Number(completed.Groups[2].Value) >= CompletedMin && text.Contains("NOERROR", StringComparison.Ordinal)
            ? text
            : throw new CommandException($"dnsperf lost questions at {Server}: {text[Math.Max(0, text.Length - 1500)..]}");
    }

    private TimeSpan Cpu()
    {
        using var process = Process.GetProcessById(ProcessId);
        return process.TotalProcessorTime;
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"Queries completed:\s+(\d+) \((\d+\.\d+)%\)")]
    private static partial Regex Completed();

    [GeneratedRegex(@"Queries lost:\s+(\d+)")]
    private static partial Regex Lost();

    [GeneratedRegex(@"Queries per second:\s+(\d+\.\d+)")]
    private static partial Regex Rate();

    [GeneratedRegex(@"^> NOERROR .* (?<seconds>\d+\.\d+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Latency();
}
