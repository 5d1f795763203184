using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Networking.Daemon.Tests.Staging;

namespace Networking.Durability.Tests;

/// <summary>
/// Sudden death at every point that the daemon enumerates: before and after each kernel operation, each commit, each
/// making and removal of a namespace, and around each program that changes iptables where that is the host's firewall.
/// Afterwards a new daemon must find or finish everything, by foreign witnesses.
/// </summary>
public sealed partial class KillTests(ITestOutputHelper output)
{
    private const int Workers = 2;
    private const int Stride = 5;
    private static readonly Moment[] s_moments = Enum.GetValues<Moment>();
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Kill_at_every_point_leaves_what_was_answered_and_nothing_else()
    {
        var clock = Stopwatch.StartNew();
        var course = await EnumerateAsync();
        var points = course.Points;
        Assert.NotEmpty(points);
        var chosen = Choose(course);
        var results = new ConcurrentDictionary<int, string?>();
        var queue = new ConcurrentQueue<int>(chosen);
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(() => WorkAsync(course, queue, results))));

        var unreached = results.Count(static r => r.Value == string.Empty);
        var failed = results.Where(static r => r.Value is { Length: > 0 }).OrderBy(static r => r.Key).ToArray();
        var sentence = string.Create(
            CultureInfo.InvariantCulture,
            $"{points.Count} kill points enumerated, died at {results.Count - unreached} of {chosen.Count} chosen{(chosen.Count < points.Count ? $" ({(HostBackend.IsIptables ? "every 2nd distinct moment of a program" : $"every {Stride}th and each distinct one")}; all with NETD_TEST_LONG=1, single ones with NETD_KILL_POINTS=1,2)" : string.Empty)}, {unreached} not reached, {failed.Length} failed, {clock.Elapsed.TotalSeconds:0} s");
        output.WriteLine(sentence);
        TestContext.Current.AddWarning(sentence);
        Assert.True(failed.Length == 0, string.Join("\n\n", failed.Select(static f => $"point {f.Key}: {f.Value}").Prepend(sentence)));
    }

    [GeneratedRegex("^kill point (?<number>[0-9]+): (?<where>.*)$")]
    private static partial Regex PointLine();

    [GeneratedRegex("[0-9a-f]{10,12}|([0-9a-f]{2}:){5}[0-9a-f]{2}|netns:[0-9]+|/tmp/[^ ]*|netd-d-[0-9a-f]*|[0-9]+")]
    private static partial Regex Accidental();

    private static async Task<Course> EnumerateAsync()
    {
        await using var stage = Stage.Create();
        var scenario = new Scenario(stage.AddNamespace("foreign"));
        await stage.StartAsync(killAt: 0);
        var rules = HostBackend.IsIptables ? new IptablesReference() : null;
        rules?.Keep(stage, [], [], KernelSnapshot.Read(stage.NamespacePaths, static p => p));
        var answered = await scenario.RunAsync(stage.Api, () => rules?.KeepAsync(stage, WaitForAsync) ?? Task.CompletedTask);
        Assert.True(answered == scenario.Steps.Count, $"request {answered} was not answered: {stage.Daemon!.LastWords}");
        await Task.Delay(500); // what the daemon still does behind the last answer
        string[] own = [.. stage.Daemon!.Lines.Select(static l => PointLine().Match(l)).Where(static m => m.Success).Select(static m => m.Groups["where"].Value)];
        return new Course([.. own, .. (stage.Iptables?.Runs ?? []).SelectMany(static r => s_moments.Select(m => $"{m} {r}"))], own.Length, rules);
    }

    // Points are numbered from 1. Of points that differ only in names and numbers, the first stands for the others.
    private static List<int> Choose(Course course)
    {
        var points = course.Points;
        if (Environment.GetEnvironmentVariable("NETD_KILL_POINTS") is { Length: > 0 } asked)
        {
            return [.. asked.Split(',').Select(static n => int.Parse(n, CultureInfo.InvariantCulture))];
        }

        if (Environment.GetEnvironmentVariable("NETD_TEST_LONG") == "1")
        {
            return [.. Enumerable.Range(1, points.Count)];
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        var distinct = Enumerable.Range(1, points.Count).Where(n => seen.Add(Accidental().Replace(points[n - 1], "#"))).ToHashSet();
        return HostBackend.IsIptables
            ? [.. distinct.Where(n => n > course.Own).Order().Where(static (_, i) => i % 2 == 0)] // all others are died at with nf_tables
            : [.. Enumerable.Range(1, points.Count).Where(n => n % Stride == 0 || distinct.Contains(n))];
    }

    private static async Task WorkAsync(Course course, ConcurrentQueue<int> queue, ConcurrentDictionary<int, string?> results)
    {
        while (!queue.IsEmpty)
        {
            await WorkOnOneHostAsync(course, queue, results);
        }
    }

    // One host serves point after point, as long as each leaves it as it was.
    private static async Task WorkOnOneHostAsync(Course course, ConcurrentQueue<int> queue, ConcurrentDictionary<int, string?> results)
    {
        await using var stage = Stage.Create();
        stage.Rules = course.Rules;
        var scenario = new Scenario(stage.AddNamespace("foreign"));
        var before = KernelSnapshot.Read(stage.NamespacePaths, static p => p);
        while (queue.TryDequeue(out var point))
        {
            try
            {
                results[point] = await DieAndReturnAsync(stage, scenario, before, course, point);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                results[point] = $"{e.GetType().Name}: {e.Message}\n{stage.Daemon?.LastWords}";
            }

            await stage.ForgetAsync();
            var left = KernelSnapshot.Read(stage.NamespacePaths, static p => p);
            if (left.ToString() != before.ToString())
            {
                if (string.IsNullOrEmpty(results[point]))
                {
                    results[point] = $"the host is not as before:\n{left}";
                }

                return; // this host is spoilt
            }
        }
    }

    // Null: it died and all is well. Empty: the point was not reached this time. Else what is wrong.
    private static async Task<string?> DieAndReturnAsync(Stage stage, Scenario scenario, KernelSnapshot before, Course course, int point)
    {
        course.Launch(stage, point);
        await WaitForAsync(async () => stage.Daemon!.HasEnded || await stage.AnswersAsync(), "the daemon neither answers nor dies");
        var answered = stage.Daemon!.HasEnded ? 0 : await scenario.RunAsync(stage.Api);
        var isReached = await stage.Daemon.EndsWithinAsync(TimeSpan.FromSeconds(2));
        if (!isReached && answered < scenario.Steps.Count)
        {
            return $"request {scenario.Steps[answered].Call} was not answered, and the daemon lives";
        }

        var where = stage.Daemon.Lines.LastOrDefault(static l => l.StartsWith("dies at", StringComparison.Ordinal)) ?? (isReached ? course.Points[point - 1] : "not dead");
        if (!isReached)
        {
            await stage.Daemon.KillAsync();
        }

        await stage.StartAsync();
        string[] allowed = answered == scenario.Steps.Count ? [scenario.Steps[^1].After] : [scenario.Steps[answered].Before, scenario.Steps[answered].After];
        var problem = await AgreesAsync(stage, before, allowed);
        if (problem is null && stage.Iptables is { IsLate: true } programs)
        {
            await programs.GoOnAsync(WaitForAsync);
            problem = await AgreesAsync(stage, before, allowed);
        }

        problem ??= await RemoveEverythingAsync(stage, before);
        if (problem is not null)
        {
            return $"{where}, during {(answered < scenario.Steps.Count ? scenario.Steps[answered].Call : "nothing")}\n{problem}\n{stage.Daemon.LastWords}";
        }

        return isReached ? null : string.Empty;
    }

    private static async Task<string?> AgreesAsync(Stage stage, KernelSnapshot before, string[] allowed)
    {
        string? problem = null;
        try
        {
            await WaitForAsync(
                async () =>
                {
                    var (networks, sandboxes) = (await stage.Api.NetworksAsync(), await stage.Api.SandboxesAsync());
                    var is_ = Scenario.Describe(networks, sandboxes);
                    if (!allowed.Contains(is_))
                    {
                        problem = $"there is '{is_}', not one of '{string.Join("' or '", allowed)}'";
                        return false;
                    }

                    var kernel = KernelSnapshot.Read(stage.NamespacePaths, static p => p);
                    var disagreements = Agreement.Check(stage, networks, sandboxes, kernel, before);
                    var diff = await stage.Api.DiffAsync();
                    problem = string.Join('\n', disagreements.Concat(diff.Steps.Select(static s => $"diff: {s.Text}")).Concat(kernel.HasDoomed ? ["a device waits for its deletion"] : []));
                    return problem.Length == 0;
                },
                "the kernel and the documents do not come to agree");
            return null;
        }
        catch (TimeoutException e)
        {
            return $"{e.Message}:\n{problem}";
        }
    }

    private static async Task<string?> RemoveEverythingAsync(Stage stage, KernelSnapshot before)
    {
        foreach (var network in await stage.Api.NetworksAsync())
        {
            _ = await stage.Api.DoAsync(ApiCall.Remove(network.Name, isForced: true));
        }

        foreach (var sandbox in (await stage.Api.SandboxesAsync()).Where(static s => s.Owner == "daemon"))
        {
            _ = await stage.Api.DoAsync(ApiCall.RemoveSandbox(sandbox.Name, isForced: true));
        }

        return await AgreesAsync(stage, before, [string.Empty]) is { } problem ? $"after removing everything: {problem}" : null;
    }

    private static async Task WaitForAsync(Func<Task<bool>> condition, string complaint)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed > s_patience)
            {
                throw new TimeoutException(complaint);
            }

            await Task.Delay(50);
        }
    }

    // What may be died at: the daemon's own points, then three moments of each program that it runs.
    private sealed record Course(IReadOnlyList<string> Points, int Own, IptablesReference? Rules)
    {
        public void Launch(Stage stage, int point)
        {
            stage.Launch(point <= Own ? point : null);
            if (point > Own)
            {
                stage.Iptables!.DieAt(((point - Own - 1) / s_moments.Length) + 1, s_moments[(point - Own - 1) % s_moments.Length]); // there are no other points without them
            }
        }
    }
}
