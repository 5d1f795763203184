namespace Networking.Bench;

/// <summary>
/// The same attach and detach beside 10 endpoints, and beside thousands and a thousand published ports. The bare calls work in the same host's
/// namespace on the same bridge, so they meet exactly the same kernel; how much they grow is the kernel's share.
/// </summary>
internal static class ScaleBenchmark
{
    private const int Few = 10;
    private const int PerRound = 5;
    private const double GrowthMax = 1.2;
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(60);

    private static readonly string[] s_counters =
        ["netd_netlink_messages_sent_total", "netd_netlink_bytes_sent_total", "netd_netlink_messages_received_total"];

    public static void Run(Stage stage, SharedPopulation population)
    {
        var many = stage.Options.Endpoints;
        if (population.Count > Few)
        {
            stage.Report.Note("bench: scale must come before memory, which has filled the daemon already");
            return;
        }

        population.GrowTo(Few);
        var few = Measure(stage, population);
        population.GrowTo(many);
        Wait.Pause(TimeSpan.FromSeconds(3), stage.Stop);
        var full = Measure(stage, population);
        Tell(stage, many, few, full);
    }

    private static void Tell(Stage stage, int many, Costs few, Costs full)
    {
        var itself = new PeerIdentity($"netd at {Few} endpoints", null, "the same requests");
        stage.Report.Add(Figure.Beside($"attach at {many} endpoints", "ms", full.Attaches, itself, few.Attaches));
        stage.Report.Add(Figure.Beside($"detach at {many} endpoints", "ms", full.Detaches, itself, few.Detaches));
        var bare = few.Bare with { Name = $"bare netlink at {Few} endpoints" };
        stage.Report.Add(Figure.Beside($"bare attach at {many} endpoints", "ms", full.BareAttaches, bare, few.BareAttaches));
        stage.Report.Add(Figure.Beside($"bare detach at {many} endpoints", "ms", full.BareDetaches, bare, few.BareDetaches));
        var growth = Samples.Median(full.Attaches) / Samples.Median(few.Attaches);
        var bareGrowth = Samples.Median(full.BareAttaches) / Samples.Median(few.BareAttaches);
        stage.Report.Add(Figure.Beside(
            $"attach growth {Few} to {many}",
            "times",
            [growth ?? double.NaN],
            few.Bare with { Command = "growth of the bare calls on the same bridges" },
            [bareGrowth ?? double.NaN],
            Limit.AtMost(GrowthMax)));
        foreach (var (counter, i) in s_counters.Select(static (c, i) => (c, i)))
        {
            var name = counter["netd_netlink_".Length..^"_total".Length].Replace('_', ' ');
            stage.Report.Add(Figure.Beside(
                $"host netlink {name} per attach and detach at {many}", "count", [full.Counters[i]], itself, [few.Counters[i]], Limit.AtMost(1)));
        }
    }

    private static Costs Measure(Stage stage, SharedPopulation population)
    {
        var daemon = population.Daemon;
        var network = SharedPopulation.NetworkName(0);
        using var ourSandbox = new HostNamespace("scalebox");
        using var bareSandbox = new HostNamespace("scalebare");
        using var ours = new NetdPeer(daemon, network, ourSandbox.Path, TwoPorts.Usual);
        var bridge = daemon.Api.SendJson("GET", $"/v1/networks/{network}", null).GetProperty("device").GetString()!; // a network has a device
        using var bare = BareNetlink.Open(daemon.Host, bridge, bareSandbox, "10.100.200.1/16", "10.100.0.1", TwoPorts.Usual);
        for (var i = 0; i < 100; i++)
        {
            ours.Attach();
            ours.Detach();
            stage.Stop.ThrowIfCancellationRequested();
        }

        bare.Attach();
        bare.Detach();
        Wait.Pause(TimeSpan.FromSeconds(1), stage.Stop);
        var costs = new Costs(bare.Identity);
        for (var round = 0; round < stage.Options.Rounds; round++)
        {
            for (var i = 0; i < PerRound; i++)
            {
                costs.Attaches.Add(Rested(ours.Attach));
                costs.Detaches.Add(Rested(ours.Detach));
                costs.BareAttaches.Add(Rested(bare.Attach));
                costs.BareDetaches.Add(Rested(bare.Detach));
            }
        }

        costs.Counters = Count(daemon, ours, stage.Stop);
        return costs;

        double Rested(Action action)
        {
            var time = Samples.Milliseconds(action);
            Wait.Pause(s_rest, stage.Stop);
            return time;
        }
    }

    // Each pair is counted by itself and the median taken: a background reading may fall into one of them. Endpoints announce
    // their addresses three times in two seconds, thousands of them for longer.
    private static double[] Count(Daemon daemon, NetdPeer ours, CancellationToken stop)
    {
        var counts = s_counters.Select(static _ => new List<double>()).ToArray();
        for (var i = 0; i < 9; i++)
        {
            var before = Settle(daemon, stop);
            ours.Attach();
            ours.Detach();
            Wait.Pause(s_rest, stop);
            for (var c = 0; c < counts.Length; c++)
            {
                counts[c].Add(daemon.Metric(s_counters[c]) - before[c]);
            }
        }

        return [.. counts.Select(static c => Samples.Median(c) ?? double.NaN)];
    }

    private static double[] Settle(Daemon daemon, CancellationToken stop)
    {
        var last = s_counters.Select(daemon.Metric).ToArray();
        Wait.Until(
            () =>
            {
                Wait.Pause(TimeSpan.FromMilliseconds(500), stop);
                var now = s_counters.Select(daemon.Metric).ToArray();
                var isSettled = now.SequenceEqual(last);
                last = now;
                return isSettled;
            },
            TimeSpan.FromMinutes(5),
            "netd has nothing to say to the kernel",
            stop);
        return last;
    }

    private sealed class Costs(PeerIdentity bare)
    {
        public PeerIdentity Bare { get; } = bare;

        public List<double> Attaches { get; } = [];

        public List<double> Detaches { get; } = [];

        public List<double> BareAttaches { get; } = [];

        public List<double> BareDetaches { get; } = [];

        public double[] Counters { get; set; } = [];
    }
}
