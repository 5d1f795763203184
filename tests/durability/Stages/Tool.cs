using System.Diagnostics;
using System.Text;

namespace Networking.Durability.Tests;

/// <summary>Runs the tools that are asked instead of the daemon: each run ends, and a failed one tells its own words.</summary>
internal static class Tool
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>Runs a command to its end.</summary>
    /// <returns>What it wrote to its standard output.</returns>
    public static string Run(string command, params IEnumerable<string> arguments)
    {
        var (status, output, error) = Try(command, arguments);
        return status == 0 ? output : throw new InvalidOperationException($"{command} {string.Join(' ', arguments)} ended with {status}: {error}{output}");
    }

    /// <summary>Runs a command to its end, whatever its exit code.</summary>
    public static (int Status, string Output, string Error) Try(string command, params IEnumerable<string> arguments)
    {
        using var process = Start(command, arguments);
        var (output, error) = (new StringBuilder(), new StringBuilder());
        process.OutputDataReceived += (_, line) => output.AppendLine(line.Data);
        process.ErrorDataReceived += (_, line) => error.AppendLine(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!process.WaitForExit(s_patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{command} {string.Join(' ', arguments)} does not end");
        }

        process.WaitForExit(); // and its pipes
        return (process.ExitCode, output.ToString().TrimEnd(), error.ToString().TrimEnd());
    }

    /// <summary>Starts a command whose output the caller reads.</summary>
    public static Process Start(string command, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(command, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException($"cannot start {command}");
        process.StandardInput.Close();
        return process;
    }
}
