using System.Runtime.InteropServices;

namespace Networking.Bench;

/// <summary>
/// Reads what was asked, prepares the machine, starts itself again inside namespaces that end with it, and measures there.
/// </summary>
internal static class Program
{
    private const int ExitFailed = 1;
    private const int ExitUsage = 2;
    private const int ExitStopped = 130;

    private static int Main(string[] arguments)
    {
        if (BenchOptions.Read(arguments, out var problem) is not { } options)
        {
            Console.Error.WriteLine($"bench: {problem}");
            Console.Error.WriteLine(BenchOptions.Usage);
            return ExitUsage;
        }

        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        try
        {
            var root = Repository.Root();
            return Isolation.Place is { } place
                ? Measure(new Stage(root, place, options, new Report(options.IsJson, Console.Out, Console.Error), stop.Token))
                : Isolation.Run(root, arguments, options, stop.Token);
        }
        catch (OperationCanceledException)
        {
            return ExitStopped;
        }
        catch (Exception e) when (e is CommandException or IOException)
        {
            Console.Error.WriteLine($"bench: {e.Message}");
            return ExitFailed;
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    private static int Measure(Stage stage)
    {
        using var population = new SharedPopulation(stage);
        try
        {
            foreach (var name in stage.Options.Names)
            {
                stage.Report.Note($"bench: {name}");
                switch (name)
                {
                    case "attach":
                        AttachBenchmark.Run(stage);
                        break;
                    case "scale":
                        ScaleBenchmark.Run(stage, population);
                        break;
                    case "bridge":
                        BridgeBenchmark.Run(stage);
                        MacvlanBenchmark.Run(stage);
                        break;
                    case "dns":
                        DnsBenchmark.Run(stage);
                        DeadServerBenchmark.Run(stage);
                        ResolverCostBenchmark.Run(stage);
                        break;
                    case "gossip":
                        GossipBenchmark.Run(stage);
                        break;
                    case "publish":
                        PublishBenchmark.Run(stage);
                        break;
                    case "ipam":
                        IpamBenchmark.Run(stage);
                        break;
                    case "memory":
                        MemoryBenchmark.Run(stage, population);
                        break;
                }
            }
        }
        finally
        {
            stage.Report.Finish(); // also what was measured before something failed
        }

        return 0;
    }
}
