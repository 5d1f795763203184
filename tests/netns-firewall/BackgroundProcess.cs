using System.Diagnostics;

namespace Networking.NetnsFirewall.Tests;

/// <summary>A program that runs inside a namespace until it is disposed.</summary>
internal sealed class BackgroundProcess : IDisposable
{
    private readonly Process _process;

    public BackgroundProcess(TestNamespace ns, params string[] command) =>
        _process = Process.Start(new ProcessStartInfo("ip", ["netns", "exec", ns.Name, .. command]) { UseShellExecute = false })!; // null only when a shell reuses a process

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }
}
