namespace Networking.Netctl;

/// <summary>What a verb has to say, as a value: so that rendering is tested without a terminal.</summary>
/// <param name="Out">For stdout, with its line ends.</param>
/// <param name="Error">For stderr, with its line ends.</param>
/// <param name="Exit">The exit code.</param>
internal sealed record Report(string Out, string Error = "", int Exit = ExitCode.Done)
{
    /// <summary>Nothing to say, all well.</summary>
    public static Report Silent { get; } = new(string.Empty);

    /// <summary>Several reports as one; the first exit code that is not 0 wins.</summary>
    public static Report Join(IReadOnlyCollection<Report> reports) => new(
        string.Concat(reports.Select(report => report.Out)),
        string.Concat(reports.Select(report => report.Error)),
        reports.Select(report => report.Exit).FirstOrDefault(exit => exit != ExitCode.Done));
}
