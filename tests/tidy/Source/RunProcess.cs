using System.ComponentModel;
using System.Diagnostics;

namespace Networking.Tidy.Tests.Source;

/// <summary>Runs a short command; tests may, rooms that ship may not.</summary>
internal static class RunProcess
{
    /// <summary>What the command printed, or null if it is not there or failed.</summary>
    public static string? Read(string command, IEnumerable<string> arguments)
    {
        var (exitCode, output, _) = Run(command, arguments, string.Empty);
        return exitCode == 0 ? output : null;
    }

    /// <summary>Exit code (-1: no such command), standard output and standard error.</summary>
    public static (int ExitCode, string Output, string Error) Run(string command, IEnumerable<string> arguments, string input)
    {
        var start = new ProcessStartInfo(command, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start)!; // null only with UseShellExecute
            process.StandardInput.Write(input);
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEnd();
            var error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output, error);
        }
        catch (Win32Exception e)
        {
            return (-1, string.Empty, e.Message);
        }
    }
}
