using System.Net;
using Networking.Ipam.Ring.Authority;

namespace Networking.Ipam.Ring;

/// <summary>What happens to a node; see <see cref="RingNode.Step"/>. A closed union.</summary>
public abstract record RingInput
{
    private RingInput()
    {
    }

    /// <summary>Time passed, nothing else: <see cref="RingNode.NextDue"/> has come.</summary>
    public sealed record Tick : RingInput;

    /// <summary>Take part in a pool.</summary>
    /// <param name="Pool">Its name, 1 to 64 bytes.</param>
    /// <param name="Prefix">Its addresses. If the cluster knows others under this name, the pool is refused and that is reported.</param>
    /// <param name="Creates">True if it is to be created if it does not exist: its creator owns all of it.</param>
    public sealed record OpenPool(string Pool, IPNetwork Prefix, bool Creates) : RingInput;

    /// <summary>A lease from before a restart that is still in use. Before the first tick.</summary>
    public sealed record Restore(string Pool, IPAddress Address) : RingInput;

    /// <summary>An endpoint needs an address; <see cref="RingEffect.Leased"/> or <see cref="RingEffect.Refused"/> follows, within the deadline.</summary>
    /// <param name="Ticket">Of the caller's, repeated in the effect.</param>
    /// <param name="Pool">Where from.</param>
    /// <param name="Requested">This one; null for any.</param>
    public sealed record Lease(long Ticket, string Pool, IPAddress? Requested) : RingInput;

    /// <summary>An address is no longer used; one that is not leased is fine.</summary>
    public sealed record Release(string Pool, IPAddress Address) : RingInput;

    /// <summary>Another node says something.</summary>
    public sealed record Message(OwnerId From, RingMessage Content) : RingInput;

    /// <summary>A row of another node came into sight.</summary>
    public sealed record RowSeen(OwnerId Owner, RingRow Row) : RingInput;

    /// <summary>
    /// A row in this node's own name came into sight that it did not write last: an earlier start did, or another machine with its id.
    /// What it should be is published again. Gossip's tables see to that by themselves; what else carries rows must tell.
    /// </summary>
    /// <param name="Pool">The pool it is about.</param>
    /// <param name="Part">Which of the node's rows of that pool.</param>
    /// <param name="Row">The row; null if it was removed.</param>
    public sealed record OwnRowSeen(string Pool, int Part, RingRow? Row) : RingInput;

    /// <summary>Gossip believes that another node lives, or no longer does.</summary>
    public sealed record MemberChanged(OwnerId Node, bool IsAlive) : RingInput;

    /// <summary>The authority answers.</summary>
    public sealed record Answered(AuthorityAnswer Answer) : RingInput;

    /// <summary>Hand over everything and go; <see cref="RingEffect.Departed"/> follows.</summary>
    public sealed record Leave : RingInput;
}
