using Networking.Model;
using Networking.Netd.Control;

namespace Networking.Netd.Tests.Control;

/// <summary>Faults of commands that histories must find: what a claim leaves behind, or forgets.</summary>
public enum PlantedClaim
{
    None,

    /// <summary>The host ports of an endpoint that goes stay held.</summary>
    PortNotReleased,

    /// <summary>The addresses of an endpoint that goes stay leased.</summary>
    LeaseNotReleased,

    /// <summary>The subnets of a network that goes stay held.</summary>
    SubnetNotReleased,

    /// <summary>The interface below a macvlan that goes stays in use.</summary>
    ParentNotReleased,

    /// <summary>A new endpoint's addresses are not leased, and are free for the next one.</summary>
    LeaseNotTaken,

    /// <summary>The store still has an endpoint that went: the next start brings it back.</summary>
    StaleRecord,
}

/// <summary>Stands between what a command decides and the state and store that take it, in tests alone.</summary>
internal static class PlantedClaims
{
    /// <summary>The state as a command with this fault would have left it.</summary>
    public static NodeState Twist(this PlantedClaim plant, NodeState before, NodeState next)
    {
        var endpointGoes = before.Endpoints.Keys.Any(id => !next.Endpoints.ContainsKey(id));
        var networkGoes = before.Networks.Keys.Any(id => !next.Networks.ContainsKey(id));
        return plant switch
        {
            PlantedClaim.PortNotReleased when endpointGoes => next with { HostPorts = before.HostPorts },
            PlantedClaim.SubnetNotReleased when networkGoes => next with { Subnets = before.Subnets },
            PlantedClaim.ParentNotReleased when networkGoes => next with { Parents = before.Parents },
            PlantedClaim.LeaseNotReleased when endpointGoes => WithLeasesOf(before, next),
            PlantedClaim.LeaseNotTaken when next.Endpoints.Count > before.Endpoints.Count => WithLeasesOf(before, next),
            _ => next,
        };
    }

    /// <summary>What a command with this fault would have told the store.</summary>
    public static StoreChange Twist(this PlantedClaim plant, StoreChange change) =>
        plant == PlantedClaim.StaleRecord ? change with { RemovedEndpoints = [] } : change;

    private static NodeState WithLeasesOf(NodeState before, NodeState next) => next with
    {
        Networks = next.Networks.SetItems(next.Networks
            .Where(n => before.Networks.ContainsKey(n.Key))
            .Select(n => KeyValuePair.Create(n.Key, n.Value with { Leases = before.Networks[n.Key].Leases }))),
    };
}
