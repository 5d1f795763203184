using System.IO.Pipes;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Networking.Netctl;

/// <summary>Where output goes, and what it may contain there.</summary>
internal sealed class Terminal : IDisposable
{
    private bool _isOfProcess;

    /// <summary>Standard output.</summary>
    public required TextWriter Out { get; set; }

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
            _isOfProcess = true,
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

    /// <summary>
    /// For output without end: from now on a reader that went away is an <see cref="IOException"/>. The console's own
    /// stream swallows that, and <c>netctl events | head -1</c> would run on for ever.
    /// </summary>
    public void NoticeLostReader()
    {
        if (!_isOfProcess || !Console.IsOutputRedirected)
        {
            return;
        }

        try
        {
            // The handle is owned although the descriptor is not ours alone: closing a borrowed one waits for ever
            // for somebody else to close it, and nothing is printed after the end.
            const int StandardOutput = 1;
            Out = Writer(new AnonymousPipeClientStream(
                PipeDirection.Out, new SafePipeHandle(StandardOutput, ownsHandle: true)));
        }
        catch (IOException)
        {
            // A file or a socket: it has no reader to lose, or tells by itself.
        }
    }

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
        try
        {
            Out.Dispose();
            Error.Dispose();
        }
        catch (IOException)
        {
            // The last words found no reader; there is nobody left to tell.
        }
    }

    private static StreamWriter Writer(Stream stream) =>
        new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };

    // A pseudo-terminal that was never told its size says 0.
    private static int? WidthOfProcess() => Console.WindowWidth is > 0 and var width ? width : null;
}
