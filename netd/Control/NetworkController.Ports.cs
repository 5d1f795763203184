using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model;
using Networking.Netd.Ports;

namespace Networking.Netd.Control;

/// <summary>Ports of the host that requests claim, keep and give back.</summary>
internal sealed partial class NetworkController
{
    // With a problem nothing stays bound.
    private async Task<ClaimedPorts> ClaimPortsAsync(
        NodeState state, NetworkEntry network, EndpointSpec spec, List<Problem> problems, CancellationToken cancellationToken, Predicate<PortClaim>? isKept = null)
    {
        if (spec.Publish.IsEmpty)
        {
            return ClaimedPorts.None;
        }

        if (network.Traits.PortsAreDiscarded is { } why)
        {
            return ClaimedPorts.None with { Warnings = [$"published ports are discarded: {why}"] };
        }

        if (!MayPublish(state, problems))
        {
            return ClaimedPorts.None;
        }

        var foreign = new ForeignPorts(await features.ForeignTranslationsAsync(cancellationToken));
        return portClerk.Claim(state, network.Record, spec, foreign, problems, isKept);
    }

    // A request beside this one may have removed the endpoint by now, and its scope be gone: then nobody else gives them back.
    private async Task KeepPortsAsync(EndpointRecord endpoint, ImmutableArray<IPortReservation> reservations, long? changedAt = null)
    {
        if (changedAt is { } revision)
        {
            portKeeper.Change(endpoint, revision);
        }

        portKeeper.Keep(endpoint, reservations);
        var scope = ScopeId.Of(endpoint.Id);
        if (!State.Endpoints.ContainsKey(endpoint.Id) && !reconciler.Statuses.ContainsKey(scope))
        {
            await portKeeper.ReleaseAsync(scope);
        }
    }

    // At once and not only when the news comes round: whoever asks next may want the same ports.
    private async Task ReleasePortsAsync(IEnumerable<EndpointRecord> endpoints)
    {
        foreach (var scope in endpoints.Select(static e => ScopeId.Of(e.Id)).Where(s => !reconciler.Statuses.ContainsKey(s)))
        {
            await portKeeper.ReleaseAsync(scope);
        }
    }

    /// <summary>
    /// The scope of an endpoint is gone, and nothing translates its ports any more; or it has come to what was asked, and nothing
    /// translates those that were taken back.
    /// </summary>
    public Task SettlePortsAsync(ScopeId endpoint) =>
        reconciler.Statuses.ContainsKey(endpoint) ? FollowPortsAsync(endpoint) : portKeeper.ReleaseAsync(endpoint);

    // If the kernel is not there yet, the news that it is comes round.
    private Task FollowPortsAsync(ScopeId endpoint) =>
        reconciler.Statuses.TryGetValue(endpoint, out var status) && status.IsDone
            ? portKeeper.FollowAsync(endpoint, status.Revision, id => State.Endpoints.GetValueOrDefault(id))
            : Task.CompletedTask;
}
