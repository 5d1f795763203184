using Networking.Kernel;
using Networking.Netd.Control;

namespace Networking.Netd.Watch;

/// <summary>
/// Notices that the owner of a sandbox is gone: its process ended, or its path leads nowhere or elsewhere. A look costs
/// one stat a sandbox, so thousands are looked at every round.
/// </summary>
internal sealed class OwnerWatcher(NetworkController controller, INamespaces namespaces, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan s_round = TimeSpan.FromSeconds(1);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_round, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            foreach (var sandbox in controller.State.Sandboxes.Values)
            {
                if (!sandbox.Record.IsRemoving && !(namespaces.IsAlive(sandbox.Record.Namespace) && ProcessOwner.IsAlive(sandbox.Record)))
                {
                    var record = sandbox.Record;
                    await UntilTaken.RunAsync(() => controller.OwnerGoneAsync(record.Id), $"the owner of sandbox {record.Name} is gone", time, logger, cancellationToken);
                }
            }
        }
    }
}
