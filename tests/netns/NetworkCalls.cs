using System.Diagnostics;
using System.Globalization;

namespace Networking.Netns.Tests;

/// <summary>What a piece of work asks of the kernel, told by strace.</summary>
internal static class NetworkCalls
{
    /// <summary>The network calls of this thread while it does something, a line each.</summary>
    public static string Trace(Action work)
    {
        var thread = Path.GetFileName(new FileInfo("/proc/thread-self").LinkTarget)!; // PID/task/TID
        var trace = Path.GetTempFileName();
        using var strace = Process.Start(new ProcessStartInfo(
            "strace", ["-e", "trace=%net", "-e", "signal=none", "-o", trace, "-p", thread])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
        })!;
        var attached = strace.StandardError.ReadLine();
        Assert.SkipUnless(attached?.Contains("attached", StringComparison.Ordinal) == true, "needs the right to trace a process");
        work();
        Lab.Run("kill", "-INT", strace.Id.ToString(CultureInfo.InvariantCulture));
        strace.WaitForExit();
        var lines = File.ReadAllLines(trace);
        File.Delete(trace);
        return string.Concat(lines.Where(static line => line.Contains(" = ", StringComparison.Ordinal)).Select(static line => line + "\n"));
    }
}
