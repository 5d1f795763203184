namespace Networking.Bench;

/// <summary>
/// One endpoint with two published ports, attached and detached, apart; ours and each peer in turn in every round, so that what else the machine
/// does befalls all of them. Between samples the machine rests: devices that were let go die first.
/// </summary>
internal static class AttachBenchmark
{
    private const int FastPerRound = 10;
    private const int InARow = 10;
    private const double BareRatioMax = 2;
    private const double PeerRatioMax = 0.1;
    private const double DetachMillisecondsMax = 3;
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(60);

    public static void Run(Stage stage)
    {
        using var daemon = new Daemon(stage);
        using var ourSandbox = new HostNamespace("oursbox");
        daemon.CreateNetwork("bench", "10.80.0.0/16");
        using var ours = new NetdPeer(daemon, "bench", ourSandbox.Path, TwoPorts.Usual);
        using var bareHost = new HostNamespace("bare");
        using var bareSandbox = new HostNamespace("barebox");
        MakeBridge(bareHost, "br-bare", "10.83.0.1/16");
        using var bare = BareNetlink.Open(bareHost, "br-bare", bareSandbox, "10.83.0.2/16", "10.83.0.1", TwoPorts.Usual);
        var skipped = new List<(string Name, string Reason)>();
        var peers = OpenPeers(stage, skipped);
        try
        {
            var all = new List<Contest> { new(ours, FastPerRound), new(bare, FastPerRound) };
            all.AddRange(peers.Select(static p => new Contest(p, p is OtherNetd ? FastPerRound : 1)));
            WarmUp(stage, all);
            for (var round = 0; round < stage.Options.Rounds; round++)
            {
                all.ForEach(c => c.Sample(s_rest, stage.Stop));
            }

            Tell(stage, all, skipped);
            TellRow(stage, daemon, bareHost);
            TellChurn(stage, ours, bare);
        }
        finally
        {
            peers.ForEach(static p => p.Dispose());
        }
    }

    /// <summary>A bridge with an address, up, as a hand-written program would make it.</summary>
    public static void MakeBridge(HostNamespace host, string name, string address)
    {
        _ = host.Ip("link", "add", name, "type", "bridge");
        _ = host.Ip("addr", "add", address, "dev", name);
        _ = host.Ip("link", "set", name, "up");
    }

    private static List<IAttachPeer> OpenPeers(Stage stage, List<(string Name, string Reason)> skipped)
    {
        var peers = new List<IAttachPeer>();
        if (stage.Options.Against is { } program)
        {
            Open("another netd", () => new OtherNetd(stage, "another", program));
        }

        Open("netd without names", () => new OtherNetd(stage, "nameless", null, "--dns", "off"));

        if (!stage.Options.HasPeers)
        {
            return peers;
        }

        Open("CNI plugins", () => new CniPlugins(stage));
        Open("Docker Engine", () =>
        {
            var engine = new DockerEngine(stage);
            try
            {
                engine.StartContainer(stage);
                return engine;
            }
            catch
            {
                engine.Dispose();
                throw;
            }
        });
        Open("netavark", () => new Netavark(stage));
        return peers;

        // A peer counts only if it has done the whole job once.
        void Open(string name, Func<IAttachPeer> make)
        {
            IAttachPeer? peer = null;
            try
            {
                peer = make();
                peer.Attach();
                peer.Detach();
                peers.Add(peer);
            }
            catch (Exception e) when (e is CommandException or IOException)
            {
                peer?.Dispose();
                skipped.Add((name, e.Message.ReplaceLineEndings(" ")));
                stage.Report.Note($"bench: {name} is skipped: {e.Message}");
            }
        }
    }

    private static void WarmUp(Stage stage, List<Contest> all)
    {
        foreach (var contest in all.Where(static c => c.PerRound > 1))
        {
            for (var i = 0; i < 150; i++)
            {
                contest.Peer.Attach();
                contest.Peer.Detach();
                stage.Stop.ThrowIfCancellationRequested();
            }
        }
    }

