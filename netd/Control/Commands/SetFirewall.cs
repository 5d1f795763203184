using Networking.Model;
using Networking.Netd.Firewall;

namespace Networking.Netd.Control;

/// <summary>
/// Makes something else the host's firewall. Every scope says anew what it wants, and the reconciler leads from the one to the
/// other: what is new stands before what is old goes.
/// </summary>
/// <param name="Choice">What it shall be.</param>
/// <param name="Others">What others forward, and which chains of theirs stand in its way.</param>
internal sealed record SetFirewall(FirewallChoice Choice, ForeignForwarding Others) : IIntentCommand<bool>
{
    public Durability Durability => Durability.Process;

    public Decision<bool> Decide(NodeState state)
    {
        if (state.Firewall == Choice)
        {
            return Decision<bool>.Granted(state, new StoreChange(), Touched.Nothing, false);
        }

        var next = state with { Revision = state.Revision + 1, Firewall = Choice, ForeignChains = Others.Chains, ForeignLinks = Others.Links };
        return Decision<bool>.Granted(next, new StoreChange(), ScopeComposer.Everything(next), true);
    }
}
