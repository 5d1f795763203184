using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Networking.Netlab.Hosts;

namespace Networking.Netlab.Providers;

/// <summary>Makes hosts of one kind. Nothing of them outlives the place that the lab stands in.</summary>
internal abstract class LabProvider(LabPaths paths) : IAsyncDisposable
{
    public abstract string Name { get; }

    /// <summary>What its hosts can do beyond what every host can; the rest is found out on a host (<see cref="Features"/>).</summary>
    public abstract ImmutableHashSet<string> Features { get; }

    /// <summary>How long one scenario may take here before it has failed.</summary>
    public abstract TimeSpan ScenarioMax { get; }

    public ImmutableArray<LabHost> Hosts { get; protected set; } = [];

    protected LabPaths Paths { get; } = paths;

    /// <summary>Makes the hosts, with addresses and without netd; where that takes its time, each is told of when it is up.</summary>
    public abstract Task StartAsync(int count, TextWriter output, CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();

    /// <summary>Waits for a host, and says how long all has taken.</summary>
    protected static async Task UpAsync(LabHost host, Task starting, Stopwatch clock, TextWriter output)
    {
        await starting;
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{host.Name} is up after {clock.Elapsed.TotalSeconds:0} s"));
    }

    // A folder that a host sees as /lab.
    protected string Share(int number)
    {
        var share = Path.Combine(Paths.Place, $"h{number}-share");
        var guest = Path.Combine(share, "guest");
        _ = Directory.CreateDirectory(guest);
        foreach (var file in Directory.GetFiles(Path.Combine(Paths.Repository, "netlab-vagrant", "guest")))
        {
            File.Copy(file, Path.Combine(guest, Path.GetFileName(file)), overwrite: true);
        }

        foreach (var file in Directory.GetFiles(Paths.Packages, "*.deb"))
        {
            File.Copy(file, Path.Combine(share, Path.GetFileName(file)), overwrite: true);
        }

        if (File.Exists(Paths.Planted))
        {
            File.Copy(Paths.Planted, Path.Combine(share, "netd-planted"), overwrite: true);
        }

        return share;
    }
}
