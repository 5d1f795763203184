using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Networking.Netlab.Hosts;
using Networking.Netlab.Providers;
using Networking.Netlab.Results;
using Networking.Netlab.Scenarios;

namespace Networking.Netlab.Running;

/// <summary>Runs scenarios on hosts of one provider, one after the other, and keeps what came of each.</summary>
internal sealed class LabRun(LabProvider provider, ImmutableArray<Scenario> scenarios, Evidence evidence, TextWriter output, bool keepsAll)
{
    private static readonly TimeSpan s_cleaningMax = TimeSpan.FromMinutes(5);

    /// <summary>Runs them all; results are told to <paramref name="report"/> after each, so that a run that is stopped has some.</summary>
    public async Task<ImmutableArray<ScenarioResult>> RunAsync(Action<ImmutableArray<ScenarioResult>> report, CancellationToken cancellationToken)
    {
        foreach (var host in provider.Hosts)
        {
            await HostClock.RequireAsync(host, cancellationToken);
        }

        var features = provider.Features.Union(await Feature.ProbeAsync(provider.Hosts[0], provider.Features.Contains(Feature.Power), cancellationToken));
        await output.WriteLineAsync($"features: {string.Join(", ", features.Order(StringComparer.Ordinal))}");
        ImmutableArray<ScenarioResult> results = [];
        for (var i = 0; i < scenarios.Length; i++)
        {
            var scenario = scenarios[i];
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"[{i + 1}/{scenarios.Length}] {scenario.Id}: {scenario.Summary}"));
            var result = await JudgeAsync(scenario, features, cancellationToken);
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"      {result.Word} after {result.Seconds:0.0} s{(result.Reason is null ? string.Empty : $": {result.Reason.Replace("\n", "\n      ", StringComparison.Ordinal)}")}"));
            results = results.Add(result);
            report(results);
        }

        return results;
    }

    /// <summary>What a scenario needs and these hosts lack, as a reason; null if nothing.</summary>
    public static string? Lacking(Scenario scenario, ImmutableHashSet<string> features)
    {
        var missing = scenario.Needs.Where(n => !features.Contains(n)).ToArray();
        return missing.Length == 0 ? null : $"needs {string.Join(", ", missing)}";
    }

    private async Task<ScenarioResult> JudgeAsync(Scenario scenario, ImmutableHashSet<string> features, CancellationToken cancellationToken)
    {
        if (Lacking(scenario, features) is { } reason)
        {
            return new ScenarioResult(scenario.Id, provider.Name, Outcome.NotRun, reason, 0);
        }

        var clock = Stopwatch.StartNew();
        await Evidence.BeginAsync(provider.Hosts, cancellationToken);
        var failure = await TryAsync(scenario, cancellationToken);
        if (failure is not null || keepsAll)
        {
            await evidence.KeepAsync(scenario.Id, provider.Hosts, failure, cancellationToken);
        }

        var cleaning = await CleanAsync(cancellationToken);
        failure ??= cleaning is null ? null : $"it could not be cleared away: {cleaning}";
        return new ScenarioResult(scenario.Id, provider.Name, failure is null ? Outcome.Passed : Outcome.Failed, failure, clock.Elapsed.TotalSeconds);
    }

    // What is not as promised, or null.
    private async Task<string?> TryAsync(Scenario scenario, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(provider.ScenarioMax);
        try
        {
            await scenario.RunAsync(new Stage(provider.Hosts, evidence.Folder(scenario.Id), output, limit.Token));
            return null;
        }
        catch (Exception e) when (e is CheckFailedException or LabException)
        {
            return limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested
                ? $"not done within {provider.ScenarioMax.TotalMinutes} minutes\n{e.Message}"
                : e.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"not done within {provider.ScenarioMax.TotalMinutes} minutes";
        }
    }

    // The next scenario begins with nothing asked for. A machine that does not come to rest is started anew.
    private async Task<string?> CleanAsync(CancellationToken cancellationToken)
    {
        string? trouble = null;
        foreach (var host in provider.Hosts)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(s_cleaningMax);
            var cleaned = await host.TryRunAsync("eventually answers >/dev/null; clean; pkill -x busybox || true", limit.Token);
            if (!cleaned.IsDone)
            {
                trouble = $"{host.Name}: {cleaned.Text.Trim()}";
                if (provider.Features.Contains(Feature.Power))
                {
                    await host.CutPowerAsync(cancellationToken);
                    cleaned = await host.TryRunAsync("eventually answers >/dev/null; clean", cancellationToken);
                    trouble = cleaned.IsDone ? trouble : $"{trouble}\nand after a new start: {cleaned.Text.Trim()}";
                }
            }
        }

        return trouble;
    }
}
