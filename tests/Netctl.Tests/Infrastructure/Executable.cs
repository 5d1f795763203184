using System.Diagnostics;

namespace Networking.Netctl.Tests.Infrastructure;

/// <summary>The built <c>netctl</c>, run as a process of its own.</summary>
internal static class Executable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "netctl");

    /// <summary>Runs it to its end.</summary>
    public static Task<Run> RunAsync(string host, params string[] args) => RunAsync(Path, host, [], args);

    /// <summary>Runs a program with NETD_HOST and further variables set; <paramref name="meanwhile"/> may disturb it.</summary>
    public static async Task<Run> RunAsync(
        string program, string host, Dictionary<string, string> environment, string[] args, string? input = null,
        Func<Process, Task>? meanwhile = null)
    {
        var start = new ProcessStartInfo(program, args)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NETD_HOST"] = host;
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        using var deadline = new CancellationTokenSource(Deadline);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        var error = process.StandardError.ReadToEndAsync(deadline.Token);
        if (meanwhile is not null)
        {
            await meanwhile(process);
        }

        await process.WaitForExitAsync(deadline.Token);
        return new Run(await output, await error, process.ExitCode);
    }

    /// <summary>Sends a signal by its name.</summary>
    public static async Task SignalAsync(Process process, string signal)
    {
        using var kill = Process.Start("/bin/kill", [$"-{signal}", $"{process.Id}"]);
        await kill.WaitForExitAsync();
    }
}
