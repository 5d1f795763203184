using System.Diagnostics;
using System.Globalization;

namespace Networking.Store.Tests;

/// <summary>This executable started once more as a <see cref="CommittingChild"/>.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public static ChildProcess Start(string directory, string durability, int count, params string[] under)
    {
        // Under `dotnet exec` the process is the host, which needs the assembly's path first.
        var self = Environment.ProcessPath!;
        string[] command = Path.GetFileNameWithoutExtension(self) == "dotnet"
            ? [self, "exec", typeof(ChildProcess).Assembly.Location]
            : [self];
        string[] all =
        [
            .. under, .. command, CommittingChild.Argument, directory, durability, count.ToString(CultureInfo.InvariantCulture),
        ];
        var start = new ProcessStartInfo(all[0], all[1..]) { RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment["DOTNET_EnableDiagnostics"] = "0"; // Its pipes would stay in /tmp when it is killed.
        return new ChildProcess(Process.Start(start)!);
    }

    /// <summary>The next number acknowledged; null once the process has ended.</summary>
    public async Task<int?> NextAsync(CancellationToken cancellationToken)
    {
        var line = await _process.StandardOutput.ReadLineAsync(cancellationToken);
        return int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    /// <summary>kill -9.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Every number that is still to come, until the process has ended.</summary>
    public async Task<List<int>> RestAsync(CancellationToken cancellationToken)
    {
        var numbers = new List<int>();
        while (await NextAsync(cancellationToken) is { } number)
        {
            numbers.Add(number);
        }

        await _process.WaitForExitAsync(cancellationToken);
        return numbers;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
