namespace Networking.Netctl;

/// <summary>The command line says something that cannot be meant; every problem at once.</summary>
internal sealed class UsageException : Exception
{
    public UsageException(params string[] problems)
        : base(string.Join(Environment.NewLine, problems)) => Problems = problems;

    /// <summary>The problems, a sentence each.</summary>
    public IReadOnlyList<string> Problems { get; }
}
