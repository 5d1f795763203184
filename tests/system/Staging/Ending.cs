using System.Diagnostics;

namespace Networking.Daemon.Tests.Staging;

/// <summary>Ends a process with the stage.</summary>
internal sealed class Ending(Process process) : IDisposable
{
    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
            process.WaitForExit();
        }

        process.Dispose();
    }
}
