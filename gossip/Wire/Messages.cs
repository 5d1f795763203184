using Networking.Gossip.Membership;
using Networking.Gossip.Tables;

namespace Networking.Gossip.Wire;

/// <summary>What nodes say to each other.</summary>
internal abstract record Message;

/// <summary>Are you <paramref name="Target"/>, and alive?</summary>
internal sealed record PingMessage(uint Sequence, NodeId Target) : Message;

/// <summary>Yes.</summary>
internal sealed record AckMessage(uint Sequence) : Message;

/// <summary>I asked for you, and had no answer yet.</summary>
internal sealed record NackMessage(uint Sequence) : Message;

/// <summary>Ask <paramref name="Target"/> for me.</summary>
internal sealed record PingRequestMessage(uint Sequence, NodeId Target, PeerAddress Address) : Message;

/// <summary>About a member.</summary>
internal sealed record MemberMessage(MemberFact Fact) : Message;

/// <summary>Rows of a scope.</summary>
internal sealed record RowsMessage(ScopeId Scope, List<Row> Rows) : Message;

/// <summary>My state in short: if yours differs, let us talk.</summary>
internal sealed record SummaryMessage(ulong Members, List<ScopeDigest> Scopes) : Message;

/// <summary>A conversation begins: members by bucket, rows by scope.</summary>
internal sealed record OpeningMessage(ulong[] Members, List<ScopeDigest> Scopes) : Message;

/// <summary>Tell me the members of these buckets.</summary>
internal sealed record WantMembersMessage(uint Buckets) : Message;

/// <summary>My rows of a scope by owner.</summary>
internal sealed record OwnersMessage(ScopeId Scope, List<OwnerDigest> Owners) : Message;

/// <summary>My rows of one owner, by version.</summary>
internal sealed record VersionsMessage(ScopeId Scope, NodeId Owner, List<RowVersion> Rows) : Message;

/// <summary>Tell me these rows.</summary>
internal sealed record WantRowsMessage(ScopeId Scope, NodeId Owner, List<ulong> KeyHashes) : Message;

/// <summary>It is your turn.</summary>
internal sealed record EndOfTurnMessage : Message;

internal readonly record struct ScopeDigest(ScopeId Scope, ulong Digest);

internal readonly record struct OwnerDigest(NodeId Owner, ulong Digest);

internal readonly record struct RowVersion(ulong KeyHash, ulong Version);
