using System.Collections.Immutable;
using Networking.Netlab.Hosts;
using Networking.Netlab.Scenarios;

namespace Networking.Netlab.Running;

/// <summary>Brings netd onto hosts, as a user would: from its packages.</summary>
internal static class Installation
{
    /// <summary>Installs on all hosts at once.</summary>
    /// <param name="hosts">Where.</param>
    /// <param name="plant">A fault that netd gets after the installation (tests/planted), or null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="LabException">A host did not get it.</exception>
    public static Task RunAsync(ImmutableArray<LabHost> hosts, string? plant, CancellationToken cancellationToken) =>
        Task.WhenAll(hosts.Select(h => OnAsync(h, plant, cancellationToken)));

    private static async Task OnAsync(LabHost host, string? plant, CancellationToken cancellationToken)
    {
        var output = await host.TryRunAsync(
            host.HasNetd ? "eventually answers" : PackageScenarios.Files + "\ninstall_packages \"$new\"", cancellationToken);
        if (output.IsDone && plant is not null)
        {
            output = await host.TryRunAsync(
                $"install -m 755 /lab/netd-planted /usr/lib/netd/netd; echo {plant} >/usr/lib/netd/plant; service_restart", cancellationToken);
        }

        if (!output.IsDone)
        {
            throw new LabException($"host {host.Name} did not get netd:\n{output.Text}");
        }
    }
}
