using Networking.Model.Api;
using Networking.Netd.Ipam;

namespace Networking.Netd.Control;

/// <summary>Who holds which subnets and addresses, and what of the host stands in the way: read afresh each time.</summary>
internal sealed partial class NetworkController
{
    public async Task<IpamDocument> ListSubnetsAsync(CancellationToken cancellationToken)
    {
        var state = State;
        var (_, obstacles) = await ObstaclesAsync(state, cancellationToken);
        return IpamDocuments.Of(state, obstacles, time.GetUtcNow());
    }

    public async Task<IpamNetworkDocument> ListAddressesAsync(string reference, CancellationToken cancellationToken)
    {
        var state = State;
        var network = Lookup.Network(state, reference, out var refusal) ?? throw new RefusedException(refusal!); // not found always says why
        var (_, obstacles) = await ObstaclesAsync(state, cancellationToken);
        return IpamDocuments.Of(state, network, obstacles, time.GetUtcNow());
    }

    public async Task<IpamWhyDocument> WhyAddressAsync(string address, CancellationToken cancellationToken)
    {
        var state = State;
        var (facts, obstacles) = await ObstaclesAsync(state, cancellationToken);
        return new AddressInquiry(state, facts, obstacles, time.GetUtcNow()).Answer(address);
    }

    private async Task<(Kernel.HostFacts Facts, HostObstacles Obstacles)> ObstaclesAsync(NodeState state, CancellationToken cancellationToken)
    {
        var facts = await host.ReadAsync([], cancellationToken);
        return (facts, HostObstacles.Of(facts, HostResolvers.Read(paths.ResolvConf)).Beside(state.SubnetsOn));
    }
}
