using System.Collections.Immutable;
using System.Diagnostics;

namespace Networking.Netlab.Providers;

/// <summary>
/// Virtual machines with Debian's own kernel, by software emulation, so that they need nothing of the machine below. This
/// machine's tree is theirs to read; what they write is on a disk of their own, which outlives a reboot.
/// </summary>
internal sealed class QemuProvider(LabPaths paths) : LabProvider(paths)
{
    public override string Name => "qemu";

    public override ImmutableHashSet<string> Features { get; } = HasSystemd
        ? ["packages", "cables", "reboot", "power", "systemd"]
        : ["packages", "cables", "reboot", "power"];

    // Each step of emulation costs ten to twenty of the machine's own, and the machine may be busy.
    public override TimeSpan ScenarioMax => TimeSpan.FromMinutes(20);

    /// <summary>Whether machines run systemd; it is taken from this machine's tree.</summary>
    public static bool HasSystemd => File.Exists("/lib/systemd/systemd");

    public override async Task StartAsync(int count, TextWriter output, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        await Switch.OpenAsync(cancellationToken);
        Hosts = [.. Enumerable.Range(1, count).Select(i => new QemuHost(i, Paths, Share(i)))];
        await Task.WhenAll(Hosts.Select(h => UpAsync(h, ((QemuHost)h).StartAsync(cancellationToken), clock, output)));
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var host in Hosts)
        {
            await ((QemuHost)host).DisposeAsync();
        }
    }
}
