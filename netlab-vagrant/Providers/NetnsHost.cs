using System.Diagnostics;
using System.Globalization;
using Networking.Netlab.Hosts;

namespace Networking.Netlab.Providers;

/// <summary>A host that is a set of namespaces; its first process carries it.</summary>
internal sealed class NetnsHost : LabHost, IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);
    private readonly Process _carrier;
    private string _first = string.Empty;

    private NetnsHost(int number, Process carrier)
        : base(number, s_patience) => _carrier = carrier;

    public static async Task<NetnsHost> StartAsync(int number, string place, string share, CancellationToken cancellationToken)
    {
        _ = Directory.CreateDirectory(place);
        var log = Path.Combine(place, "log");
        var carrier = Tool.Start(
            "unshare",
            ["--net", "--uts", "--ipc", "--mount", "--pid", "--fork", "--kill-child", "bash", Path.Combine(share, "guest", "container-init.sh"), $"h{number}", place, share],
            log);
        var host = new NetnsHost(number, carrier);
        while (!File.Exists(Path.Combine(share, "ready")))
        {
            if (carrier.HasExited)
            {
                throw new LabException($"host h{number} did not start: {await File.ReadAllTextAsync(log, cancellationToken)}");
            }

            await Task.Delay(s_look, cancellationToken);
        }

        var id = carrier.Id.ToString(CultureInfo.InvariantCulture);
        host._first = (await File.ReadAllTextAsync($"/proc/{id}/task/{id}/children", cancellationToken)).Trim();
        await host.CableAsync(cancellationToken);
        return host;
    }

    public override Task RebootAsync(CancellationToken cancellationToken) => throw new LabException("a host of namespaces cannot reboot");

    public override Task CutPowerAsync(CancellationToken cancellationToken) => throw new LabException("a host of namespaces has no power");

    public void Dispose()
    {
        if (!_carrier.HasExited)
        {
            _carrier.Kill();
            _carrier.WaitForExit();
        }

        _carrier.Dispose();
    }

    protected override Task<Output> ExecuteAsync(string script, CancellationToken cancellationToken) => Tool.RunAsync(
        "nsenter",
        ["--target", _first, "--mount", "--net", "--uts", "--ipc", "--pid", "--root", "--wd", "env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "TERM=dumb", "bash", "-c", script],
        cancellationToken);

    private Task CableAsync(CancellationToken cancellationToken)
    {
        var (lan, trunk) = (Switch.Cable("lan", Number), Switch.Cable("trunk", Number));
        return Tool.ShellAsync(
            $"""
            ip link add {lan} type veth peer name eth0 netns {_first}
            ip link add {trunk} type veth peer name eth1 netns {_first}
            ip link set {lan} master br-lan up
            ip link set {trunk} master br-trunk up
            nsenter --target {_first} --net sh -euc '
                ip addr add {Address}/24 dev eth0
                ip addr add {Address6}/64 dev eth0 nodad
                ip link set eth0 up
                ip link set eth1 up'
            """,
            cancellationToken);
    }
}
