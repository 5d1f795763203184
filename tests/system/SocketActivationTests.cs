using Networking.Daemon.Tests.Staging;

namespace Networking.Daemon.Tests;

/// <summary>A service manager opens the socket, and the daemon serves it (sd_listen_fds(3)).</summary>
public sealed class SocketActivationTests
{
    [Fact]
    public async Task The_socket_that_was_handed_over_is_served_and_left_as_it_is()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-socket-activate"), "needs systemd-socket-activate");
        await using var stage = await Stage.OpenAsync(hasWorld: false, before: static _ => Task.FromResult(false));
        _ = Directory.CreateDirectory(stage.RunFolder);
        using var manager = stage.Host.Start(
            "systemd-socket-activate", "--setenv", "DOTNET_EnableDiagnostics=0", "--listen", stage.SocketPath, stage.Netd, "--config", "/dev/null", "--state-dir", stage.StateFolder, "--run-dir", stage.RunFolder);
        try
        {
            _ = await Eventually.TrueAsync(TimeSpan.FromSeconds(30), () => File.Exists(stage.SocketPath), static () => "no socket");
            var mode = File.GetUnixFileMode(stage.SocketPath);

            // The first question starts the daemon, and waits for it in the socket's queue.
            var answer = (await Tool.RunAsync(TimeSpan.FromMinutes(2), null, stage.Netctl, "--host", stage.SocketPath, "version")).Succeeded();
            Assert.Contains("netd: ", answer, StringComparison.Ordinal);
            _ = (await stage.NetctlAsync("create", "shop", "--subnet", "10.182.1.0/24")).Succeeded();
            Assert.Equal(mode, File.GetUnixFileMode(stage.SocketPath));
        }
        finally
        {
            manager.Kill();
            await manager.WaitForExitAsync(Eventually.Cancel);
        }

        Assert.True(File.Exists(stage.SocketPath)); // it is not ours to take away
    }
}
