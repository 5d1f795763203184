namespace Networking.Ipam.Ring;

/// <summary>
/// Mistakes that can be planted from a test, and from nowhere else: each must be found by the simulator, or its checkers
/// are worth nothing.
/// </summary>
internal enum RingBug
{
    None,

    /// <summary>A node goes on leasing after its term.</summary>
    TermIgnored,

    /// <summary>A clock that is set back prolongs the term.</summary>
    ClockSetBackTrusted,

    /// <summary>A dead node's ranges are taken without waiting for its term.</summary>
    ReclaimTooEarly,

    /// <summary>A leap of the reader's clock counts as waiting.</summary>
    LeapCountsAsWaiting,

    /// <summary>What was open at a takeover is given again at once.</summary>
    WithheldGivenAtOnce,

    /// <summary>A donor keeps what it gave.</summary>
    DonationCountedTwice,

    /// <summary>After a lost answer a read, not a commit, settles what was to be given away.</summary>
    DoubtSettledByRead,

    /// <summary>A later start with this node's id is taken for this one.</summary>
    GenerationIgnored,

    /// <summary>A disk of yesterday is used as if it were of today.</summary>
    OldDiskAccepted,

    /// <summary>A released address stays taken.</summary>
    ReleaseLost,

    /// <summary>Whoever is asked for an address gives it, whether or not it is the owner.</summary>
    ClaimAnsweredByNonOwner,

    /// <summary>The ring keeps the older of two versions.</summary>
    MergePrefersOlder,

    /// <summary>A leaving node forgets its ranges instead of handing them over.</summary>
    HandOverForgets,

    /// <summary>A row of its own that another machine with its id replaced is left so.</summary>
    ReplacedRowLeft,

    /// <summary>An address that was given to another meanwhile is kept by who returns.</summary>
    DuplicateKept,

    /// <summary>A node that lost its ranges gives up every address of them, whether or not another has it.</summary>
    YieldsUnasked,

    /// <summary>A term counts from the answer, not from the question.</summary>
    TermFromAnswer,
}
