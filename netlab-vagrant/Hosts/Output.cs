namespace Networking.Netlab.Hosts;

/// <summary>How a script on a host ended.</summary>
/// <param name="Code">Exit code; 124 if it was not done in time.</param>
/// <param name="Text">Both streams, as they came.</param>
internal sealed record Output(int Code, string Text)
{
    /// <summary>Code of a script that was not done in time, as timeout(1) has it.</summary>
    public const int TimedOut = 124;

    public bool IsDone => Code == 0;
}
