using System.ComponentModel;
using System.Diagnostics;
using Networking.Model.Api;
using Networking.Netctl.Output;

namespace Networking.Netctl.Exec;

/// <summary>
/// Runs a command inside a network namespace through util-linux' <c>nsenter</c>, with our own stdin, stdout and
/// stderr. Only the network changes, and with it resolv.conf and hosts: other files, users and processes stay those of the host.
/// </summary>
internal static class NamespaceCommand
{
    private const string Tool = "nsenter";

    /// <summary>Runs it and reports its exit code; the command itself says what else there is to say.</summary>
    public static async Task<Report> RunAsync(
        Session session, SandboxDocument sandbox, IReadOnlyList<string> command, CancellationToken cancellation)
    {
        if (ExecutablePath.Find(Tool, session.Variable("PATH")) is not { } tool)
        {
            return Missing();
        }

        session.Signals.LeaveKeyboardToChild();
        Process process;
        try
        {
            process = Process.Start(Start(tool, sandbox, command)) ??
                throw new UnreachableException(); // null is for shell execution only
        }
        catch (Win32Exception exception)
        {
            return ErrorText.Of($"cannot start {tool}: {exception.Message}", "Is it executable?", ExitCode.CommandNotFound);
        }

        using (process)
        {
            try
            {
                await process.WaitForExitAsync(cancellation);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true); // SIGTERM came: nothing of ours stays behind
                throw;
            }

            return Report.Silent with { Exit = process.ExitCode };
        }
    }

    /// <summary>The process to start. With files of its own the sandbox sees them in place of the host's, and mounts of its own.</summary>
    public static ProcessStartInfo Start(string tool, SandboxDocument sandbox, IReadOnlyList<string> command) =>
        new(tool, [$"--net={sandbox.Path}", "--", .. sandbox.ResolvConf is null ? command : [.. WithFiles(sandbox.ResolvConf, sandbox.Hosts), .. command]])
        {
            UseShellExecute = false,
        };

    // A command that is not there is reported by the shell, with the same exit code.
    private static string[] WithFiles(string resolvConf, string? hosts) =>
    [
        "unshare", "--mount", "--propagation", "slave", "--", "sh", "-c",
        """
        [ ! -e /etc/resolv.conf ] || mount --bind "$1" /etc/resolv.conf || exit 1
        [ -z "$2" ] || [ ! -e /etc/hosts ] || mount --bind "$2" /etc/hosts || exit 1
        shift 2
        exec "$@"
        """,
        "netctl sandbox exec", resolvConf, hosts ?? string.Empty,
    ];

    private static Report Missing() => ErrorText.Of(
        $"{Tool}: command not found", "Install util-linux: sudo apt-get install util-linux.", ExitCode.CommandNotFound);
}
