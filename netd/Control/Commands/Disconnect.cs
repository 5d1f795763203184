using Networking.Drivers;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>Takes an endpoint away.</summary>
/// <param name="Network">The network as the user called it.</param>
/// <param name="Endpoint">The endpoint's name or id, or its sandbox's.</param>
/// <param name="Namespace">The namespace meant, where the user gave a path or a process; decides before the name does.</param>
/// <param name="Now">Moment of the request.</param>
internal sealed record Disconnect(string Network, string Endpoint, NetNs? Namespace, DateTimeOffset Now) : IIntentCommand<EndpointRecord>
{
    public Durability Durability => Durability.Process;

    public Decision<EndpointRecord> Decide(NodeState state)
    {
        if (Lookup.Network(state, Network, out var refusal) is not { } network)
        {
            return Decision<EndpointRecord>.Refused(refusal!); // not found always says why
        }

        var reference = Namespace is { } ns && state.SandboxNamespaces.TryGetValue(ns, out var id) ? id.Value : Endpoint;
        if (Lookup.Endpoint(state, network, reference, out refusal) is not { } endpoint)
        {
            return Decision<EndpointRecord>.Refused(refusal!);
        }

        if (network.Traits.Sandbox == SandboxRule.Host)
        {
            var sandbox = state.Sandboxes[endpoint.SandboxId].Record.Name;
            return Decision<EndpointRecord>.Refused(Refusal.Of(
                409,
                "sandbox.fixed",
                "SANDBOX",
                $"sandbox {sandbox} cannot be disconnected from network {network.Name}: it is in the host's namespace",
                $"it leaves when its process ends, or with netctl sandbox rm --force {sandbox}"));
        }

        var (next, change, touched) = EndpointLeaves.Apply(state, new StoreChange(), Touched.Nothing, endpoint.Id, Now);
        return Decision<EndpointRecord>.Granted(next, change, touched, endpoint);
    }
}