    private static void Tell(Stage stage, List<Contest> all, List<(string Name, string Reason)> skipped)
    {
        var (ours, bare) = (all[0], all[1]);
        stage.Report.Add(Figure.Beside("attach", "ms", ours.Attaches, bare.Peer.Identity, bare.Attaches, Limit.AtMost(BareRatioMax)));
        foreach (var peer in all.Skip(2))
        {
            stage.Report.Add(Figure.Beside("attach", "ms", ours.Attaches, peer.Peer.Identity, peer.Attaches, peer.Peer is OtherNetd ? null : Limit.AtMost(PeerRatioMax)));
        }

        skipped.ForEach(s => stage.Report.Add(Figure.WithoutPeer("attach", "ms", ours.Attaches, s.Name, s.Reason)));
        stage.Report.Add(Figure.Alone("detach returns", "ms", ours.Detaches, Limit.AtMost(DetachMillisecondsMax)));
        foreach (var peer in all.Skip(1))
        {
            stage.Report.Add(Figure.Beside("detach", "ms", ours.Detaches, peer.Peer.Identity, peer.Detaches));
        }

        skipped.ForEach(s => stage.Report.Add(Figure.WithoutPeer("detach", "ms", ours.Detaches, s.Name, s.Reason)));
    }

    // A runtime that starts containers one after the other: nothing dies between them, and processor caches stay warm. The
    // same for both sides, each endpoint in a namespace of its own.
    private static void TellRow(Stage stage, Daemon daemon, HostNamespace bareHost)
    {
        var sandboxes = Enumerable.Range(0, 2 * InARow).Select(static i => new HostNamespace($"row{i}")).ToList();
        try
        {
            var ours = sandboxes.Take(InARow).Select((s, i) => new Contest(new NetdPeer(daemon, "bench", s.Path, TwoPorts.Numbered(i)), 1)).ToList();
            var bare = sandboxes.Skip(InARow).Select((s, i) => new Contest(
                BareNetlink.Open(bareHost, "br-bare", s, $"10.83.1.{i + 1}/16", "10.83.0.1", TwoPorts.Numbered(i), $"row{i}"), 1)).ToList();
            for (var round = 0; round < stage.Options.Rounds; round++)
            {
                SampleRow(ours, stage.Stop);
                SampleRow(bare, stage.Stop);
            }

            var identity = bare[0].Peer.Identity;
            stage.Report.Add(Figure.Beside(
                "attach, ten in a row", "ms", ours.SelectMany(static c => c.Attaches), identity, bare.SelectMany(static c => c.Attaches), Limit.AtMost(BareRatioMax)));
            stage.Report.Add(Figure.Alone("detach returns, ten in a row", "ms", ours.SelectMany(static c => c.Detaches), Limit.AtMost(DetachMillisecondsMax)));
            bare.ForEach(static c => c.Peer.Dispose());
        }
        finally
        {
            sandboxes.ForEach(static s => s.Dispose());
        }
    }

    private static void SampleRow(List<Contest> row, CancellationToken stop)
    {
        row.ForEach(static c => c.SampleAttach());
        Wait.Pause(s_rest, stop);
        row.ForEach(static c => c.SampleDetach());
        Wait.Pause(s_rest + s_rest, stop);
    }

    // Without rest: the next attach meets the death of the last one's device, and each detach that of those before.
    private static void TellChurn(Stage stage, NetdPeer ours, BareNetlink bare)
    {
        var (mine, theirs) = (new Contest(ours, FastPerRound), new Contest(bare, FastPerRound));
        for (var round = 0; round < stage.Options.Rounds; round++)
        {
            mine.Sample(TimeSpan.Zero, stage.Stop);
            theirs.Sample(TimeSpan.Zero, stage.Stop);
        }

        stage.Report.Add(Figure.Beside(
            "attach and detach without rest", "ms", mine.Attaches.Zip(mine.Detaches, static (a, d) => a + d), bare.Identity, theirs.Attaches.Zip(theirs.Detaches, static (a, d) => a + d)));
    }

    /// <summary>One who takes part, and its samples.</summary>
    private sealed class Contest(IAttachPeer peer, int perRound)
    {
        public IAttachPeer Peer { get; } = peer;

        public int PerRound { get; } = perRound;

        public List<double> Attaches { get; } = [];

        public List<double> Detaches { get; } = [];

        public void Sample(TimeSpan rest, CancellationToken stop)
        {
            for (var i = 0; i < PerRound; i++)
            {
                SampleAttach();
                Wait.Pause(rest, stop);
                SampleDetach();
                Wait.Pause(rest, stop);
            }
        }

        public void SampleAttach() => Attaches.Add(Samples.Milliseconds(Peer.Attach));

        public void SampleDetach() => Detaches.Add(Samples.Milliseconds(Peer.Detach));
    }
}
