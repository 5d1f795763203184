namespace Networking.Ipam.Ring.Authority;

/// <summary>Records as a commit would write them, or has.</summary>
/// <param name="Own">This node's.</param>
/// <param name="Other">The other node's; null if the commit concerns one alone.</param>
internal sealed record Draft(NodeRecord Own, NodeRecord? Other);
