using System.ComponentModel;
using System.Diagnostics;

namespace Networking.Bench;

/// <summary>Another program did not do what was asked of it.</summary>
internal sealed class CommandException(string message) : Exception(message);

/// <summary>Runs other programs and reads what they say.</summary>
internal static class Command
{
    /// <summary>Runs a program to its end and returns its output.</summary>
    /// <exception cref="CommandException">It is not there, or it failed.</exception>
    public static string Run(string program, IEnumerable<string> arguments, string? input = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        using var process = Start(program, arguments, environment, isCaptured: true);
        var error = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode == 0)
        {
            return output;
        }

        var reason = Blocking.Get(error).Trim() is { Length: > 0 } text ? text : output.Trim();
        throw new CommandException($"{program} {string.Join(' ', arguments)}: {(reason.Length > 400 ? reason[^400..] : reason)} (exit code {process.ExitCode})");
    }

    /// <summary>Runs a program whose failure does not matter.</summary>
    public static void Try(string program, params string[] arguments)
    {
        try
        {
            _ = Run(program, arguments);
        }
        catch (CommandException)
        {
            // Taking away what may be gone already.
        }
    }

    public static string Ip(params string[] arguments) => Run("ip", arguments);

    /// <summary>First line of what a program says of its version; null if it says nothing.</summary>
    public static string? Version(string program, params string[] arguments)
    {
        try
        {
            return Run(program, arguments).Split('\n')[0].Trim();
        }
        catch (CommandException)
        {
            return null;
        }
    }

    /// <summary>Version of an installed package of Debian.</summary>
    public static string? PackageVersion(string package) => Version("dpkg-query", "-W", "-f", "${Version}", package);

    /// <summary>Starts a program that stays; it writes to a log file.</summary>
    public static Process Stay(IEnumerable<string> arguments, string logFile) =>
        Start("sh", ["-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1 </dev/null", "sh", logFile, .. arguments], null, isCaptured: false);

    /// <summary>Ends a program that stays, in peace if it can.</summary>
    public static void End(Process process, TimeSpan patience)
    {
        if (!process.HasExited)
        {
            Try("kill", "-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
            if (!process.WaitForExit(patience))
            {
                process.Kill(entireProcessTree: true);
                process.WaitForExit();
            }
        }

        process.Dispose();
    }

    private static Process Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment, bool isCaptured)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = isCaptured,
            RedirectStandardOutput = isCaptured,
            RedirectStandardError = isCaptured,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        try
        {
            return Process.Start(start) ?? throw new CommandException($"{program} did not start");
        }
        catch (Win32Exception e)
        {
            throw new CommandException($"{program}: {e.Message}");
        }
    }
}
