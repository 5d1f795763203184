namespace Networking.Daemon.Tests.Staging;

/// <summary>What a program did.</summary>
/// <param name="Command">The command line, for messages.</param>
/// <param name="Code">Exit code; -1 if it was killed at its deadline.</param>
/// <param name="Text">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record Output(string Command, int Code, string Text, string Error)
{
    public bool IsDone => Code == 0;

    /// <summary>Standard output of a program that must have succeeded.</summary>
    public string Succeeded()
    {
        Assert.True(IsDone, ToString());
        return Text;
    }

    public override string ToString() => $"{Command}: exit code {Code}\n{Text}{Error}";
}
