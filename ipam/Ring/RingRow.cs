using System.Collections.Immutable;
using System.Net;
using Networking.Ipam.Ring.Merge;

namespace Networking.Ipam.Ring;

/// <summary>
/// What a node tells everybody of itself: some of its ranges, as one row in gossip. A row that is hidden, replaced or dropped takes
/// nothing out of anybody's ring.
/// </summary>
/// <param name="Pool">The pool's name.</param>
/// <param name="Prefix">The pool's addresses as the node knows them.</param>
/// <param name="FreeBits">One more than the binary logarithm of what it could give away in one piece; 0 if nothing.</param>
/// <param name="Claims">Some of its ranges, in order.</param>
public sealed record RingRow(string Pool, IPNetwork Prefix, int FreeBits, ImmutableArray<Claim> Claims)
{
    /// <inheritdoc/>
    public bool Equals(RingRow? other) => other is not null && Pool == other.Pool && Prefix.Equals(other.Prefix) && FreeBits == other.FreeBits
        && Claims.AsSpan().SequenceEqual(other.Claims.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Pool, Prefix, FreeBits, Claims.Length);
}
