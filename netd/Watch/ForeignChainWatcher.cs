using Networking.Kernel;
using Networking.Netd.Control;
using Networking.Netd.Firewall;
using IHost = Networking.Kernel.IHost;

namespace Networking.Netd.Watch;

/// <summary>
/// Looks which forward chains of others drop by default, and for which interfaces others forward, whenever one of them
/// changed: Docker may start after us. What it finds becomes intent of the node.
/// </summary>
internal sealed class ForeignChainWatcher(IFeatureProbe features, IHost host, IntentActor actor, ReconcilerListener listener, ILogger logger)
{
    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var news in listener.ForeignChanges.ReadAllAsync(cancellationToken))
        {
            try
            {
                var found = await ForeignForwarding.ReadAsync(features, host, actor.State.Firewall, actor.State.AsksForeignChains, cancellationToken);
                _ = await actor.SubmitAsync(new SetForeignChains(found), cancellationToken);
            }
            catch (KernelException e)
            {
                Log.ForeignChainsUnread(logger, e.Message); // the next change, or netctl doctor, looks again
            }
        }
    }
}
