using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Networking.NetnsFirewall.Tests;

/// <summary>
/// A network namespace of a test, gone when disposed. What is run inside runs on a thread made for it that enters and
/// ends there: a thread that has changed its namespace must never serve anybody else.
/// </summary>
internal sealed partial class TestNamespace : IDisposable
{
    private const int NewNetwork = 0x40000000; // CLONE_NEWNET

    public TestNamespace(string role = "")
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Assert.Skip("needs root");
        }

        Name = $"netd-f-{Guid.NewGuid().ToString("N")[..8]}{role}";
        Host("ip", "netns", "add", Name);
    }

    public string Name { get; }

    public void Dispose() => Host("ip", "netns", "del", Name);

    /// <summary>
    /// Runs an action inside. It starts no process and awaits nothing: the runtime's threads made meanwhile would stay
    /// inside.
    /// </summary>
    public void Inside(Action action)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                using var handle = File.OpenHandle($"/run/netns/{Name}");
                if (EnterNamespace((int)handle.DangerousGetHandle(), NewNetwork) != 0)
                {
                    throw new InvalidOperationException($"setns: errno {Marshal.GetLastPInvokeError()}");
                }

                action();
            }
            catch (Exception e)
            {
                // Carried to the test's own thread; here it would end the process.
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    /// <summary>Runs a program inside and gives its output.</summary>
    public string Run(params string[] command) => Host(["ip", "netns", "exec", Name, .. command]);

    /// <summary>Runs a program inside and tells whether it succeeded.</summary>
    public bool Try(params string[] command) => Start(["ip", "netns", "exec", Name, .. command], out _, out _) == 0;

    /// <summary>Runs a program inside and gives its output, whether it succeeded or not.</summary>
    public string Output(params string[] command)
    {
        _ = Start(["ip", "netns", "exec", Name, .. command], out var output, out _);
        return output;
    }

    public static string Host(params string[] command)
    {
        var code = Start(command, out var output, out var error);
        return code == 0 ? output : throw new InvalidOperationException($"{string.Join(' ', command)}: exit {code}: {error}{output}");
    }

    private static int Start(string[] command, out string output, out string error)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!; // null only when a shell reuses a process
        output = process.StandardOutput.ReadToEnd();
        error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int EnterNamespace(int fd, int type);
}
