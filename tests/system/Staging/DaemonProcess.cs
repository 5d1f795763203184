using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Networking.Daemon.Tests.Staging;

/// <summary>A running netd, its log in a file.</summary>
internal sealed partial class DaemonProcess : IDisposable
{
    private const int Terminate = 15; // SIGTERM
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);
    private readonly Process _process;

    private DaemonProcess(Process process, string log)
    {
        _process = process;
        Log = log;
    }

    public string Log { get; }

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Starts the daemon in a namespace; it is one process, because nsenter and the shell become it.</summary>
    public static DaemonProcess Start(string netd, string netns, string log, string config, string state, string run, string path, params string[] flags)
    {
        var process = Tool.Start("sh",
        [
            "-c",
            "log=$1; export PATH=$2; shift 2; exec nsenter --net=\"$1\" \"$2\" --config \"$3\" --state-dir \"$4\" --run-dir \"$5\" $6 >>\"$log\" 2>&1",
            "sh", log, path, netns, netd, config, state, run, string.Join(' ', flags),
        ]);
        return new DaemonProcess(process, log);
    }

    public string LastWords() =>
        File.Exists(Log) ? string.Join('\n', File.ReadAllLines(Log).TakeLast(25)) : "(no log)";

    /// <summary>SIGKILL: no farewell.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>SIGTERM; returns the exit code.</summary>
    public async Task<int> StopAsync()
    {
        if (!_process.HasExited)
        {
            _ = Signal(_process.Id, Terminate);
        }

        return await EndedAsync();
    }

    /// <summary>Waits for its end by itself.</summary>
    public async Task<int> EndedAsync()
    {
        using var timer = new CancellationTokenSource(s_patience);
        try
        {
            await _process.WaitForExitAsync(timer.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException e)
        {
            await KillAsync();
            throw new TimeoutException(string.Create(
                CultureInfo.InvariantCulture, $"netd {_process.Id} did not end in {s_patience.TotalSeconds} s\n{LastWords()}"), e);
        }
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

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Signal(int process, int signal);
}
