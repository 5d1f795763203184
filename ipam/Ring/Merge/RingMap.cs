using System.Collections.Immutable;
using Networking.Model;

namespace Networking.Ipam.Ring.Merge;

/// <summary>
/// Who owns what of a pool, as far as is known: from each address to the claim with the greatest version heard of. Joining takes
/// the greater at each address, so it is commutative, associative and idempotent. Immutable, and canonical: equal knowledge
/// is an equal value. Taking a claim costs the logarithm of the ranges known, and those it overlaps.
/// </summary>
public sealed class RingMap : IEquatable<RingMap>
{
    private static readonly Comparer<Claim> ByFirst = Comparer<Claim>.Create(static (a, b) => a.First.CompareTo(b.First));

    private readonly ImmutableSortedSet<Claim> _claims;

    private RingMap(ImmutableSortedSet<Claim> claims) => _claims = claims;

    /// <summary>Nothing is known.</summary>
    public static RingMap Empty { get; } = new(ImmutableSortedSet.Create<Claim>(ByFirst));

    /// <summary>How many ranges are known.</summary>
    public int Count => _claims.Count;

    /// <summary>All ranges, in address order.</summary>
    public IReadOnlyList<Claim> Claims => _claims;

    /// <summary>Who owns an address; null if nobody is known.</summary>
    public Claim? Find(UInt128 offset)
    {
        var index = IndexAtOrBefore(offset);
        return index >= 0 && _claims[index].Last >= offset ? _claims[index] : null;
    }

    /// <summary>With one more claim.</summary>
    public RingMap Join(Claim claim) => Join(claim, prefersOlder: false);

    /// <summary>With all that another knows.</summary>
    public RingMap Join(RingMap other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return other._claims.Aggregate(this, static (map, claim) => map.Join(claim));
    }

    /// <inheritdoc/>
    public bool Equals(RingMap? other) => other is not null && _claims.SequenceEqual(other._claims);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as RingMap);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_claims.Count, _claims.IsEmpty ? default : _claims.Min);

    /// <inheritdoc/>
    public override string ToString() => string.Join(' ', _claims.Select(static c => $"{c.First}-{c.Last}:{c.Version}@{c.Owner}"));

    internal RingMap Join(Claim claim, bool prefersOlder)
    {
        Invariant.Check(claim.First <= claim.Last, $"a claim has a first and a last: {claim}");
        var start = Math.Max(IndexAtOrBefore(claim.First) - 1, 0);
        while (start < _claims.Count && _claims[start].Last < claim.First && !Touches(_claims[start], claim))
        {
            start++;
        }

        var touched = new List<Claim>();
        for (var i = start; i < _claims.Count && (_claims[i].First <= claim.Last || Touches(claim, _claims[i])); i++)
        {
            touched.Add(_claims[i]);
        }

        var joined = Overlay(touched, claim, prefersOlder);
        if (joined.SequenceEqual(touched))
        {
            return this;
        }

        var next = new RingMap(_claims.Except(touched).Union(joined));
        next.Check(joined);
        return next;
    }

    // Between two neighbours there is nothing: they may become one.
    private static bool Touches(Claim left, Claim right) => left.Last < right.First && left.Last + 1 == right.First;

    /// <summary>The claims that result where one is laid over others, in order, like ones joined.</summary>
    private static List<Claim> Overlay(List<Claim> under, Claim claim, bool prefersOlder)
    {
        var result = new List<Claim>();
        var next = claim.First;
        var isDone = false;
        foreach (var old in under)
        {
            if (old.Last < claim.First || old.First > claim.Last)
            {
                if (old.First > claim.Last && !isDone)
                {
                    Add(result, claim with { First = next });
                    isDone = true;
                }

                Add(result, old);
                continue;
            }

            var from = UInt128.Max(old.First, claim.First);
            var to = UInt128.Min(old.Last, claim.Last);
            if (old.First < from)
            {
                Add(result, old with { Last = from - 1 });
            }

            if (next < from)
            {
                Add(result, claim with { First = next, Last = from - 1 });
            }

            var isNewer = prefersOlder ? old.Beats(claim) : claim.Beats(old);
            Add(result, (isNewer ? claim : old) with { First = from, Last = to });
            if (to < old.Last)
            {
                Add(result, old with { First = to + 1 });
            }

            isDone = to == claim.Last;
            next = isDone ? to : to + 1;
        }

        if (!isDone)
        {
            Add(result, claim with { First = next });
        }

        return result;
    }

    private static void Add(List<Claim> claims, Claim claim)
    {
        if (claims.Count > 0 && claims[^1].SaysLike(claim) && Touches(claims[^1], claim))
        {
            claims[^1] = claims[^1] with { Last = claim.Last };
        }
        else
        {
            claims.Add(claim);
        }
    }

    // The ranges around a change: apart, in order, and none that could be one with its neighbour.
    private void Check(List<Claim> changed)
    {
        var from = Math.Max(IndexAtOrBefore(changed[0].First) - 1, 0);
        var to = Math.Min(IndexAtOrBefore(changed[^1].First) + 1, _claims.Count - 1);
        for (var i = from + 1; i <= to; i++)
        {
            var (left, right) = (_claims[i - 1], _claims[i]);
            Invariant.Check(left.First <= left.Last && left.Last < right.First, $"ranges of a ring lie apart: {left} {right}");
            Invariant.Check(!(left.SaysLike(right) && Touches(left, right)), $"a ring is canonical: {left} {right}");
        }
    }

    private int IndexAtOrBefore(UInt128 offset)
    {
        var index = _claims.IndexOf(new Claim(offset, offset, 0, default));
        return index >= 0 ? index : ~index - 1;
    }
}
