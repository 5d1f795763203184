using System.Globalization;

namespace Networking.Bench;

/// <summary>What a resolver costs each sandbox, in memory and descriptors: many sandboxes of a daemon with names, and of one without.</summary>
internal static class ResolverCostBenchmark
{
    private const int Sandboxes = 1_000; // a bridge has 1,023 ports
    private const double KibibytesMax = 40;
    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(3);

    public static void Run(Stage stage)
    {
        var with = Measure(stage);
        var without = Measure(stage, "--dns", "off");
        stage.Report.Add(Figure.Alone(
            $"resolver of a sandbox, memory ({Sandboxes} sandboxes)", "KiB", [Math.Round((with.Megabytes - without.Megabytes) * 1e6 / 1024 / Sandboxes, 1)], Limit.AtMost(KibibytesMax)));
        stage.Report.Add(Figure.Alone($"resolver of a sandbox, descriptors ({Sandboxes} sandboxes)", "", [(with.Descriptors - without.Descriptors) / (double)Sandboxes]));
    }

    private static (double Megabytes, int Descriptors) Measure(Stage stage, params string[] flags)
    {
        using var daemon = new Daemon(stage, program: null, flags);
        daemon.CreateNetwork("bench", "10.88.0.0/16");
        for (var i = 0; i < Sandboxes; i++)
        {
            stage.Stop.ThrowIfCancellationRequested();
            var name = string.Create(CultureInfo.InvariantCulture, $"box{i}");
            _ = daemon.Api.Send("POST", "/v1/sandboxes", $$"""{"name":"{{name}}"}""");
            _ = daemon.Connect("bench", name);
        }

        Wait.Pause(s_settle, stage.Stop);
        return (daemon.ResidentMegabytes, Directory.EnumerateFileSystemEntries($"/proc/{daemon.ProcessId}/fd").Count());
    }
}
