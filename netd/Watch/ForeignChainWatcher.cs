using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Control;
using Networking.Netd.Firewall;

namespace Networking.Netd.Watch;

/// <summary>
/// Looks which forward chains of others drop by default, at start and whenever one of them changed: Docker may start after
/// us. What it finds becomes intent of the node, which puts one rule of ours into each, and takes it out again.
/// </summary>
internal sealed class ForeignChainWatcher(IFeatureProbe features, IntentActor actor, ReconcilerListener listener, ILogger logger)
{
    /// <summary>The chains that a rule of ours may stand in.</summary>
    public static async Task<ImmutableArray<ForeignChain>> ReadAsync(
        IFeatureProbe features, FirewallChoice firewall, CancellationToken cancellationToken) =>
        [.. ForeignObstacles.Of(firewall, await features.ForeignForwardDropsAsync(cancellationToken))];

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var news in listener.ForeignChanges.ReadAllAsync(cancellationToken))
        {
            try
            {
                _ = await actor.SubmitAsync(new SetForeignChains(await ReadAsync(features, actor.State.Firewall, cancellationToken)), cancellationToken);
            }
            catch (KernelException e)
            {
                Log.ForeignChainsUnread(logger, e.Message); // the next change, or netctl doctor, looks again
            }
        }
    }
}
