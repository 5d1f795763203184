using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Networking.Bench;

/// <summary>
/// Published ports: what an attach with two of them costs beside one without, a thousand in one request beside Docker
/// Engine, and whether the last of ten thousand is as good as the first.
/// </summary>
/// <remarks>
/// <code>
///   iperf3 -c ── outside ── veth ── host (netd) ── bridge ── veth ── sandbox: iperf3 -s
/// </code>
/// </remarks>
internal static class PublishBenchmark
{
    private const int Many = 1000;
    private const int TenThousand = 10_000;
    private const int FirstHostPort = 20_000;
    private const int FirstTargetPort = 40_000;
    private const double ManyMillisecondsMax = 100;
    private const double DockerRatioMax = 0.1;
    private const double LastRatioMin = 0.97;
    private const int RoundsMax = 9;
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(60);

    public static void Run(Stage stage)
    {
        Packages.Require("/usr/bin/iperf3");
        using var daemon = new Daemon(stage);
        daemon.CreateNetwork("bench", "10.86.0.0/16");
        using var sandbox = new HostNamespace("publisher");
        TellAttach(stage, daemon, sandbox);
        TellMany(stage, daemon, sandbox);
        TellLast(stage, daemon, sandbox);
    }

    private static void TellAttach(Stage stage, Daemon daemon, HostNamespace sandbox)
    {
        var (with, without) = (new List<double>(), new List<double>());
        string[] two = ["0.0.0.0:8080:80", "0.0.0.0:5353:53/udp"];
        for (var i = 0; i < 100; i++)
        {
            _ = Milliseconds(() => daemon.Connect("bench", sandbox.Path, two));
            daemon.Disconnect("bench", sandbox.Path);
        }

        for (var round = 0; round < stage.Options.Rounds * 5; round++)
        {
            foreach (var (ports, samples) in new[] { (two, with), (Array.Empty<string>(), without) })
            {
                Wait.Pause(s_rest, stage.Stop);
                samples.Add(Milliseconds(() => daemon.Connect("bench", sandbox.Path, ports)));
                daemon.Disconnect("bench", sandbox.Path);
            }
        }

        var peer = new PeerIdentity("netd without ports", daemon.Version, "POST /v1/networks/N/connect with nothing to publish");
        stage.Report.Add(Figure.Beside("attach with two published ports", "ms", with, peer, without));
    }

    private static void TellMany(Stage stage, Daemon daemon, HostNamespace sandbox)
    {
        var (published, back) = (new List<double>(), new List<double>());
        string[] ports = [Range(Many)];
        for (var round = 0; round < Math.Min(stage.Options.Rounds, RoundsMax); round++)
        {
            Wait.Pause(s_rest, stage.Stop);
            published.Add(Milliseconds(() => daemon.Connect("bench", sandbox.Path, ports)));
            back.Add(Milliseconds(() => daemon.Disconnect("bench", sandbox.Path)));
        }

        stage.Report.Add(Figure.Alone($"publish {Many} shifted ports in one request", "ms", published, Limit.AtMost(ManyMillisecondsMax)));
        stage.Report.Add(Figure.Alone($"take {Many} ports back", "ms", back));
        if (stage.Options.HasPeers)
        {
            stage.Report.Add(BesideDocker(stage, published));
        }
    }

    // Once: a thousand take dockerd half a minute to publish, and more to take back.
    private static Figure BesideDocker(Stage stage, List<double> ours)
    {
        var name = $"publish {Many} shifted ports beside Docker";
        try
        {
            using var engine = new DockerEngine(stage);
            engine.StartContainer(stage);
            var with = Milliseconds(() => engine.RunPublishing("ported", FirstHostPort, FirstTargetPort, Many));
            var without = Milliseconds(() => engine.RunPublishing("plain", FirstHostPort, FirstTargetPort, 0));
            var identity = engine.Identity with { Command = "docker run -p 20000-20999:40000-40999, less docker run without -p" };
            return Figure.Beside(name, "ms", ours, identity, [with - without], Limit.AtMost(DockerRatioMax));
        }
        catch (Exception e) when (e is CommandException or IOException)
        {
            return Figure.WithoutPeer(name, "ms", ours, "Docker Engine", e.Message.ReplaceLineEndings(" "));
        }
    }

    // One element a port, so that the last is as deep in the map as can be.
    private static void TellLast(Stage stage, Daemon daemon, HostNamespace sandbox)
    {
        using var outside = new HostNamespace("outside");
        _ = daemon.Host.Ip("link", "add", "uplink", "type", "veth", "peer", "name", "eth0", "netns", outside.Name);
        _ = daemon.Host.Ip("addr", "add", "192.168.86.1/24", "dev", "uplink");
        _ = daemon.Host.Ip("link", "set", "uplink", "up");
        _ = outside.Ip("addr", "add", "192.168.86.2/24", "dev", "eth0");
        _ = outside.Ip("link", "set", "eth0", "up");
        _ = daemon.Connect("bench", sandbox.Path, [Range(TenThousand), $"{Range(TenThousand)}/udp"]);
        var (first, last) = (new List<double>(), new List<double>());
        for (var round = 0; round < Math.Min(stage.Options.Rounds, RoundsMax); round++)
        {
            // Who goes first changes: a machine that slows down or speeds up favours nobody.
            foreach (var (offset, samples) in round % 2 == 0 ? [(0, first), (TenThousand - 1, last)] : new[] { (TenThousand - 1, last), (0, first) })
            {
                samples.Add(PacketsPerSecond(stage, outside, sandbox, offset));
            }
        }

        var peer = new PeerIdentity("the first of them", daemon.Version, "iperf3 -u -l 64 -b 0 to the first published port");
        stage.Report.Add(Figure.Beside($"UDP 64 bytes to the last of {TenThousand} published ports", "packets/s", last, peer, first, Limit.AtLeast(LastRatioMin)));
    }

    private static double PacketsPerSecond(Stage stage, HostNamespace outside, HostNamespace sandbox, int offset)
    {
        stage.Stop.ThrowIfCancellationRequested();
        var target = (FirstTargetPort + offset).ToString(CultureInfo.InvariantCulture);
        using var server = Command.Stay([.. sandbox.Prefix, "iperf3", "-s", "-1", "-p", target], Path.Combine(stage.Place, "iperf3-publish.log"));
        try
        {
            Wait.Until(
                () => sandbox.Run("ss", "-Hltn", $"sport = :{target}").Length > 0, TimeSpan.FromSeconds(10), "iperf3 -s listens", stage.Stop);
            var port = (FirstHostPort + offset).ToString(CultureInfo.InvariantCulture);
            var seconds = stage.Options.Seconds.ToString(CultureInfo.InvariantCulture);
            using var document = JsonDocument.Parse(outside.Run(
                "iperf3", "-c", "192.168.86.1", "-p", port, "-t", seconds, "-O", "1", "-J", "-u", "-l", "64", "-b", "0"));
            var sum = document.RootElement.GetProperty("end").GetProperty("sum");
            var packets = sum.GetProperty("packets").GetDouble() - sum.GetProperty("lost_packets").GetDouble();
            return Math.Round(packets / sum.GetProperty("seconds").GetDouble());
        }
        finally
        {
            Command.End(server, TimeSpan.FromSeconds(2));
        }
    }

    private static string Range(int count) => string.Create(
        CultureInfo.InvariantCulture,
        $"0.0.0.0:{FirstHostPort}-{FirstHostPort + count - 1}:{FirstTargetPort}-{FirstTargetPort + count - 1}");

    private static double Milliseconds(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
