namespace Networking.Netctl;

/// <summary>What the exit code of <c>netctl</c> says; scripts rely on these numbers.</summary>
internal static class ExitCode
{
    /// <summary>Done, or accepted and under way.</summary>
    public const int Done = 0;

    /// <summary>Refused or failed.</summary>
    public const int Failed = 1;

    /// <summary>The command line itself is wrong.</summary>
    public const int Usage = 2;

    /// <summary>The daemon could not be reached.</summary>
    public const int Unreachable = 3;

    /// <summary>As shells say it: a program to run is not there.</summary>
    public const int CommandNotFound = 127;

    /// <summary>As shells say it: ended by Ctrl-C (128 + SIGINT).</summary>
    public const int Interrupted = 130;

    /// <summary>As shells say it: nobody reads the output any more (128 + SIGPIPE).</summary>
    public const int ReaderGone = 141;

    /// <summary>As shells say it: ended by SIGTERM.</summary>
    public const int Terminated = 143;
}
