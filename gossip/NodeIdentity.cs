namespace Networking.Gossip;

/// <summary>Who a node is when it starts.</summary>
/// <param name="Id">From its disk.</param>
/// <param name="Incarnation">The last one stored; 0 if there is none yet.</param>
/// <param name="Run">64 random bits of this start.</param>
/// <param name="Address">Where it listens, as others reach it.</param>
/// <param name="ResumesRows">
/// True after a crash or restart: others keep its rows until <see cref="GossipInput.Settle"/>, when it has written them again. False for
/// a new node, and for one that had left: what anybody holds from before is void at once.
/// </param>
public readonly record struct NodeIdentity(NodeId Id, uint Incarnation, ulong Run, PeerAddress Address, bool ResumesRows);
