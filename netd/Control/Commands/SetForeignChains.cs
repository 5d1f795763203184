using Networking.Model;
using Networking.Netd.Firewall;

namespace Networking.Netd.Control;

/// <summary>Takes note of the chains of others that have to be asked to let our packets pass, and of the interfaces they forward for.</summary>
/// <param name="Found">All of them, as just read.</param>
internal sealed record SetForeignChains(ForeignForwarding Found) : IIntentCommand<bool>
{
    public Durability Durability => Durability.Process;

    public Decision<bool> Decide(NodeState state) => state.ForeignChains.SequenceEqual(Found.Chains) && state.ForeignLinks.SequenceEqual(Found.Links)
        ? Decision<bool>.Granted(state, new StoreChange(), Touched.Nothing, false)
        : Decision<bool>.Granted(
            state with { Revision = state.Revision + 1, ForeignChains = Found.Chains, ForeignLinks = Found.Links },
            new StoreChange(),
            new Touched { Node = true },
            true);
}
