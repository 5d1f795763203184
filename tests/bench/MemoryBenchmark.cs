namespace Networking.Bench;

/// <summary>Resident memory: of a daemon that has nothing to do, and of one with thousands of endpoints.</summary>
internal static class MemoryBenchmark
{
    private const double IdleMegabytesMax = 80;
    private const double FullMegabytesMax = 200;
    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(3);

    public static void Run(Stage stage, SharedPopulation population)
    {
        double idle;
        using (var daemon = new Daemon(stage))
        {
            Wait.Pause(s_settle, stage.Stop);
            idle = daemon.ResidentMegabytes;
        }

        stage.Report.Add(Figure.Alone("memory idle", "MB", [idle], Limit.AtMost(IdleMegabytesMax)));
        if (stage.Options.HasPeers)
        {
            stage.Report.Add(BesideDocker(stage, idle));
        }

        population.GrowTo(stage.Options.Endpoints);
        Wait.Pause(s_settle, stage.Stop);
        var full = population.Daemon.ResidentMegabytes;
        stage.Report.Add(Figure.Alone($"memory with {population.Count} endpoints", "MB", [full], Limit.AtMost(FullMegabytesMax)));
        stage.Report.Add(Figure.Alone(
            $"managed heap with {population.Count} endpoints", "MB", [Math.Round(population.Daemon.Metric("dotnet_gc_heap_bytes") / 1e6, 1)]));
    }

    private static Figure BesideDocker(Stage stage, double idle)
    {
        const string Name = "memory idle beside";
        try
        {
            using var engine = new DockerEngine(stage);
            Wait.Pause(s_settle, stage.Stop);
            var identity = engine.Identity with { Command = "dockerd --bridge none, VmRSS of dockerd alone, without its containerd" };
            return Figure.Beside(Name, "MB", [idle], identity, [engine.ResidentMegabytes]);
        }
        catch (Exception e) when (e is CommandException or IOException)
        {
            return Figure.WithoutPeer(Name, "MB", [idle], "Docker Engine", e.Message.ReplaceLineEndings(" "));
        }
    }
}
