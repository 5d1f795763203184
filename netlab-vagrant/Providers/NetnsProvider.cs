using System.Collections.Immutable;

namespace Networking.Netlab.Providers;

/// <summary>
/// Hosts that are sets of namespaces on this kernel, each with a tree of its own over this machine's: they start in a moment,
/// and can do what this kernel can. They share its boot, so they cannot reboot.
/// </summary>
internal sealed class NetnsProvider(LabPaths paths) : LabProvider(paths)
{
    public override string Name => "netns";

    public override ImmutableHashSet<string> Features { get; } = ["packages", "cables"];

    public override TimeSpan ScenarioMax => TimeSpan.FromMinutes(5);

    public override async Task StartAsync(int count, TextWriter output, CancellationToken cancellationToken)
    {
        await Switch.OpenAsync(cancellationToken);
        var hosts = new List<NetnsHost>();
        for (var i = 1; i <= count; i++)
        {
            hosts.Add(await NetnsHost.StartAsync(i, Path.Combine(Paths.Place, $"h{i}"), Share(i), cancellationToken));
            Hosts = [.. hosts];
        }
    }

    public override ValueTask DisposeAsync()
    {
        foreach (var host in Hosts)
        {
            ((NetnsHost)host).Dispose();
        }

        return ValueTask.CompletedTask;
    }
}
