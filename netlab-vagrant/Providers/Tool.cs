using System.Diagnostics;
using Networking.Netlab.Hosts;

namespace Networking.Netlab.Providers;

/// <summary>
/// Programs of the machine that the lab stands on. netlab is the first process of the lab's place, so whatever happens to it,
/// the kernel ends them all; a death signal would not do, for it follows the thread that started them, and the pool's end.
/// </summary>
internal static class Tool
{
    /// <summary>Starts a program; its output goes to a log, or can be read.</summary>
    public static Process Start(string program, IEnumerable<string> arguments, string? log = null)
    {
        string[] words = [program, .. arguments];
        var start = log is null
            ? new ProcessStartInfo(program, arguments)
            : new ProcessStartInfo("sh", ["-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1 </dev/null", "sh", log, .. words]);
        start.RedirectStandardOutput = log is null;
        start.RedirectStandardError = log is null;
        return Process.Start(start) ?? throw new LabException($"{program} could not be started");
    }

    /// <summary>Runs a program to its end; killed when no longer waited for.</summary>
    public static async Task<Output> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        using var process = Start(program, arguments);
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return new Output(Output.TimedOut, "not done in time");
        }

        return new Output(process.ExitCode, await output + await error);
    }

    /// <summary>Runs a line of bash that must succeed.</summary>
    /// <exception cref="LabException">It did not.</exception>
    public static async Task ShellAsync(string line, CancellationToken cancellationToken)
    {
        var output = await RunAsync("bash", ["-euc", line], cancellationToken);
        if (!output.IsDone)
        {
            throw new LabException($"{line}: {output.Text.Trim()}");
        }
    }
}
