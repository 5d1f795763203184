namespace Networking.Netlab.Results;

/// <summary>A line of a run.</summary>
/// <param name="Id">The scenario.</param>
/// <param name="Provider">What the hosts were made of.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="Reason">Why it failed or was not run; null if it passed.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record ScenarioResult(string Id, string Provider, Outcome Outcome, string? Reason, double Seconds)
{
    /// <summary>The outcome as people read it.</summary>
    public string Word => Outcome switch
    {
        Outcome.Passed => "passed",
        Outcome.Failed => "failed",
        _ => "not run",
    };

    /// <summary>The first line of the reason.</summary>
    public string Short => Reason?.Split('\n')[0] ?? string.Empty;
}
