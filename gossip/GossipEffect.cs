using System.Collections.Immutable;
using Networking.Gossip.Membership;
using Networking.Gossip.Tables;

namespace Networking.Gossip;

/// <summary>What a node wants done, in this order.</summary>
public abstract record GossipEffect
{
    private GossipEffect()
    {
    }

    /// <summary>Send a datagram.</summary>
    public sealed record SendPacket(PeerAddress To, byte[] Bytes) : GossipEffect;

    /// <summary>Open a stream; the core numbers these with even numbers.</summary>
    public sealed record OpenStream(int Stream, PeerAddress To) : GossipEffect;

    /// <summary>Send a frame by a stream, with its length before it.</summary>
    public sealed record SendStream(int Stream, byte[] Bytes) : GossipEffect;

    /// <summary>Close a stream when all is sent.</summary>
    public sealed record CloseStream(int Stream) : GossipEffect;

    /// <summary>Write the incarnation to disk, before any effect that follows: a restart begins above it.</summary>
    public sealed record StoreIncarnation(uint Incarnation) : GossipEffect;

    /// <summary>A member came, went, or is doubted. <paramref name="Status"/> null: it is forgotten.</summary>
    public sealed record MemberChanged(NodeId Member, MemberStatus? Status, uint Incarnation, PeerAddress Address) : GossipEffect;

    /// <summary>
    /// A row that readers see changed, came into sight, or went (null). <paramref name="Revision"/> counts these; a snapshot
    /// has the number of the last one in it.
    /// </summary>
    public sealed record RowChanged(long Revision, ScopeId Scope, RowKey Key, NodeId Owner, ImmutableArray<byte>? Value) : GossipEffect;

    /// <summary>Something is wrong that somebody should know of; once per kind and source.</summary>
    public sealed record Report(GossipTrouble Trouble, string Source, string Text) : GossipEffect;

    /// <summary>A request of this node's own was refused, and nothing changed.</summary>
    public sealed record Refused(string Text) : GossipEffect;

    /// <summary>The goodbye was told often enough.</summary>
    public sealed record Departed : GossipEffect;
}

/// <summary>Kinds of trouble.</summary>
public enum GossipTrouble
{
    /// <summary>Bytes were refused by the decoder.</summary>
    BadFrame,

    /// <summary>A member answers by stream alone: datagrams do not get through.</summary>
    NoDatagrams,

    /// <summary>Another start of this node is known with a higher incarnation: an old disk, or a second node with this id.</summary>
    OldDisk,

    /// <summary>A second node with this id is running.</summary>
    DuplicateNode,

    /// <summary>Rows of an owner that is unknown or not attached to the network.</summary>
    RowsOfStranger,

    /// <summary>More than a bound allows.</summary>
    BoundReached,

    /// <summary>The disk did not take an incarnation.</summary>
    DiskRefused,

    /// <summary>Time stood still for this node, or jumped.</summary>
    TimeJumped,
}
