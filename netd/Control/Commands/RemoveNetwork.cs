using System.Collections.Immutable;
using Networking.Drivers;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>Takes a network back. With endpoints on it, only by force, and then with all of them.</summary>
internal sealed record RemoveNetwork(string Reference, bool IsForced) : IIntentCommand<RemovedNetwork>
{
    private const int NamedMax = 5;

    public Durability Durability => Durability.Disk;

    public Decision<RemovedNetwork> Decide(NodeState state)
    {
        if (Lookup.Network(state, Reference, out var refusal) is not { } network)
        {
            return Decision<RemovedNetwork>.Refused(refusal!); // not found always says why
        }

        if (network.Traits.IsPredefined)
        {
            return Decision<RemovedNetwork>.Refused(Refusal.Of(
                409, "network.predefined", null, $"network {network.Name} is predefined and cannot be removed", "netctl disconnect takes sandboxes off it"));
        }

        var endpoints = network.EndpointNames.Values.Select(id => state.Endpoints[id]).OrderBy(static e => e.Name, StringComparer.Ordinal).ToImmutableArray();
        if (!IsForced && !endpoints.IsEmpty)
        {
            return Decision<RemovedNetwork>.Refused(InUse(state, network, endpoints));
        }

        var next = state;
        var change = new StoreChange();
        var touched = Touched.Nothing;
        foreach (var endpoint in endpoints)
        {
            (next, change, touched) = EndpointLeaves.Apply(next, change, touched, endpoint.Id, now: null);
        }

        var after = Without(next, next.Networks[network.Record.Id]);
        return Decision<RemovedNetwork>.Granted(
            after,
            change with { RemovedNetworks = [network.Record.Id] },
            touched.With(new Touched
            {
                Node = CreateNetwork.NodeChanged(state, after),
                Parents = ParentLinks.Of(network.Record, network.Traits),
                Networks = [network.Record.Id],
            }),
            new RemovedNetwork(network.Record, endpoints));
    }

    /// <summary>The state without a network; its endpoints are gone already.</summary>
    public static NodeState Without(NodeState state, NetworkEntry network)
    {
        var (record, traits) = (network.Record, network.Traits);
        return WithOwed(state, record, traits) with
        {
            Revision = state.Revision + 1,
            Networks = state.Networks.Remove(record.Id),
            NetworkNames = state.NetworkNames.Remove(network.Name),
            LinkNames = traits.Parent is null ? state.LinkNames.Remove(record.LinkName) : state.LinkNames,
            Parents = state.Parents.Release(record, traits),
            Subnets = record.Subnets.Aggregate(state.Subnets, static (plan, subnet) => plan.Release(subnet.Prefix)),
            Routed = state.Routed - (traits.IsRoutedByHost ? 1 : 0),
            Forwarding4 = state.Forwarding4 - (HostSysctls.NeedsForwarding4(record, traits) ? 1 : 0),
            Forwarding6 = state.Forwarding6 - (HostSysctls.NeedsForwarding6(record, traits) ? 1 : 0),
        };
    }

    /// <summary>The state in which a network's scope puts back what the network had needed of an adopted device, should nobody need it now.</summary>
    public static NodeState WithOwed(NodeState state, NetworkRecord before, NetworkTraits traits) =>
        HostSysctls.OfAdopted(before, traits) is { } path && state.Node.OriginalSysctls.ContainsKey(path) ? state with { Owed = state.Owed.SetItem(path, ScopeId.Of(before.Id)) } : state;

    private static Refusal InUse(NodeState state, NetworkEntry network, ImmutableArray<EndpointRecord> endpoints)
    {
        var owners = endpoints.Select(e => $"{e.Name} in sandbox {state.Sandboxes[e.SandboxId].Record.Name}");
        return Refusal.Of(
            409,
            "network.in-use",
            null,
            $"network {network.Name} has {endpoints.Length} endpoint{(endpoints.Length == 1 ? string.Empty : "s")}: {FirstOf.Text(owners, endpoints.Length, NamedMax)}",
            DisconnectHint.Of(state, endpoints, $"netctl rm --force {network.Name}"));
    }
}

/// <summary>What was taken back.</summary>
internal sealed record RemovedNetwork(NetworkRecord Network, ImmutableArray<EndpointRecord> Endpoints);
