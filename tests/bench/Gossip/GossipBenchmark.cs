namespace Networking.Bench;

/// <summary>
/// Fifty nodes in real processes beside fifty of <c>serf</c>, each in a namespace of its own: how fast a change and a death are known
/// everywhere, what it costs when nothing happens, and who is wrongly believed dead when two packets of a hundred are lost.
/// </summary>
internal static class GossipBenchmark
{
    private const int Nodes = 50;
    private const int Changes = 20;
    private const int Deaths = 5;
    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(60);

    public static void Run(Stage stage)
    {
        var patience = TimeSpan.FromSeconds(stage.Options.LossSeconds);
        using var ourField = new GossipField("g", 1, Nodes);
        using var ours = new OurNodes(stage, ourField);
        ours.Start();
        if (!stage.Options.HasPeers || !File.Exists(SerfNodes.Program))
        {
            var alone = Measured(stage, ours, "change-{0}");
            ourField.LoseTwoPercent();
            Wait.Pause(patience, stage.Stop);
            Report(stage, alone, ours.FalseDeaths(), null, 0, patience);
            return;
        }

        // Both run from here to the end, so that each is measured beside the other at rest.
        using var serfField = new GossipField("s", 2, Nodes);
        using var serf = new SerfNodes(stage, serfField);
        serf.Start();
        serf.Follow();
        var our = Measured(stage, ours, "change-{0}");
        var their = Measured(stage, serf, "<change-{0}>");
        ourField.LoseTwoPercent();
        serfField.LoseTwoPercent();
        stage.Report.Note($"bench: {patience.TotalSeconds:0} s at two percent loss");
        Wait.Pause(patience, stage.Stop);
        Report(stage, our, ours.FalseDeaths(), their, serf.FalseDeaths(), patience);
    }

    private static Result Measured(Stage stage, GossipNodes nodes, string what)
    {
        stage.Report.Note("bench: all run and know each other; waiting for rest");
        Wait.Pause(s_settle, stage.Stop);
        var (bytes, cpu) = nodes.Rest(s_rest);
        var memory = nodes.Megabytes();
        var changes = Enumerable.Range(1, Changes).Select(i =>
        {
            Wait.Pause(TimeSpan.FromMilliseconds(500), stage.Stop);
            return nodes.Change(1 + (i * 7 % Nodes), string.Format(System.Globalization.CultureInfo.InvariantCulture, what, i));
        }).ToArray();
        var deaths = Enumerable.Range(0, Deaths).Select(i => nodes.Death(Nodes - i)).ToArray();
        return new Result(bytes, cpu, changes, deaths, memory);
    }

    private static void Report(Stage stage, Result our, int ourFalse, Result? their, int theirFalse, TimeSpan patience)
    {
        Add("change known by 50 nodes", "s", static r => r.Changes);
        Add("death known by all others", "s", static r => r.Deaths);
        Add("sent at rest, a node, with headers", "B/s", static r => [r.Bytes.Average()]);
        Add("processor at rest, a node", "ms/s", static r => [r.Cpu.Average()]);
        stage.Report.Add(Figure.Alone("memory of a node's process", "MB", [our.Megabytes]));
        stage.Report.Add(Figure.Alone($"wrongly believed dead in {patience.TotalSeconds:0} s at 2 % loss", "nodes", [ourFalse], Limit.AtMost(0)));
        if (their is not null)
        {
            stage.Report.Add(Figure.Alone($"the same, serf", "nodes", [theirFalse]));
        }

        void Add(string name, string unit, Func<Result, double[]> read) => stage.Report.Add(their is null
            ? Figure.WithoutPeer(name, unit, read(our), "serf", "not asked for, or not here")
            : Figure.Beside(name, unit, read(our), SerfNodes.Identity, read(their), Limit.AtMost(1)));
    }

    private sealed record Result(double[] Bytes, double[] Cpu, double[] Changes, double[] Deaths, double Megabytes);
}
