using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Networking.Daemon.Tests.Staging;

/// <summary>A running netd, its log in a file.</summary>
internal sealed partial class DaemonProcess : IDisposable
{
    private const int Continue = 18; // SIGCONT
    private const int Pause = 19; // SIGSTOP
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
    /// <param name="prelude">Words for the shell before that.</param>
    public static DaemonProcess Start(
        string netd, string netns, string log, string config, string state, string run, string path, string prelude, params string[] flags)
    {
        var process = Tool.Start("bash",
        [
            "-c",
            prelude + "log=$1; export PATH=$2; shift 2; exec nsenter --net=\"$1\" \"$2\" --config \"$3\" --state-dir \"$4\" --run-dir \"$5\" $6 >>\"$log\" 2>&1",
            "bash", log, path, netns, netd, config, state, run, string.Join(' ', flags),
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

    /// <summary>SIGTERM, and soon after it no processor for a while, as on a machine that has other things to do; returns the exit code.</summary>
    public async Task<int> StopSlowlyAsync()
    {
        _ = Signal(_process.Id, Terminate);
        await Task.Delay(20, CancellationToken.None); // it is on its way
        _ = Signal(_process.Id, Pause);
        await Task.Delay(2_500, CancellationToken.None); // more than the two seconds after which a framework's own handler would end it
        _ = Signal(_process.Id, Continue);
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
