using System.Diagnostics;
using System.Globalization;
using Networking.Netlab.Hosts;

namespace Networking.Netlab.Providers;

/// <summary>A machine of Vagrant's. Scripts go in by ssh, over one connection that is kept as long as the machine is up.</summary>
/// <param name="number">1 for the first.</param>
/// <param name="config">What `vagrant ssh-config` said.</param>
/// <param name="place">Beginning of the names of this host's files.</param>
internal sealed class VagrantHost(int number, string config, string place) : LabHost(number, Slow(300, 60)), IDisposable
{
    // libvirt's name for it: the folder of the Vagrantfile, and the machine.
    private const string Prefix = "netlab-vagrant_";

    private static readonly TimeSpan s_bootMax = Slow(900, 300);
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_loginMax = Slow(60, 15);
    private readonly string _door = place + ".door";
    private Process? _connection;
    private string _lan = "eth1"; // eth0 is Vagrant's own
    private string _trunk = "eth2";

    public override string Lan => _lan;

    public override string Trunk => _trunk;

    public override bool HasNetd => true;

    protected override string Prelude => "export LAB_INIT=systemd";

    /// <summary>Finds out what interfaces are called on a machine that has just come up, and readies them.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        Connect();
        var output = await ExecuteAsync(
            $$"""
            set -eu
            ip -o -4 addr | awk '$4 == "{{Address}}/24" { print $2 }' | head -n 1
            for device in /sys/class/net/*/device; do
                name=${device%/device}; name=${name##*/}
                if [ -z "$(ip -o -4 addr show dev "$name")" ]; then echo "$name"; fi
            done | head -n 1
            """,
            cancellationToken);
        if (!output.IsDone || output.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries) is not [var lan, var trunk])
        {
            throw new LabException($"host {Name} has not the interfaces of the Vagrantfile: {output.Text}");
        }

        (_lan, _trunk) = (lan, trunk);
        await CableAsync(cancellationToken);
    }

    public override async Task RebootAsync(CancellationToken cancellationToken)
    {
        var before = await BootAsync(cancellationToken);
        _ = await ExecuteAsync("systemctl --no-block reboot", cancellationToken);
        await ReturnedAsync(before, cancellationToken);
    }

    public override async Task CutPowerAsync(CancellationToken cancellationToken)
    {
        await Tool.ShellAsync($"virsh -q -c qemu:///system destroy {Prefix}{Name}; virsh -q -c qemu:///system start {Prefix}{Name}", cancellationToken);
        await ReturnedAsync(string.Empty, cancellationToken);
    }

    public void Dispose() => Disconnect();

    protected override Task<Output> ExecuteAsync(string script, CancellationToken cancellationToken) =>
        Tool.RunAsync("ssh", Ssh("-n", "-S", _door, Name, Command(script)), cancellationToken);

    /// <summary>A command for the machine's own shell that runs a script as root.</summary>
    public static string Command(string script) =>
        $"sudo -n env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb bash -c {Quoted(script)} 2>&1";

    private static string Quoted(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static TimeSpan Slow(int emulated, int otherwise) => TimeSpan.FromSeconds(VagrantProvider.IsEmulated ? emulated : otherwise);

    private string[] Ssh(params string[] words) =>
        ["-F", config, "-o", "LogLevel=ERROR", "-o", string.Create(CultureInfo.InvariantCulture, $"ConnectTimeout={(int)s_loginMax.TotalSeconds}"), .. words];

    // Where each instruction is emulated a login takes seconds. Without this connection each script logs in by itself.
    private void Connect()
    {
        Disconnect();
        _connection = Tool.Start("ssh", Ssh("-M", "-N", "-S", _door, "-o", "ServerAliveInterval=60", Name), place + ".ssh");
    }

    private void Disconnect()
    {
        if (_connection is { HasExited: false })
        {
            _connection.Kill();
            _connection.WaitForExit();
        }

        _connection?.Dispose();
        _connection = null;
        File.Delete(_door);
    }

    private async Task CableAsync(CancellationToken cancellationToken)
    {
        var output = await ExecuteAsync(Cabling, cancellationToken);
        if (!output.IsDone)
        {
            throw new LabException($"host {Name} has no network: {output.Text}");
        }
    }

    // The boot that the machine is in; empty if it does not answer.
    private async Task<string> BootAsync(CancellationToken cancellationToken)
    {
        var output = await ExecuteAsync("cat /proc/sys/kernel/random/boot_id", cancellationToken);
        return output.IsDone ? output.Text.Trim() : string.Empty;
    }

    private async Task ReturnedAsync(string before, CancellationToken cancellationToken)
    {
        Disconnect(); // what was connected is no more, and would be waited for
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_bootMax);
        try
        {
            while (await BootAsync(limit.Token) is var now && (now.Length == 0 || now == before))
            {
                await Task.Delay(s_look, limit.Token);
            }
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new LabException($"host {Name} did not come back within {s_bootMax.TotalMinutes} minutes", e);
        }

        Connect();
        await CableAsync(cancellationToken);
    }
}
