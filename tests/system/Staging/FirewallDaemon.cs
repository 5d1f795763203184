using System.Diagnostics;

namespace Networking.Daemon.Tests.Staging;

/// <summary>
/// The real firewalld on a stage's host, with a message bus, files and processes of its own; all of it ends with the object.
/// </summary>
internal sealed class FirewallDaemon : IDisposable
{
    private static readonly TimeSpan s_start = TimeSpan.FromSeconds(60);

    // Its own /run has the bus, and its own /etc/firewalld what the test configures.
    private const string Script = """
        mount -t tmpfs tmpfs /run
        mkdir -p /run/dbus /run/firewalld
        cp -r /etc/firewalld "$1"
        mount --bind "$1" /etc/firewalld
        dbus-daemon --system --nofork --nopidfile >/dev/null 2>&1 &
        firewalld --nofork --nopid >/dev/null 2>&1 &
        wait
        """;

    private readonly Process _process;

    private FirewallDaemon(Process process) => _process = process;

    /// <summary>Starts it and waits until it answers; skips the test where it is not installed.</summary>
    public static async Task<FirewallDaemon> StartAsync(Stage stage)
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/firewalld") && File.Exists("/usr/bin/dbus-daemon"), "needs firewalld");
        var process = stage.Host.Start("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-ec", Script, "sh", $"{stage.Folder}/firewalld");
        var daemon = stage.Keep(new FirewallDaemon(process));
        _ = await Eventually.OutputAsync(s_start, () => daemon.RunAsync("firewall-cmd --state"), static o => o.IsDone);
        return daemon;
    }

    /// <summary>A line of shell where firewall-cmd finds it.</summary>
    public async Task<Output> RunAsync(string line)
    {
        var inside = (await File.ReadAllTextAsync($"/proc/{_process.Id}/task/{_process.Id}/children", Eventually.Cancel)).Trim(); // of unshare: the shell
        return inside.Length == 0
            ? new Output(line, -1, string.Empty, "it is not there yet")
            : await Tool.RunAsync(TimeSpan.FromSeconds(60), null, "nsenter", "-t", inside, "--mount", "--net", "--pid", "sh", "-ec", line);
    }

    public void Dispose()
    {
        _process.Kill(); // unshare's child dies with it, and with the child everything inside
        _process.WaitForExit();
        _process.Dispose();
    }
}
