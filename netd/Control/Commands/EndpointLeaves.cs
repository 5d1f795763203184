using System.Net;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>The one place where an endpoint leaves the granted state: its leases and names, and an ownerless sandbox with it.</summary>
internal static class EndpointLeaves
{
    /// <param name="state">Granted state.</param>
    /// <param name="change">What is to be stored so far.</param>
    /// <param name="touched">What is touched so far.</param>
    /// <param name="id">The endpoint.</param>
    /// <param name="now">The moment at which its addresses begin to rest; null if their network goes too.</param>
    public static (NodeState State, StoreChange Change, Touched Touched) Apply(
        NodeState state, StoreChange change, Touched touched, EndpointId id, DateTimeOffset? now)
    {
        var endpoint = state.Endpoints[id];
        var network = Release(state.Networks[endpoint.NetworkId], endpoint, now);
        var sandbox = state.Sandboxes[endpoint.SandboxId];
        sandbox = sandbox with { Endpoints = sandbox.Endpoints.Remove(id) };
        if (sandbox.Endpoints.IsEmpty && sandbox.Record.Owner != SandboxOwner.Daemon)
        {
            // Nobody asked for this sandbox by itself. It stays until what we changed in its namespace is put back.
            sandbox = sandbox with { Record = sandbox.Record with { IsRemoving = true } };
            change = change with { Sandboxes = change.Sandboxes.Add(sandbox.Record) };
        }

        return (
            state with
            {
                Revision = state.Revision + 1,
                Endpoints = state.Endpoints.Remove(id),
                HostPorts = state.HostPorts.Release(endpoint.Ports),
                Networks = state.Networks.SetItem(endpoint.NetworkId, network),
                Sandboxes = state.Sandboxes.SetItem(endpoint.SandboxId, sandbox),
            },
            change with { RemovedEndpoints = change.RemovedEndpoints.Add(id) },
            touched.With(new Touched { Endpoints = [id], Sandboxes = [endpoint.SandboxId] }));
    }

    private static NetworkEntry Release(NetworkEntry network, EndpointRecord endpoint, DateTimeOffset? now)
    {
        network = network with
        {
            EndpointNames = network.EndpointNames.Remove(endpoint.Name),
            Macs = network.Macs.TryGetValue(endpoint.Mac, out var holder) && holder == endpoint.Id ? network.Macs.Remove(endpoint.Mac) : network.Macs,
        };
        foreach (var address in new[] { endpoint.Ipv4?.Address, endpoint.Ipv6?.Address }.OfType<IPAddress>())
        {
            network = network with { Leases = network.Leases.Remove(address) };
            network = network.PoolOf(address) is { } pool ? network.With(pool.Release(address, now)) : network;
        }

        return network;
    }
}
