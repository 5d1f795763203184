using System.Net;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>The resolver of a sandbox has other sockets than were claimed: the old ones were closed behind the request.</summary>
/// <param name="Namespace">The sandbox's namespace.</param>
/// <param name="Resolver">Where the sockets are; null if there are none.</param>
internal sealed record SetResolver(NetNs Namespace, IPEndPoint? Resolver) : IIntentCommand<bool>
{
    public Durability Durability => Durability.Process;

    public Decision<bool> Decide(NodeState state)
    {
        if (!state.SandboxNamespaces.TryGetValue(Namespace, out var id) || Equals(state.Sandboxes[id].Resolver, Resolver))
        {
            return Decision<bool>.Granted(state, new StoreChange(), Touched.Nothing, false);
        }

        return Decision<bool>.Granted(
            state with { Revision = state.Revision + 1, Sandboxes = state.Sandboxes.SetItem(id, state.Sandboxes[id] with { Resolver = Resolver }) },
            new StoreChange(),
            new Touched { Sandboxes = [id] },
            true);
    }
}
