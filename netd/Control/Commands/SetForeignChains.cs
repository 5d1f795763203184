using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Netd.Control;

/// <summary>Takes note of the chains of others that have to be asked to let our packets pass.</summary>
/// <param name="Chains">All of them, as just read.</param>
internal sealed record SetForeignChains(ImmutableArray<ForeignChain> Chains) : IIntentCommand<bool>
{
    public Durability Durability => Durability.Process;

    public Decision<bool> Decide(NodeState state) => state.ForeignChains.SequenceEqual(Chains)
        ? Decision<bool>.Granted(state, new StoreChange(), Touched.Nothing, false)
        : Decision<bool>.Granted(
            state with { Revision = state.Revision + 1, ForeignChains = Chains }, new StoreChange(), new Touched { Node = true }, true);
}
