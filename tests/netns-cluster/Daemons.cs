using System.Diagnostics;

namespace Networking.NetnsCluster.Tests;

/// <summary>Whole daemons on the hosts of a field, and netctl that tells them what to do.</summary>
internal static class Daemons
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(300);

    public static async Task<Process> StartAsync(Field field, int host, params string[] more)
    {
        string[] words =
        [
            .. field.On(host), Tool.PathOf("Networking.Netd", "netd"), "--config", "/dev/null", "--state-dir", $"{field.Folder}/state{host}", "--run-dir", $"{field.Folder}/run{host}",
            "--advertise", Field.Address(host), "--log-level", "warning", .. more,
        ];
        var daemon = Process.Start(new ProcessStartInfo(words[0], words[1..]) { UseShellExecute = false })!; // not through a shell
        await Until(async () => (await TryCtl(field, host, null, "version")).Exit == 0, "netd does not answer");
        return daemon;
    }

    /// <summary>Ends them suddenly, those that have ended already, too.</summary>
    public static async Task StopAsync(IEnumerable<Process> daemons)
    {
        foreach (var daemon in daemons)
        {
            daemon.Kill(entireProcessTree: true);
            await daemon.WaitForExitAsync(CancellationToken.None);
            daemon.Dispose();
        }
    }

    public static Task<string> Ctl(Field field, int host, string? input, params string[] words) => Tool.RunAsync(input, [Tool.PathOf("Networking.Netctl", "netctl"), "--host", Socket(field, host), .. words]);

    public static Task<(int Exit, string Out, string Error)> TryCtl(Field field, int host, string? input, params string[] words) =>
        Tool.TryAsync(input, [Tool.PathOf("Networking.Netctl", "netctl"), "--host", Socket(field, host), .. words]);

    public static string Socket(Field field, int host) => $"{field.Folder}/run{host}/netd.sock";

    public static async Task Until(Func<Task<bool>> holds, string otherwise)
    {
        using var deadline = new CancellationTokenSource(s_patience);
        while (!await holds())
        {
            Assert.False(deadline.IsCancellationRequested, otherwise);
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }
    }
}
