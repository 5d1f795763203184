using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Networking.Netlab.Hosts;

namespace Networking.Netlab.Providers;

/// <summary>
/// Machines that Vagrant makes of a box, by netlab-vagrant/Vagrantfile and libvirt: what users have who try netd on machines.
/// netlab-vagrant/netlab has chosen box, kernel and libvirtd and says so in the environment; Vagrant installs netd.
/// </summary>
internal sealed class VagrantProvider(LabPaths paths) : LabProvider(paths)
{
    public override string Name => "vagrant";

    public override ImmutableHashSet<string> Features { get; } = ["packages", "reboot", "power", "systemd"];

    public override TimeSpan ScenarioMax => TimeSpan.FromMinutes(20);

    /// <summary>Whether machines have no help of the processor.</summary>
    public static bool IsEmulated => Environment.GetEnvironmentVariable("NETLAB_DRIVER") == "qemu";

    public override async Task StartAsync(int count, TextWriter output, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var share = Share(0); // the same for all
        var config = Path.Combine(Paths.Place, "ssh-config");
        Hosts = [.. Enumerable.Range(1, count).Select(i => new VagrantHost(i, config, Path.Combine(Paths.Place, $"h{i}")))];
        await output.WriteLineAsync($"Vagrant makes them; what it says: {Paths.VagrantLog}");
        await VagrantAsync(Paths.VagrantLog, share, ["up", "--no-tty", "--provider", "libvirt"], cancellationToken);
        var said = Path.Combine(Paths.Place, "ssh-config.said");
        await VagrantAsync(said, share, ["ssh-config"], cancellationToken);
        await File.WriteAllTextAsync(config, SshConfig(await File.ReadAllTextAsync(said, cancellationToken)), cancellationToken);
        await Task.WhenAll(Hosts.Select(h => UpAsync(h, ((VagrantHost)h).OpenAsync(cancellationToken), clock, output)));
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var host in Hosts)
        {
            ((VagrantHost)host).Dispose();
        }

        if (!Hosts.IsEmpty)
        {
            try
            {
                await VagrantAsync(Paths.VagrantLog, string.Empty, ["destroy", "--force", "--no-tty"], CancellationToken.None);
            }
            catch (LabException e)
            {
                await Console.Error.WriteLineAsync($"netlab: {e.Message}"); // what came before matters more
            }
        }
    }

    /// <summary>The settings for ssh in what `vagrant ssh-config` said, without its remarks about the Vagrantfile.</summary>
    public static string SshConfig(string text) => string.Concat(
        text.Split('\n')
            .Where(static l => l.StartsWith("Host ", StringComparison.Ordinal) || l.StartsWith("  ", StringComparison.Ordinal))
            .Select(static l => l + "\n"));

    // What Vagrant says can be read while it works: to make machines takes minutes where they are emulated.
    private async Task VagrantAsync(string log, string share, string[] words, CancellationToken cancellationToken)
    {
        var count = Hosts.Length.ToString(CultureInfo.InvariantCulture);
        string[] command = ["env", $"NETLAB_HOSTS={count}", $"NETLAB_SHARE={share}", "vagrant", .. words];
        var output = await Tool.RunAsync(
            "sh", ["-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1 </dev/null", "sh", log, .. command], cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        if (!output.IsDone)
        {
            var said = await File.ReadAllTextAsync(log, cancellationToken);
            throw new LabException($"vagrant {words[0]} failed, code {output.Code} (all it said: {log}):\n{Tail(said)}");
        }
    }

    private static string Tail(string text) => string.Join('\n', text.TrimEnd().Split('\n').TakeLast(20));
}
