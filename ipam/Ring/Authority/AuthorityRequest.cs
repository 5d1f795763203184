using System.Collections.Immutable;

namespace Networking.Ipam.Ring.Authority;

/// <summary>What a node asks of the authority. A closed union.</summary>
/// <param name="Id">Tells its answer from others.</param>
public abstract record AuthorityRequest(long Id)
{
    /// <summary>
    /// Compare and swap: if every record named has the revision named, all is written in one step, else nothing. Without anything to
    /// write it is a read. The answer has the records named as they are now.
    /// </summary>
    /// <param name="Id">Tells its answer from others.</param>
    /// <param name="Expected">The records it is made from; every record written is among them.</param>
    /// <param name="Writes">The records as they shall be.</param>
    /// <param name="NewPool">A pool to create by the same commit; null for none. Refused if its name is taken.</param>
    public sealed record Commit(long Id, ImmutableArray<Expectation> Expected, ImmutableArray<NodeRecord> Writes, PoolRecord? NewPool)
        : AuthorityRequest(Id);

    /// <summary>Read all records.</summary>
    public sealed record List(long Id) : AuthorityRequest(Id);

    /// <summary>Read a pool.</summary>
    public sealed record ReadPool(long Id, string Name) : AuthorityRequest(Id);
}

/// <summary>The revision a record must have.</summary>
/// <param name="Node">Whose record.</param>
/// <param name="Revision">Its revision; 0 if there must be none, <see cref="Unknown"/> if it is only to be read.</param>
public readonly record struct Expectation(OwnerId Node, long Revision)
{
    /// <summary>No record has this revision.</summary>
    public const long Unknown = -1;
}
