using System.Collections.Immutable;
using Networking.Netd.Control;
using Networking.Netd.Ipam;
using Networking.Netd.Purge;

namespace Networking.Netd;

/// <summary>The end of an installation: everything that the daemon put into the kernel is taken out again.</summary>
internal sealed partial class Daemon
{
    private static readonly TimeSpan s_purgePatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_purgeLook = TimeSpan.FromMilliseconds(100);

    /// <summary>What <see cref="PurgeAsync"/> would take away; reads the store, and what this host has for a firewall.</summary>
    public async Task<ImmutableArray<string>> InventoryAsync(CancellationToken cancellationToken)
    {
        var bootId = (await File.ReadAllTextAsync("/proc/sys/kernel/random/boot_id", cancellationToken)).Trim();
        var state = await new StateLoader(
            new ForgetfulStore(_ports.Store), _ports.Namespaces, new RandomIdSource(), bootId, AddressRules.Of(_options), _time.GetUtcNow()).LoadAsync(cancellationToken);
        return Inventory.Lines(await WithOthersAsync(state, cancellationToken));
    }

    /// <summary>
    /// Adopts what stands, as a start does, removes all networks and sandboxes by the same code as a request would, and
    /// returns when the kernel has nothing of ours and the values from before are put back. Nothing is served meanwhile.
    /// </summary>
    /// <exception cref="TimeoutException">Something could not be taken away in time; the message says what and why.</exception>
    public async Task PurgeAsync(CancellationToken cancellationToken)
    {
        var controller = await AdoptAsync(cancellationToken);
        var options = new RequestOptions(IsDryRun: false, s_purgePatience);
        foreach (var network in controller.State.Networks.Values.Where(static n => !n.Traits.IsPredefined).OrderBy(static n => n.Name, StringComparer.Ordinal))
        {
            _ = await controller.RemoveNetworkAsync(network.Record.Id.Value, isForced: true, options, cancellationToken);
        }

        foreach (var sandbox in controller.State.Sandboxes.Values.Where(static s => !s.Record.IsRemoving).OrderBy(static s => s.Record.Name, StringComparer.Ordinal))
        {
            try
            {
                _ = await controller.RemoveSandboxAsync(sandbox.Record.Id.Value, isForced: true, options, cancellationToken);
            }
            catch (RefusedException)
            {
                // One of somebody else's goes by itself with its last endpoint.
            }
        }

        var start = _time.GetTimestamp();
        while (await RestAsync(controller) is { Length: > 0 } rest)
        {
            if (_time.GetElapsedTime(start) > s_purgePatience)
            {
                throw new TimeoutException(
                    $"not everything could be taken away in {s_purgePatience.TotalSeconds} s; still there: {string.Join("; ", rest)}. Mend that and start netd --purge again");
            }

            await Task.Delay(s_purgeLook, _time, cancellationToken);
        }
    }

    private async Task<string[]> RestAsync(NetworkController controller)
    {
        await _reconciler!.QuietAsync(); // adopted
        var plans = await _reconciler.DiffAsync();
        var state = controller.State;
        return
        [
            .. plans.SelectMany(static p => p.Plan.Operations).Select(static o => o.ToString()),
            .. state.Networks.Values.Where(static n => !n.Traits.IsPredefined).Select(static n => $"network {n.Name}"),
            .. state.Sandboxes.Values.Select(static s => $"sandbox {s.Record.Name}"),
            .. state.Node.OriginalSysctls.Keys.Select(static k => $"sysctl {k}"),
            .. _reconciler.Statuses.Where(static s => !s.Value.IsDone).Select(static s => $"{s.Key}: {s.Value.Reason}"),
        ];
    }
}
