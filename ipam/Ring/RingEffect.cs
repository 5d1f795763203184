using System.Net;
using Networking.Ipam.Ring.Authority;

namespace Networking.Ipam.Ring;

/// <summary>What a node wants done, in this order. A closed union.</summary>
public abstract record RingEffect
{
    private RingEffect()
    {
    }

    /// <summary>Write this to disk, durably, before any effect that follows.</summary>
    public sealed record Store(RingMemory Memory) : RingEffect;

    /// <summary>Ask the authority.</summary>
    public sealed record Ask(AuthorityRequest Request) : RingEffect;

    /// <summary>Say something to another node.</summary>
    public sealed record Send(OwnerId To, RingMessage Message) : RingEffect;

    /// <summary>Write a row of ours, in place of an earlier one of the same pool and part.</summary>
    public sealed record Publish(string Pool, int Part, RingRow Row) : RingEffect;

    /// <summary>Remove a row of ours.</summary>
    public sealed record Unpublish(string Pool, int Part) : RingEffect;

    /// <summary>The address is the asker's.</summary>
    public sealed record Leased(long Ticket, string Pool, IPAddress Address) : RingEffect;

    /// <summary>No address; the text names pool, what was tried, and what to do.</summary>
    public sealed record Refused(long Ticket, string Pool, RefusalReason Reason, string Text) : RingEffect;

    /// <summary>A range is another's: this node was believed dead. What is leased of it is in use without right.</summary>
    public sealed record Lost(string Pool, IPAddress First, IPAddress Last, OwnerId By) : RingEffect;

    /// <summary>An address that was leased here is given to another: take it away from its endpoint. The taker wins.</summary>
    public sealed record LeaseLost(string Pool, IPAddress Address, OwnerId By) : RingEffect;

    /// <summary>Something is wrong that somebody should know of; once per kind and source.</summary>
    public sealed record Report(RingTrouble Trouble, string Source, string Text) : RingEffect;

    /// <summary>This node takes part no longer.</summary>
    public sealed record Departed : RingEffect;
}

/// <summary>Why there is no address.</summary>
public enum RefusalReason
{
    /// <summary>The pool is not open here, or the request makes no sense for it.</summary>
    NotPossible,

    /// <summary>The address is leased.</summary>
    Taken,

    /// <summary>The address may still be in use at a node that is gone.</summary>
    Withheld,

    /// <summary>The address is never leased.</summary>
    Reserved,

    /// <summary>Nobody who was asked has any.</summary>
    Exhausted,

    /// <summary>This node's term is over and the authority does not answer.</summary>
    NoTerm,

    /// <summary>Who owns it did not answer in time.</summary>
    Unreachable,

    /// <summary>Too many wait already.</summary>
    TooMany,
}

/// <summary>Kinds of trouble.</summary>
public enum RingTrouble
{
    /// <summary>Another node, or the cluster, knows other addresses under a pool's name.</summary>
    OtherPrefix,

    /// <summary>This node's disk is older than its last start.</summary>
    OldDisk,

    /// <summary>A second node with this id is running.</summary>
    DuplicateNode,

    /// <summary>Ranges were taken over because this node was believed dead.</summary>
    RangesLost,

    /// <summary>An address is leased here and by who took its range over.</summary>
    DuplicateLease,

    /// <summary>The term is over.</summary>
    TermOver,

    /// <summary>The clock was set back or leapt.</summary>
    ClockLeapt,

    /// <summary>A dead node's ranges were taken over by this one.</summary>
    TookOver,

    /// <summary>A message or row that makes no sense.</summary>
    BadMessage,

    /// <summary>More than a bound allows.</summary>
    BoundReached,
}
