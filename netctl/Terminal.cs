using System.Text;

namespace Networking.Netctl;

/// <summary>Where output goes, and what it may contain there.</summary>
internal sealed class Terminal : IDisposable
{
    /// <summary>Standard output.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Standard error.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Columns of standard output; null if it is not a terminal, then nothing is cut.</summary>
    public int? Width { get; init; }

    /// <summary>True if standard output takes colour.</summary>
    public bool HasColour { get; init; }

    /// <summary>True if standard error is a terminal, so that progress may be shown.</summary>
    public bool ShowsProgress { get; init; }

    /// <summary>The terminal of this process.</summary>
    public static Terminal OfProcess()
    {
        var isTerminal = !Console.IsOutputRedirected;
        return new Terminal
        {
            // Console.Out would load terminal descriptions and encodings that plain lines do not need.
            Out = Writer(Console.OpenStandardOutput()),
            Error = Writer(Console.OpenStandardError()),
            Width = isTerminal ? WidthOfProcess() : null,
            HasColour = TakesColour(isTerminal, Environment.GetEnvironmentVariable),
            ShowsProgress = !Console.IsErrorRedirected,
        };
    }

    /// <summary>Colour goes to terminals only, and never where NO_COLOR is set (https://no-color.org) or TERM is dumb.</summary>
    public static bool TakesColour(bool isTerminal, Func<string, string?> environment) =>
        isTerminal && string.IsNullOrEmpty(environment("NO_COLOR")) && environment("TERM") is not (null or "" or "dumb");

    /// <summary>Prints a report and gives its exit code.</summary>
    public int Print(Report report)
    {
        if (report.Out.Length > 0)
        {
            Out.Write(report.Out);
            Out.Flush();
        }

        if (report.Error.Length > 0)
        {
            Error.Write(report.Error);
            Error.Flush();
        }

        return report.Exit;
    }

    public void Dispose()
    {
        Out.Dispose();
        Error.Dispose();
    }

    private static StreamWriter Writer(Stream stream) =>
        new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };

    // A pseudo-terminal that was never told its size says 0.
    private static int? WidthOfProcess() => Console.WindowWidth is > 0 and var width ? width : null;
}
