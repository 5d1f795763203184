using Networking.Ipam.Ring.Space;

namespace Networking.Ipam.Ring.Authority;

/// <summary>Something a node wants of the authority. One is under way at a time.</summary>
internal sealed class Operation
{
    /// <summary>In words, for reports.</summary>
    public required string What { get; init; }

    /// <summary>The one operation by which a node begins, or begins anew.</summary>
    public bool IsRenewal { get; init; }

    /// <summary>The other node concerned; none if it is about this one alone.</summary>
    public OwnerId Other { get; init; }

    /// <summary>Looked at before it begins, and after a wait in the queue: false if it makes no sense any more.</summary>
    public Func<Operation, bool>? Prepare { get; init; }

    /// <summary>From the records as they are to the records as they shall be; null if it makes no sense any more.</summary>
    public Func<NodeRecord, NodeRecord?, Draft?>? Build { get; init; }

    /// <summary>It was committed; these are the records now.</summary>
    public Action<Draft>? Done { get; init; }

    /// <summary>It was not, or nobody knows.</summary>
    public Action? Failed { get; init; }

    /// <summary>A read in place of a commit, and what to do with its answer.</summary>
    public Func<long, AuthorityRequest>? Read { get; init; }

    public Action<AuthorityAnswer>? Answered { get; init; }

    /// <summary>A pool to create by the same commit.</summary>
    public PoolRecord? NewPool { get; init; }

    /// <summary>What is given away by it: not leased from its beginning on.</summary>
    public (RingPool Pool, Stretch Stretch)? Promised { get; set; }

    public int Attempts { get; set; }

    public NodeRecord? KnownOther { get; set; }

    public bool IsOtherKnown { get; set; }

    public AuthorityRequest? Sent { get; set; }

    public Draft? Draft { get; set; }

    public TimeSpan SentOutside { get; set; }

    public TimeSpan SentLived { get; set; }

    public int SentSetBacks { get; set; }
}
