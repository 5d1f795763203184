namespace Networking.Bench;

/// <summary>Where a benchmark runs: inside namespaces that end with it.</summary>
/// <param name="Root">The repository.</param>
/// <param name="Place">A folder on a real disk, taken away at the end.</param>
/// <param name="Options">What was asked.</param>
/// <param name="Report">Where figures go.</param>
/// <param name="Stop">Ctrl-C.</param>
internal sealed record Stage(string Root, string Place, BenchOptions Options, Report Report, CancellationToken Stop);
