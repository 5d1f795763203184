using Networking.Ipam.Ring.Authority;
using Networking.Ipam.Ring.Merge;

namespace Networking.Ipam.Ring;

/// <summary>What nodes say to each other about addresses. A closed union. Any of them may be lost, late, repeated or overtaken.</summary>
/// <param name="Nonce">Of the question; its answer repeats it. 0 for an answer without a question: a leaving node hands over.</param>
/// <param name="Pool">The pool's name.</param>
public abstract record RingMessage(long Nonce, string Pool)
{
    /// <summary>"I have run out: give me some of yours."</summary>
    /// <param name="Nonce">Of the question.</param>
    /// <param name="Pool">The pool's name.</param>
    /// <param name="Generation">The asker's: one that was restarted meanwhile asks anew.</param>
    /// <param name="IsUrgent">True if somebody waits for an address; else it is asked ahead of need.</param>
    public sealed record DonationAsk(long Nonce, string Pool, uint Generation, bool IsUrgent) : RingMessage(Nonce, Pool);

    /// <summary>"You own this address: I need it."</summary>
    /// <param name="Nonce">Of the question.</param>
    /// <param name="Pool">The pool's name.</param>
    /// <param name="Generation">The asker's.</param>
    /// <param name="Offset">The address, from the pool's first.</param>
    /// <param name="IsInUse">True if it is leased at the asker, from before its range was lost.</param>
    public sealed record ClaimAsk(long Nonce, string Pool, uint Generation, UInt128 Offset, bool IsInUse) : RingMessage(Nonce, Pool);

    /// <summary>The answer to either.</summary>
    /// <param name="Nonce">Of the question.</param>
    /// <param name="Pool">The pool's name.</param>
    /// <param name="Outcome">What became of it.</param>
    /// <param name="Record">The asker's record as the authority has it now, with what was given; null if nothing was.</param>
    /// <param name="Known">What the one who was asked knows of who owns the address; null if it knows nothing.</param>
    public sealed record Answer(long Nonce, string Pool, AskOutcome Outcome, NodeRecord? Record, Claim? Known) : RingMessage(Nonce, Pool);
}

/// <summary>What became of a question.</summary>
public enum AskOutcome
{
    /// <summary>It is the asker's now.</summary>
    Given,

    /// <summary>Nothing is free.</summary>
    Nothing,

    /// <summary>Not now: no term, no authority, or too much to do.</summary>
    Busy,

    /// <summary>Another owns it.</summary>
    NotOwner,

    /// <summary>It is leased here.</summary>
    Taken,

    /// <summary>It may still be in use at the node that lost it.</summary>
    Withheld,

    /// <summary>It is nobody's ever.</summary>
    Reserved,
}
