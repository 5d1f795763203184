using System.CommandLine;
using System.Runtime.InteropServices;
using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Configuration;
using Networking.Netd.Diagnosis;
using Networking.Netd.Metrics;
using Networking.Netd.Purge;
using Networking.Netd.Watch;
using Networking.Netlink;
using Networking.Store;

namespace Networking.Netd;

/// <summary>Reads flags and file, composes the daemon by hand, and turns signals into a clean stop.</summary>
internal static partial class Program
{
    private const int ExitFailed = 1;
    private const int ExitUsage = 2;
    private const string TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";

    private static int Main(string[] args)
    {
        // Requests begin in the thread that reads the socket (read by the runtime before its first socket).
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
        var config = new Option<string?>("--config") { Description = "Configuration file (default /etc/netd/netd.json, if it is there)." };
        var flags = Setting.All.ToDictionary(static s => s, static s => s.IsList
            ? (Option)new Option<string[]>(s.Flag) { Description = s.Description }
            : new Option<string?>(s.Flag) { Description = s.Description });
        var purge = new Option<bool>("--purge") { Description = "Take everything that a stopped netd left out of the kernel, and its state from the disk; then end. Says what." };
        var keepState = new Option<bool>("--keep-state") { Description = "With --purge: leave the state on disk, so that the next start makes the networks again." };
        var dryRun = new Option<bool>("--dry-run") { Description = "With --purge: only say what would be taken away." };
        var root = new RootCommand("netd: network daemon for Linux containers. Stopping it leaves networks and endpoints as they are.") { config, purge, keepState, dryRun };
        foreach (var flag in flags.Values)
        {
            root.Add(flag);
        }

        root.SetAction(async (parsed, cancellationToken) =>
        {
            var problems = new List<string>();
            var options = Read(parsed.GetValue(config), problems);
            foreach (var (setting, flag) in flags)
            {
                var values = Values(parsed, flag);
                options = values.Length > 0 && setting.Clear is { } clear ? clear(options) : options; // a flag wins over the file
                foreach (var value in values)
                {
                    if (setting.Apply(ref options, value) is { } problem)
                    {
                        problems.Add($"{setting.Flag}: {problem}");
                    }
                }
            }

            if (!parsed.GetValue(purge) && (parsed.GetValue(keepState) || parsed.GetValue(dryRun)))
            {
                problems.Add("--keep-state and --dry-run go with --purge");
            }

            problems.AddRange(RunDirectory.Problems(options.RunDirectory));
            if (problems.Count > 0)
            {
                problems.ForEach(static p => Console.Error.WriteLine($"netd: {p}"));
                return ExitUsage;
            }

            return await RunAsync(options, parsed.GetValue(purge) ? new PurgeOptions(parsed.GetValue(keepState), parsed.GetValue(dryRun)) : null);
        });
        var result = root.Parse(args);

        // Signals are ours: the library would end the process after two seconds, in the middle of a stop.
        return result.Errors.Count > 0 ? Usage(result) : result.Invoke(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }

    private static string[] Values(ParseResult parsed, Option flag) => flag switch
    {
        Option<string[]> several => parsed.GetValue(several) ?? [],
        Option<string?> one when parsed.GetValue(one) is { } value => [value],
        _ => [],
    };

    private static int Usage(ParseResult result)
    {
        foreach (var error in result.Errors)
        {
            Console.Error.WriteLine($"netd: {error.Message}");
        }

        Console.Error.WriteLine("netd --help lists the flags");
        return ExitUsage;
    }

    private static DaemonOptions Read(string? file, List<string> problems)
    {
        var path = file ?? "/etc/netd/netd.json";
        if (file is null && !File.Exists(path))
        {
            return new DaemonOptions();
        }

        try
        {
            return ConfigurationFile.Read(path, File.ReadAllBytes(path), new DaemonOptions(), problems);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add($"{path}: {e.Message}");
            return new DaemonOptions();
        }
    }

    private static async Task<int> RunAsync(DaemonOptions options, PurgeOptions? purge)
    {
        void Logging(ILoggingBuilder builder) => ConfigureLogging(builder, options);
        using var factory = LoggerFactory.Create(Logging);
        var logger = factory.CreateLogger("netd");
        using var stop = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop); // a terminal is closed
        try
        {
            if (purge is not null && !Purging.HasState(options))
            {
                Console.WriteLine($"nothing to take away: there is no state in {options.StateDirectory}");
                return 0;
            }

            _ = Directory.CreateDirectory(options.RunDirectory);
            var kill = KillPoints.FromEnvironment();
            await using var sqlite = SqliteIntentStore.Open(options.StateDirectory);
            using var place = RunDirectory.Claim(options.RunDirectory);
            await using var alone = await NamespaceClaim.TakeAsync(message => Log.NotAlone(logger, message)); // before the kernel is touched
            await using var world = NetlinkWorld.Open(Path.Combine(options.RunDirectory, "netns"), Environment.GetEnvironmentVariable, kill is null ? null : kill.Pass);
            IIntentStore store = kill is null ? sqlite : new KillPointStore(sqlite, kill);
            store = purge is { KeepsState: true } ? new ForgetfulStore(store) : store;
            IKernel kernel = kill is null ? world.Kernel : new KillPointKernel(world.Kernel, kill);
            INamespaces namespaces = kill is null ? world.Namespaces : new KillPointNamespaces(world.Namespaces, kill);
            Plant(ref kernel);
            using var systemd = new SystemdNotifier(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"), Environment.GetEnvironmentVariable("WATCHDOG_USEC"), logger);
            var ports = new DaemonPorts(kernel, namespaces, world.Host, world.Ports, world.Features, store, world.Listeners, () => world.Counters().Concat(StoreMetrics.Of(sqlite.Counters)))
            {
                Socket = InheritedSocket.Read(Environment.GetEnvironmentVariable("LISTEN_PID"), Environment.GetEnvironmentVariable("LISTEN_FDS"), Environment.GetEnvironmentVariable("LISTEN_FDNAMES"), Environment.ProcessId),
            };
            await using var daemon = new Daemon(options, ports, TimeProvider.System, logger, Logging, systemd);
            if (purge is not null)
            {
                return await Purging.RunAsync(daemon, sqlite, options, purge, stop.Token);
            }

            await daemon.RunAsync(stop.Token);
            return 0;
        }
        catch (Exception e) when (e is StoreException or KernelException or IOException or UnauthorizedAccessException or TimeoutException)
        {
            await Console.Error.WriteLineAsync($"netd: {e.Message}");
            return ExitFailed;
        }
        catch (Exception e)
        {
            Log.Broken(logger, e.Message, e);
            return ExitFailed;
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    // Empty here and left out by the compiler; a build for tests (tests/planted) puts a fault between us and the kernel.
    static partial void Plant(ref IKernel kernel);

    private static void ConfigureLogging(ILoggingBuilder builder, DaemonOptions options)
    {
        _ = builder.SetMinimumLevel(options.LogLevel).AddFilter("Microsoft", LogLevel.Warning);
        _ = options.LogFormat switch
        {
            LogFormat.Json => builder.AddJsonConsole(static o =>
            {
                o.TimestampFormat = TimestampFormat;
                o.UseUtcTimestamp = true;
            }),
            LogFormat.Systemd => builder.AddSystemdConsole(),
            _ => builder.AddSimpleConsole(static o =>
            {
                o.SingleLine = true;
                o.TimestampFormat = TimestampFormat + " ";
                o.UseUtcTimestamp = true;
            }),
        };
    }
}
