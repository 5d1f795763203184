using System.Diagnostics;
using System.Globalization;
using Networking.Netlab.Hosts;

namespace Networking.Netlab.Providers;

/// <summary>A virtual machine. Scripts go in by a shared folder; a channel says which one is next, and which one has ended.</summary>
internal sealed class QemuHost(int number, LabPaths paths, string share) : LabHost(number, s_patience), IAsyncDisposable
{
    private const string DiskSize = "3G"; // sparse
    private const int MemoryMib = 768;

    // A counter whose pace the kernel has to find out by measuring is wrong by several times if others had the processor
    // meanwhile, and every timeout with it. The HPET says how fast it is.
    private const string Clock = "notsc clocksource=hpet nolapic_timer";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(300);
    private static readonly TimeSpan s_bootMax = TimeSpan.FromMinutes(15);
    private static readonly string[] s_bridges = ["lan", "trunk"];
    private readonly SemaphoreSlim _one = new(1); // a machine does one thing after the other
    private readonly string _disk = Path.Combine(paths.Place, $"h{number}.disk");
    private readonly string _console = Path.Combine(paths.Place, $"h{number}.console");
    private readonly string _socket = Path.Combine(paths.Place, $"h{number}.channel");
    private Process? _machine;
    private MachineChannel? _channel;
    private int _scripts;

    protected override string Prelude => $"export LAB_INIT={Init}";

    private static string Init => QemuProvider.HasSystemd ? "systemd" : "plain";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var (lan, trunk) = (Switch.Cable("lan", Number), Switch.Cable("trunk", Number));
        await Tool.ShellAsync(
            $"""
            truncate -s {DiskSize} {_disk}
            mkfs.ext4 -q -F -E lazy_itable_init=1,lazy_journal_init=1 -O ^metadata_csum {_disk}
            for cable in {lan}:br-lan {trunk}:br-trunk; do
                ip tuntap add "$(echo "$cable" | cut -d: -f1)" mode tap
                ip link set "$(echo "$cable" | cut -d: -f1)" master "$(echo "$cable" | cut -d: -f2)" up
            done
            """,
            cancellationToken);
        await BootAsync(cancellationToken);
    }

    public override async Task RebootAsync(CancellationToken cancellationToken)
    {
        // The machine ends instead of starting again (-no-reboot), so that nobody takes the old one for the new one.
        _ = await TryRunAsync(QemuProvider.HasSystemd ? "systemctl --no-block reboot" : "sync; echo b >/proc/sysrq-trigger", cancellationToken);
        await EndedAsync(cancellationToken);
        await BootAsync(cancellationToken);
    }

    public override async Task CutPowerAsync(CancellationToken cancellationToken)
    {
        _machine!.Kill(); // started
        await EndedAsync(cancellationToken);
        await BootAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_machine is { HasExited: false })
        {
            _machine.Kill();
            await _machine.WaitForExitAsync(CancellationToken.None);
        }

        _machine?.Dispose();
        _channel?.Dispose();
        _one.Dispose();
    }

    protected override async Task<Output> ExecuteAsync(string script, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            var file = Path.Combine(share, (++_scripts).ToString(CultureInfo.InvariantCulture));
            await File.WriteAllTextAsync(file + ".sh", script, cancellationToken);
            try
            {
                await _channel!.WriteAsync(_scripts, cancellationToken); // booted
                await _channel.DoneAsync(_scripts, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return new Output(Output.TimedOut, "not done in time; so far:\n" + await ReadAsync(file + ".out"));
            }
            catch (IOException)
            {
                return new Output(Output.TimedOut, "the machine ended meanwhile:\n" + await ReadAsync(file + ".out"));
            }

            return new Output(int.Parse(await ReadAsync(file + ".code"), CultureInfo.InvariantCulture), await ReadAsync(file + ".out"));
        }
        finally
        {
            _ = _one.Release();
        }
    }

    private static async Task<string> ReadAsync(string path) =>
        File.Exists(path) ? await File.ReadAllTextAsync(path, CancellationToken.None) : string.Empty;

    private async Task BootAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_bootMax);
        File.Delete(_socket);
        _machine = Tool.Start("qemu-system-x86_64", Arguments(), _console);
        try
        {
            _channel = await MachineChannel.OpenAsync(_socket, limit.Token);
            await _channel.ReadyAsync(limit.Token);
            var output = await ExecuteAsync(Cabling, limit.Token);
            if (!output.IsDone)
            {
                throw new LabException($"host {Name} has no network: {output.Text}");
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && !cancellationToken.IsCancellationRequested)
        {
            throw new LabException($"host {Name} did not come up; its console:\n{await ReadAsync(_console)}", e);
        }
    }

    private async Task EndedAsync(CancellationToken cancellationToken)
    {
        await _machine!.WaitForExitAsync(cancellationToken); // started
        _machine.Dispose();
        _channel!.Dispose(); // booted
    }

    private IEnumerable<string> Arguments()
    {
        var release = File.ReadAllText(Path.Combine(paths.Kernel, "version")).Trim();
        var modules = Path.Combine(paths.Kernel, "tree", "lib", "modules");
        string[] words =
        [
            "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "1", "-m", MemoryMib.ToString(CultureInfo.InvariantCulture),
            "-nodefaults", "-no-user-config", "-nographic", "-no-reboot", "-serial", "stdio",
            "-kernel", Path.Combine(paths.Kernel, "vmlinux"), "-initrd", Path.Combine(paths.Kernel, "initrd"),
            "-append", $"console=ttyS0 quiet panic=-1 mitigations=off nokaslr {Clock} random.trust_cpu=on net.ifnames=0 systemd.show_status=0 lab.name={Name} lab.init={Init} lab.modules={modules} lab.release={release}",
            "-virtfs", "local,path=/,mount_tag=tree,security_model=none,readonly=on,multidevs=remap",
            "-virtfs", $"local,path={share},mount_tag=share,security_model=none",
            "-drive", $"file={_disk},if=none,id=disk,format=raw,cache=writeback", "-device", "virtio-blk-pci,drive=disk",
            "-device", "virtio-rng-pci", "-device", "virtio-serial-pci",
            "-chardev", $"socket,id=channel,path={_socket},server=on,wait=off", "-device", "virtserialport,chardev=channel,name=lab",
        ];
        return words.Concat(s_bridges.SelectMany((bridge, at) => new[]
        {
            "-netdev", $"tap,id=n{at},ifname={Switch.Cable(bridge, Number)},script=no,downscript=no",
            "-device", string.Create(CultureInfo.InvariantCulture, $"virtio-net-pci,netdev=n{at},mac=52:54:00:90:{at:x2}:{Number:x2},romfile="),
        }));
    }
}
