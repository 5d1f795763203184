using System.Collections.Immutable;
using Networking.Model;
using Networking.TestSupport;

namespace Networking.Kernel.Tests.Histories;

/// <summary>The one fault of a run.</summary>
public abstract record Fault
{
    public sealed record Nothing : Fault;

    public sealed record Operation(int Number, FaultKind Kind) : Fault;

    public sealed record Dump(int Number) : Fault;

    /// <summary>At every step the daemon starts anew and cannot read the namespace before some time has gone by.</summary>
    public sealed record Unreadable(NetNs Namespace) : Fault;

    public sealed record LostEvent(int Number, bool IsSilent) : Fault;

    public sealed record Struck(int Point, FailureMode Mode) : Fault;
}

/// <summary>What a run has counted, and everything that was not as it should be.</summary>
public sealed record RunResult(ImmutableArray<string> Violations)
{
    public int Operations { get; init; }

    public int Dumps { get; init; }

    public int Events { get; init; }

    public ImmutableArray<FailurePoint> Points { get; init; } = [];
}

/// <summary>Plays a history with one fault.</summary>
public static class HistoryRun
{
    public static async Task<RunResult> PlayAsync(History history, Fault fault, Func<IKernel, IKernel>? decorate = null)
    {
        ArgumentNullException.ThrowIfNull(history);
        var points = new FailurePoints();
        var isRestarted = false;
        await using var world = new World(k =>
        {
            var decorated = decorate?.Invoke(k) ?? k; // a bug is in every daemon
            return isRestarted ? decorated : points.Around(decorated);
        });
        Plan(fault, world, points);
        var violations = ImmutableArray.CreateBuilder<string>();
        for (var i = 0; i < history.Steps.Length; i++)
        {
            var step = history.Steps[i];
            try
            {
                if (fault is Fault.Unreadable unreadable)
                {
                    violations.AddRange((await StartBlindAsync(world, step, unreadable.Namespace, history.IsSquashed))
                        .Select(v => $"{history.Name}, {fault}, at '{step.Name}': {v}"));
                }
                else
                {
                    await TakeAsync(world, step, history.IsSquashed);
                }

                if (!history.IsSquashed || i == history.Steps.Length - 1)
                {
                    violations.AddRange((await CheckAsync(world, fault)).Select(v => $"{history.Name}, {fault}, at '{step.Name}': {v}"));
                }
            }
            catch (CrashedException)
            {
                isRestarted = true;
                await world.RestartAsync();
                i--; // what was asked at this moment is what the next daemon finds
            }
            catch (Exception e) when (e is InvariantException or TimeoutException or KeyNotFoundException or NullReferenceException)
            {
                violations.Add($"{history.Name}, {fault}, at '{step.Name}': {e}");
            }

            if (violations.Count > 0)
            {
                break;
            }
        }

        if (fault is Fault.Nothing && !history.HasStranger)
        {
            violations.AddRange(world.Kernel.Refusals.Select(r => $"{history.Name}: refused though nobody disturbed: {r}"));
        }

        return new RunResult(violations.ToImmutable())
        {
            Operations = world.Kernel.Operations,
            Dumps = world.Kernel.Dumps,
            Events = world.Kernel.EventsSent,
            Points = points.Points,
        };
    }

    /// <summary>The history under every single fault that can strike it.</summary>
    public static async Task<(int Runs, ImmutableArray<string> Violations)> PlayWithEveryFaultAsync(History history)
    {
        var plain = await PlayAsync(history, new Fault.Nothing());
        var violations = plain.Violations.ToBuilder();
        var runs = 1;
        foreach (var fault in FaultsOf(plain))
        {
            violations.AddRange((await PlayAsync(history, fault)).Violations);
            runs++;
            if (violations.Count > 20)
            {
                break;
            }
        }

        return (runs, violations.ToImmutable());
    }

