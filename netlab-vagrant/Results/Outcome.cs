namespace Networking.Netlab.Results;

/// <summary>What came of a scenario.</summary>
internal enum Outcome
{
    /// <summary>Everything was as promised.</summary>
    Passed,

    /// <summary>Something was not.</summary>
    Failed,

    /// <summary>The hosts lack something that it needs: no verdict.</summary>
    NotRun,
}
