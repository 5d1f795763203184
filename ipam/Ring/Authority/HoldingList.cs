using System.Collections.Immutable;

namespace Networking.Ipam.Ring.Authority;

/// <summary>Arithmetic on the ranges of one node: pure, in order, neighbours joined where they are alike.</summary>
internal static class HoldingList
{
    /// <summary>The holding with an address; null if there is none.</summary>
    public static Holding? Find(ImmutableArray<Holding> holdings, string pool, UInt128 offset)
    {
        foreach (var holding in holdings)
        {
            if (holding.Pool == pool && holding.Contains(offset))
            {
                return holding;
            }
        }

        return null;
    }

    /// <summary>In order, neighbours joined.</summary>
    public static ImmutableArray<Holding> Of(IEnumerable<Holding> holdings)
    {
        var result = ImmutableArray.CreateBuilder<Holding>();
        foreach (var holding in holdings.OrderBy(static h => h.Pool, StringComparer.Ordinal).ThenBy(static h => h.First))
        {
            if (result.Count > 0 && TryJoin(result[^1], holding) is { } joined)
            {
                result[^1] = joined;
            }
            else
            {
                result.Add(holding);
            }
        }

        return result.ToImmutable();
    }

    /// <summary>With one more.</summary>
    public static ImmutableArray<Holding> With(ImmutableArray<Holding> holdings, Holding holding) => Of(holdings.Append(holding));

    /// <summary>Without a range: what is left on either side keeps what was open of it.</summary>
    public static ImmutableArray<Holding> Without(ImmutableArray<Holding> holdings, string pool, UInt128 first, UInt128 last) =>
        Of(holdings.SelectMany(h => h.Pool != pool || h.Last < first || h.First > last ? [h] : Around(h, first, last)));

    /// <summary>The greatest version of a range's addresses; 0 if none of them is owned.</summary>
    public static ulong VersionOf(ImmutableArray<Holding> holdings, string pool, UInt128 first, UInt128 last) =>
        holdings.Where(h => h.Pool == pool && h.First <= last && h.Last >= first).Select(static h => h.Version).DefaultIfEmpty().Max();

    /// <summary>As another node gets them: versions a step on, what was open withheld, the rest as it was.</summary>
    public static IEnumerable<Holding> TakenOver(Holding holding, OwnerId from, bool isOpenWithheld)
    {
        var next = holding with { Version = holding.Version + 1, Opened = 0 };
        if (holding.IsWithheld || holding.Opened == 0 || !isOpenWithheld)
        {
            return [next];
        }

        var busy = next with { Last = holding.UnopenedFirst - 1, Former = from };
        return holding.UnopenedLength == 0 ? [busy] : [busy, next with { First = holding.UnopenedFirst }];
    }

    private static IEnumerable<Holding> Around(Holding holding, UInt128 first, UInt128 last)
    {
        if (holding.First < first)
        {
            yield return holding with { Last = first - 1, Opened = UInt128.Min(holding.Opened, first - holding.First) };
        }

        if (holding.Last > last)
        {
            var before = last - holding.First + 1;
            yield return holding with { First = last + 1, Opened = holding.Opened > before ? holding.Opened - before : 0 };
        }
    }

    private static Holding? TryJoin(Holding left, Holding right)
    {
        var isAlike = left.Pool == right.Pool && left.Last + 1 == right.First && left.Former == right.Former
            && (left.UnopenedLength == 0 || (left.Opened == 0 && right.Opened == 0));
        return isAlike
            ? left with { Last = right.Last, Version = Math.Max(left.Version, right.Version), Opened = left.Opened + right.Opened }
            : null;
    }
}
