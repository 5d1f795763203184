using System.ComponentModel;
using System.Diagnostics;
using Networking.Netctl.Output;

namespace Networking.Netctl.Exec;

/// <summary>
/// Runs a command inside a network namespace through util-linux' <c>nsenter</c>, with our own stdin, stdout and
/// stderr. Only the network namespace changes: files, users and processes stay those of the host.
/// </summary>
internal static class NamespaceCommand
{
    private const string Tool = "nsenter";

    /// <summary>Runs it and reports its exit code; the command itself says what else there is to say.</summary>
    public static async Task<Report> RunAsync(
        Session session, string namespacePath, IReadOnlyList<string> command, CancellationToken cancellation)
    {
        if (ExecutablePath.Find(Tool, session.Variable("PATH")) is not { } tool)
        {
            return Missing();
        }

        session.Signals.LeaveKeyboardToChild();
        Process process;
        try
        {
            process = Process.Start(Start(tool, namespacePath, command)) ??
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

    /// <summary>The process to start.</summary>
    public static ProcessStartInfo Start(string tool, string namespacePath, IReadOnlyList<string> command) =>
        new(tool, [$"--net={namespacePath}", "--", .. command]) { UseShellExecute = false };

    private static Report Missing() => ErrorText.Of(
        $"{Tool}: command not found", "Install util-linux: sudo apt-get install util-linux.", ExitCode.CommandNotFound);
}
