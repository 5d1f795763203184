using System.Collections.Immutable;
using Networking.Gossip.Tables;
using Networking.Gossip.Wire;

namespace Networking.Gossip;

/// <summary>What happens to a node; see <see cref="GossipNode.Step"/>.</summary>
public abstract record GossipInput
{
    private GossipInput()
    {
    }

    /// <summary>Time passed, nothing else: <see cref="GossipNode.NextDue"/> has come.</summary>
    public sealed record Tick : GossipInput;

    /// <summary>A datagram came.</summary>
    public sealed record Packet(PeerAddress From, ReadOnlyMemory<byte> Bytes) : GossipInput;

    /// <summary>Somebody opened a stream; the shell numbers these with odd numbers.</summary>
    public sealed record StreamAccepted(int Stream, PeerAddress From) : GossipInput;

    /// <summary>A frame came by a stream.</summary>
    public sealed record StreamFrame(int Stream, ReadOnlyMemory<byte> Bytes) : GossipInput;

    /// <summary>A stream could not be opened, broke, or was closed by the other side.</summary>
    public sealed record StreamClosed(int Stream) : GossipInput;

    /// <summary>A stream announced a frame longer than there may be, or of no bytes; the shell closes it.</summary>
    public sealed record StreamRefused(int Stream, uint Length) : GossipInput;

    /// <summary>Speak to these, now and whenever nobody else is left.</summary>
    public sealed record Join(ImmutableArray<PeerAddress> Seeds) : GossipInput;

    /// <summary>Say goodbye; <see cref="GossipEffect.Departed"/> follows.</summary>
    public sealed record Leave : GossipInput;

    /// <summary>Take part in a network's scope.</summary>
    public sealed record Attach(ScopeId Scope) : GossipInput;

    /// <summary>Take part no longer: its rows are forgotten here, and ours everywhere.</summary>
    public sealed record Detach(ScopeId Scope) : GossipInput;

    /// <summary>Write a row of ours. Outside the bounds of <see cref="WireLimits"/>, or not attached: refused by <see cref="GossipEffect.Refused"/>.</summary>
    public sealed record Put(ScopeId Scope, RowKey Key, ImmutableArray<byte> Value) : GossipInput;

    /// <summary>Remove a row of ours; one that is not there is fine.</summary>
    public sealed record Remove(ScopeId Scope, RowKey Key) : GossipInput;

    /// <summary>
    /// After a restart that resumes rows: all of them are written again. What others still hold from before is void from now on.
    /// </summary>
    public sealed record Settle : GossipInput;

    /// <summary>Use this ring from now on.</summary>
    public sealed record SetKeys(Keyring Keys) : GossipInput;

    /// <summary>Listen at another address from now on.</summary>
    public sealed record Move(PeerAddress Address) : GossipInput;

    /// <summary>Datagrams are at most so long from now on: what the narrowest path carries. Outside the bounds of <see cref="WireLimits"/>: the nearest.</summary>
    public sealed record SetPacketBytes(int Bytes) : GossipInput;
}