    private static IEnumerable<Fault> FaultsOf(RunResult plain) =>
    [
        .. Enum.GetValues<FaultKind>().SelectMany(k => Enumerable.Range(1, plain.Operations).Select(n => new Fault.Operation(n, k))),
        .. Enumerable.Range(1, plain.Dumps).Select(static n => new Fault.Dump(n)),
        .. ((NetNs[])[NetNs.Host, new NetNs(5), new NetNs(6)]).Select(static n => new Fault.Unreadable(n)),
        .. Enumerable.Range(1, plain.Events).Select(static n => new Fault.LostEvent(n, IsSilent: false)),
        .. Enumerable.Range(1, plain.Events).Select(static n => new Fault.LostEvent(n, IsSilent: true)),
        .. Enumerable.Range(1, plain.Points.Length).Select(static n => new Fault.Struck(n, FailureMode.Throw)),
        .. Enumerable.Range(1, plain.Points.Length).Select(static n => new Fault.Struck(n, FailureMode.Crash)),
    ];

    private static void Plan(Fault fault, World world, FailurePoints points)
    {
        switch (fault)
        {
            case Fault.Operation operation:
                world.Kernel.Faults.StrikeOperation(operation.Number, operation.Kind);
                break;
            case Fault.Dump dump:
                world.Kernel.Faults.FailDump(dump.Number);
                break;
            case Fault.LostEvent lost:
                world.Kernel.Faults.LoseEvent(lost.Number, lost.IsSilent);
                break;
            case Fault.Struck struck:
                points.FailAt(struck.Point, struck.Mode);
                world.WatchFor(points.Crashed);
                break;
        }
    }

    private static async Task TakeAsync(World world, Step step, bool isSquashed)
    {
        step.Stranger?.Invoke(world.Kernel);
        await world.SetAsync(step.Intent);
        if (!isSquashed)
        {
            await ConvergeAsync(world);
        }

        await world.PassAsync(step.Passes);
    }

    // What was asked before the start and what is asked after it wait alike until the namespace has been read.
    private static async Task<ImmutableArray<string>> StartBlindAsync(World world, Step step, NetNs ns, bool isSquashed)
    {
        var sent = world.Kernel.BatchLog.Length;
        var isExpected = ns.IsHost || world.Intent.Scopes.Any(s => s.Desired.Keys.Any(k => k.Namespace == ns));
        step.Stranger?.Invoke(world.Kernel);
        world.Kernel.Faults.FailDumpsOf(ns);
        await world.RestartAsync(isForgetting: isSquashed);
        foreach (var intent in (Intent[])[world.Intent, step.Intent])
        {
            await world.SetAsync(intent, observeFirst: !world.HasIntent);
            await world.SettleAsync();
            await world.PassAsync(TimeSpan.FromSeconds(3));
        }

        var blind = world.Kernel.BatchLog.Skip(sent).Where(b => isExpected && b.Namespace == ns).ToImmutableArray();
        world.Kernel.Faults.Clear();
        if (!isSquashed)
        {
            await ConvergeAsync(world);
        }

        await world.PassAsync(step.Passes);
        return [.. blind.SelectMany(static b => b.Operations).Select(static o => $"a blind step: {o}")];
    }

    private static async Task<ImmutableArray<string>> CheckAsync(World world, Fault fault)
    {
        await ConvergeAsync(world);
        if (fault is Fault.LostEvent { IsSilent: true })
        {
            await world.PassAsync(world.Options.FullCheckEvery); // nothing but the slow check can find it
            await ConvergeAsync(world);
        }

        try
        {
            return await world.ViolationsAsync();
        }
        catch (KernelException) when (fault is Fault.Dump or Fault.Struck)
        {
            await ConvergeAsync(world); // the fault struck the check itself; what could be read is being looked at
            return await world.ViolationsAsync();
        }
    }

    private static async Task ConvergeAsync(World world)
    {
        if (!await world.ConvergeAsync())
        {
            throw new TimeoutException($"does not come to rest in nine minutes of its own time\n{world.Describe()}");
        }
    }
}
