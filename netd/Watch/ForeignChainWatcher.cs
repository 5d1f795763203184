using Networking.Kernel;
using Networking.Netd.Control;
using Networking.Netd.Firewall;
using IHost = Networking.Kernel.IHost;

namespace Networking.Netd.Watch;

/// <summary>
/// Looks which forward chains of others drop by default, and for which interfaces others forward, whenever one of them
/// changed: Docker may start after us. What it finds becomes intent of the node.
/// </summary>
internal sealed class ForeignChainWatcher(IFeatureProbe features, IHost host, IntentActor actor, ReconcilerListener listener, TimeProvider time, ILogger logger)
{
    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var news in listener.ForeignChanges.ReadAllAsync(cancellationToken))
        {
            try
            {
                await UntilTaken.RunAsync(() => LookAsync(cancellationToken), "forward chains of others", time, logger, cancellationToken);
            }
            catch (KernelException e)
            {
                Log.ForeignChainsUnread(logger, e.Message); // the next change, or netctl doctor, looks again
            }
        }
    }

    // What it finds is not stored, but may be refused with what it is committed together with.
    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var found = await ForeignForwarding.ReadAsync(features, host, actor.State.Firewall, actor.State.AsksForeignChains, cancellationToken);
        _ = await actor.SubmitAsync(new SetForeignChains(found), cancellationToken);
    }
}
