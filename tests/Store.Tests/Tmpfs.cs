using System.Diagnostics;

namespace Networking.Store.Tests;

/// <summary>A small file system of its own at a directory, unmounted with the test.</summary>
internal sealed class Tmpfs : IDisposable
{
    private readonly string _path;

    public Tmpfs(string path, string size)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root");
        _path = path;
        _ = Directory.CreateDirectory(path);
        Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", $"size={size},mode=0700", "netd-store-test", path), "needs the right to mount");
    }

    public void Dispose() => Assert.True(Run("umount", _path), $"umount {_path}");

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
