using Networking.Gossip.Membership;

namespace Networking.Gossip;

/// <summary>A member as this node knows it.</summary>
/// <param name="Id">Which.</param>
/// <param name="Status">What is known of it.</param>
/// <param name="Incarnation">Of which of its incarnations.</param>
/// <param name="Address">Where it listens.</param>
public readonly record struct MemberView(NodeId Id, MemberStatus Status, uint Incarnation, PeerAddress Address);

/// <summary>What waits in a node.</summary>
/// <param name="MemberNews">Pieces of news about members; at most one per member.</param>
/// <param name="RowNews">Pieces of news about rows, over all scopes.</param>
/// <param name="Streams">Conversations.</param>
/// <param name="Relays">Probes made for others.</param>
/// <param name="Sessions">Senders whose packets are remembered.</param>
public readonly record struct NodeLoad(int MemberNews, int RowNews, int Streams, int Relays, int Sessions);
