using System.Diagnostics;
using System.Globalization;

namespace Networking.Bench;

/// <summary>
/// A local name asked by dnsperf from where a container would ask: our resolver, Docker's embedded one, aardvark-dns, and dnsmasq,
/// in turn. Questions in a second, the server's CPU for each, and how long one takes when nobody queues.
/// </summary>
/// <remarks>
/// <code>
///   dnsperf ──► 127.0.0.11:53 ──port written over──► netd     dnsperf ──► 127.0.0.11:53 ──nat──► dockerd
///   dnsperf ──► 127.0.0.1:53 ──► dnsmasq                      dnsperf ──► 10.99.0.1:53 ──► aardvark-dns
/// </code>
/// </remarks>
internal static class DnsBenchmark
{
    private const int RoundsMax = 9;
    private const int Names = 200;

    public static void Run(Stage stage)
    {
        Packages.Require("/usr/bin/dnsperf", "/usr/sbin/dnsmasq");
        using var daemon = new Daemon(stage);
        using var asking = new HostNamespace("asking");
        daemon.CreateNetwork("bench", "10.86.0.0/16");
        string[] names = [.. Enumerable.Range(0, Names).Select(static i => $"n{i}")];
        _ = daemon.Api.Send("POST", "/v1/networks/bench/connect", $$"""{"sandbox":"{{asking.Path}}","aliases":[{{string.Join(',', names.Select(static n => $"\"{n}\""))}}]}""");
        var questions = Questions(stage, "questions", names.Select(static n => $"{n}.bench A"));
        var ours = new DnsLane(new PeerIdentity("netd", daemon.Version, "a sandbox"), [.. asking.Prefix], "127.0.0.11", daemon.ProcessId, questions);
        var ends = new Stack<IDisposable>();
        try
        {
            List<(DnsLane Lane, Limit? Rate, Limit? Cost)> peers = [];
            List<(string Name, string Reason)> skipped = [];
            peers.Add((OpenDnsmasq(stage, names, questions, ends), Limit.AtLeast(0.95), Limit.AtMost(1)));
            if (stage.Options.HasPeers)
            {
                Open("Docker Engine", () => (OpenDocker(stage, names, questions, ends), Limit.AtLeast(1.5), Limit.AtMost(1 / 3.0)));
                Open("aardvark-dns", () => (OpenAardvark(stage, names, ends), null, Limit.AtMost(0.5)));
            }

            Compare(stage, ours, peers);
            skipped.ForEach(s => stage.Report.Add(Figure.WithoutPeer("dns local name", "questions/s", [], s.Name, s.Reason)));

            void Open(string name, Func<(DnsLane, Limit?, Limit?)> make)
            {
                try
                {
                    peers.Add(make());
                }
                catch (Exception e) when (e is CommandException or IOException)
                {
                    skipped.Add((name, e.Message.ReplaceLineEndings(" ")));
                    stage.Report.Note($"bench: {name} is skipped: {e.Message}");
                }
            }
        }
        finally
        {
            while (ends.TryPop(out var end))
            {
                end.Dispose();
            }
        }
    }

    private static void Compare(Stage stage, DnsLane ours, List<(DnsLane Lane, Limit? Rate, Limit? Cost)> peers)
    {
        DnsLane[] lanes = [ours, .. peers.Select(static p => p.Lane)];
        var samples = lanes.ToDictionary(static l => l, static _ => new[] { new List<double>(), new List<double>(), new List<double>(), new List<double>() });
        for (var round = 0; round < Math.Min(stage.Options.Rounds, RoundsMax); round++)
        {
            foreach (var lane in round % 2 == 0 ? lanes : lanes.Reverse())
            {
                var (rate, cost) = lane.Measure(stage);
                var (middle, late) = lane.MeasureLatency(stage);
                foreach (var (list, value) in samples[lane].Zip(new[] { rate, cost, middle, late }))
                {
                    list.Add(value);
                }

                stage.Report.Note(string.Create(
                    CultureInfo.InvariantCulture, $"bench: {lane.Peer.Name} {rate:0} q/s, {cost:0.00} µs of CPU each; one by one {middle:0} µs, p99 {late:0} µs"));
            }
        }

        foreach (var (lane, rate, cost) in peers)
        {
            stage.Report.Add(Figure.Beside("dns local name", "questions/s", samples[ours][0], lane.Peer, samples[lane][0], rate));
            stage.Report.Add(Figure.Beside("dns local name, server CPU", "µs/question", samples[ours][1], lane.Peer, samples[lane][1], cost));
            stage.Report.Add(Figure.Beside("dns local name, p50 at 1,000/s", "µs", samples[ours][2], lane.Peer, samples[lane][2]));
            stage.Report.Add(Figure.Beside("dns local name, p99 at 1,000/s", "µs", samples[ours][3], lane.Peer, samples[lane][3]));
        }
    }

    private static DnsLane OpenDnsmasq(Stage stage, string[] names, string questions, Stack<IDisposable> ends)
    {
        var place = new HostNamespace("masq");
        ends.Push(place);
        var hosts = Path.Combine(stage.Place, "hosts");
        File.WriteAllLines(hosts, names.Select(static (n, i) => $"10.86.9.{i} {n}.bench"));
        var masq = Command.Stay(
            [.. place.Prefix, "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--pid-file", $"--addn-hosts={hosts}", "--listen-address=127.0.0.1", "--user=root"],
            Path.Combine(stage.Place, "dnsmasq.log"));
        ends.Push(new Ending(masq));
        return new DnsLane(
            new PeerIdentity("dnsmasq", Command.PackageVersion("dnsmasq-base"), $"dnsmasq --addn-hosts ({Names} names), same dnsperf"), [.. place.Prefix], "127.0.0.1", masq.Id, questions);
    }

    private static DnsLane OpenDocker(Stage stage, string[] names, string questions, Stack<IDisposable> ends)
    {
        var engine = new DockerEngine(stage);
        ends.Push(engine);
        var container = engine.RunNamed(stage, "asked", names);
        return new DnsLane(
            engine.Identity with { Command = $"docker run --network-alias ({Names} of them), dnsperf in the container" },
            ["nsenter", $"--net=/proc/{container.ToString(CultureInfo.InvariantCulture)}/ns/net"],
            "127.0.0.11",
            engine.ProcessId,
            questions);
    }

    private static DnsLane OpenAardvark(Stage stage, string[] names, Stack<IDisposable> ends)
    {
        var aardvark = new AardvarkDns(stage, names);
        ends.Push(aardvark);
        return new DnsLane(
            new PeerIdentity("aardvark-dns", Command.PackageVersion("aardvark-dns"), $"aardvark-dns run ({Names} names), same dnsperf"),
            [.. aardvark.Place.Prefix],
            AardvarkDns.Address,
            aardvark.ProcessId,
            Questions(stage, "questions-podman", names.Select(static n => $"{n}.dns.podman A")),
            "-a",
            AardvarkDns.Asker);
    }

    private static string Questions(Stage stage, string name, IEnumerable<string> lines)
    {
        var path = Path.Combine(stage.Place, name);
        File.WriteAllLines(path, lines);
        return path;
    }

    private sealed class Ending(Process process) : IDisposable
    {
        public void Dispose() => Command.End(process, TimeSpan.FromSeconds(2));
    }
}
