using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Networking.Netlab.Control;
using Networking.Netlab.Hosts;
using Networking.Netlab.Providers;
using Networking.Netlab.Results;
using Networking.Netlab.Running;
using Networking.Netlab.Scenarios;

namespace Networking.Netlab;

/// <summary>The part of netlab that runs in the lab's own place; netlab-vagrant/netlab makes that place and calls it.</summary>
internal static class Program
{
    private const int ExitFailed = 1;
    private const int ExitUsage = 2;

    private static int Main(string[] args)
    {
        var provider = new Option<string>("--provider") { DefaultValueFactory = static _ => "netns" };
        var hosts = new Option<int>("--hosts") { DefaultValueFactory = static _ => 2 };
        var repository = new Option<string>("--repository") { DefaultValueFactory = static _ => Environment.CurrentDirectory };
        var place = new Option<string>("--place") { DefaultValueFactory = static _ => "/tmp/netlab" };
        var plant = new Option<string?>("--plant");
        var keep = new Option<bool>("--keep");
        var control = new Option<string?>("--control");
        var ready = new Option<string?>("--ready");
        var words = new Argument<string[]>("words") { Arity = ArgumentArity.ZeroOrMore };

        var list = new Command("list", "Scenarios and what they need.");
        list.SetAction(static _ => List());
        var run = new Command("run", "Makes hosts, runs scenarios.") { provider, hosts, repository, place, plant, keep, words };
        run.SetAction((parsed, cancellation) => GuardAsync(() => RunAsync(
            Make(parsed.GetValue(provider)!, new LabPaths(parsed.GetValue(repository)!, parsed.GetValue(place)!)), // both have defaults
            new LabPaths(parsed.GetValue(repository)!, parsed.GetValue(place)!),
            parsed.GetValue(hosts), parsed.GetValue(plant), parsed.GetValue(keep), parsed.GetValue(words) ?? [], cancellation)));
        var kept = new Command("keep", "Makes hosts and keeps them.") { provider, hosts, repository, place, plant, control, ready };
        kept.SetAction((parsed, cancellation) => GuardAsync(() => KeepAsync(
            Make(parsed.GetValue(provider)!, new LabPaths(parsed.GetValue(repository)!, parsed.GetValue(place)!)),
            parsed.GetValue(hosts), parsed.GetValue(plant), parsed.GetValue(control)!, parsed.GetValue(ready)!, cancellation))); // netlab gives both
        var status = new Command("status", "The hosts that are kept.") { control };
        status.SetAction((parsed, cancellation) => LabControl.AskAsync(parsed.GetValue(control)!, "status", string.Empty, Console.Out, cancellation));
        var exec = new Command("exec", "Runs a command on a host that is kept.") { control, words };
        exec.SetAction((parsed, cancellation) => ExecAsync(parsed.GetValue(control)!, parsed.GetValue(words) ?? [], cancellation));
        return new RootCommand("netlab") { list, run, kept, status, exec }.Parse(args).Invoke(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(20) });
    }

    private static LabProvider Make(string name, LabPaths paths) => name switch
    {
        "netns" => new NetnsProvider(paths),
        "qemu" => new QemuProvider(paths),
        "vagrant" => new VagrantProvider(paths),
        _ => throw new ArgumentException($"there is no provider {name}", nameof(name)),
    };

    private static int List()
    {
        foreach (var scenario in Catalog.All)
        {
            Console.WriteLine($"{scenario.Id,-26} {scenario.Summary}{(scenario.Needs.IsEmpty ? string.Empty : $" (needs {string.Join(", ", scenario.Needs)})")}");
        }

        return 0;
    }

    private static async Task<int> GuardAsync(Func<Task<int>> act)
    {
        try
        {
            return await act();
        }
        catch (ArgumentException e)
        {
            await Console.Error.WriteLineAsync($"netlab: {e.Message}");
            return ExitUsage;
        }
        catch (Exception e) when (e is LabException or CheckFailedException)
        {
            await Console.Error.WriteLineAsync($"netlab: {e.Message}");
            return ExitFailed;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("netlab: stopped");
            return ExitFailed;
        }
    }

    private static async Task<int> RunAsync(
        LabProvider provider, LabPaths paths, int count, string? plant, bool keepsAll, string[] names, CancellationToken cancellationToken)
    {
        var scenarios = Catalog.Choose(names);
        var folder = Path.Combine(paths.Results, provider.Name);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        _ = Directory.CreateDirectory(folder);
        await using (provider)
        {
            await BringUpAsync(provider, count, plant, cancellationToken);
            var results = await new LabRun(provider, scenarios, new Evidence(folder), Console.Out, keepsAll)
                .RunAsync(r => Write(folder, r), cancellationToken);
            await Console.Out.WriteAsync($"\n{Report.Table(results)}");
            return results.Any(static r => r.Outcome == Outcome.Failed) ? ExitFailed : 0;
        }
    }

    private static async Task<int> KeepAsync(
        LabProvider provider, int count, string? plant, string control, string ready, CancellationToken cancellationToken)
    {
        await using (provider)
        {
            await BringUpAsync(provider, count, plant, cancellationToken);
            var serving = LabControl.ServeAsync(control, provider, cancellationToken);
            await File.WriteAllTextAsync(ready, string.Empty, cancellationToken);
            await serving;
            return 0;
        }
    }

    private static async Task<int> ExecAsync(string control, string[] words, CancellationToken cancellationToken)
    {
        if (words.Length < 2)
        {
            await Console.Error.WriteLineAsync("netlab: exec HOST COMMAND...");
            return ExitUsage;
        }

        if (words is [var host, "wire", ("cut" or "mend") and var what])
        {
            return await LabControl.AskAsync(control, what, host, Console.Out, cancellationToken);
        }

        var script = new StringBuilder();
        foreach (var word in words[1..])
        {
            _ = script.Append('\'').Append(word.Replace("'", "'\\''", StringComparison.Ordinal)).Append("' ");
        }

        return await LabControl.AskAsync(control, words[0], script.ToString(), Console.Out, cancellationToken);
    }

    private static async Task BringUpAsync(LabProvider provider, int count, string? plant, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        await Console.Out.WriteLineAsync($"starting {count} hosts ({provider.Name})");
        await provider.StartAsync(count, Console.Out, cancellationToken);
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"started after {clock.Elapsed.TotalSeconds:0.0} s; installing netd from its packages{(plant is null ? string.Empty : $", with the fault {plant}")}"));
        await Installation.RunAsync(provider.Hosts, plant, cancellationToken);
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"netd runs on every host after {clock.Elapsed.TotalSeconds:0.0} s"));
    }

    private static void Write(string folder, ImmutableArray<ScenarioResult> results)
    {
        File.WriteAllBytes(Path.Combine(folder, "results.json"), Report.Json(results));
        Report.JUnit(results).Save(Path.Combine(folder, "junit.xml"));
        File.WriteAllText(Path.Combine(folder, "index.html"), Report.Html(results));
    }
}
