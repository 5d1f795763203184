using System.Diagnostics;

namespace Networking.Daemon.Tests.Staging;

/// <summary>Runs programs: the oracles, and ours as a user would. Every one has a deadline and is killed at it.</summary>
internal static class Tool
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    public static Task<Output> RunAsync(string program, params string[] arguments) => RunAsync(s_deadline, null, program, arguments);

    public static async Task<Output> RunAsync(TimeSpan deadline, string? input, string program, params string[] arguments)
    {
        using var process = Start(program, arguments, redirectInput: true);
        await using (var writer = process.StandardInput)
        {
            await writer.WriteAsync(input);
        }

        var text = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        using var timer = new CancellationTokenSource(deadline);
        var code = -1;
        try
        {
            await process.WaitForExitAsync(timer.Token);
            code = process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }

        return new Output($"{program} {string.Join(' ', arguments)}", code, await text, await error);
    }

    /// <summary>Starts a program whose output is read by the caller.</summary>
    public static Process Start(string program, IEnumerable<string> arguments, bool redirectInput = false)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = redirectInput,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // Without it every .NET child leaves a socket in /tmp when it is killed.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["NO_COLOR"] = "1";
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
    }
}
