using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Networking.Durability.Tests;

/// <summary>A running netd, as its operator sees it: a process with words, which ends by itself, by request or suddenly.</summary>
internal sealed class DaemonProcess : IDisposable
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Process _process;

    public DaemonProcess(IEnumerable<string> command, IReadOnlyDictionary<string, string> environment)
    {
        _process = Tool.Start(command.First(), command.Skip(1), environment);
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Everything it said so far.</summary>
    public IReadOnlyCollection<string> Lines => [.. _lines];

    /// <summary>The last of it, for a failure's message.</summary>
    public string LastWords => string.Join('\n', _lines.TakeLast(15));

    /// <summary>Waits for its end; false if it lives on.</summary>
    public async Task<bool> EndsWithinAsync(TimeSpan patience)
    {
        using var deadline = new CancellationTokenSource(patience);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>SIGKILL, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and waits until it has stopped by itself.</summary>
    public async Task StopAsync()
    {
        _ = Tool.Run("kill", "-TERM", Id.ToString(CultureInfo.InvariantCulture));
        if (!await EndsWithinAsync(TimeSpan.FromSeconds(30)))
        {
            throw new TimeoutException($"the daemon does not stop:\n{LastWords}");
        }
    }

    /// <summary>A figure of /proc/PID/status in bytes, such as <c>VmRSS</c>.</summary>
    public long MemoryBytes(string field) =>
        1024 * long.Parse(
            File.ReadLines($"/proc/{Id}/status").First(l => l.StartsWith(field + ":", StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture);

    /// <summary>How many processes it has started that still run, and how many that have ended and were awaited.</summary>
    public (int Running, long FaultsOfEnded) Children()
    {
        var running = Directory.EnumerateDirectories($"/proc/{Id}/task").Sum(static t => File.ReadAllText($"{t}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Length);
        var stat = File.ReadAllText($"/proc/{Id}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (running, long.Parse(fields[8], CultureInfo.InvariantCulture)); // cminflt: no child ever ran without a page fault
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _lines.Enqueue(line);
        }
    }
}
