using Networking.Ipam.Ring.Merge;

namespace Networking.Ipam.Ring;

/// <summary>Rows: what others tell of themselves, and what this node tells of itself.</summary>
public sealed partial class RingNode
{
    private const int ClaimsPerRow = 8;

    private void Read(OwnerId owner, RingRow row)
    {
        if (!_pools.TryGetValue(row.Pool, out var pool) || owner == Id)
        {
            return;
        }

        if (!pool.Prefix.Equals(row.Prefix))
        {
            Report(RingTrouble.OtherPrefix, $"{owner} {row.Pool}", $"Node {owner} knows pool {row.Pool} as {row.Prefix}; here it is {pool.Prefix}. What it says of it is not taken. Give both the same range.");
            return;
        }

        pool.FreeBits[owner] = row.FreeBits;
        foreach (var claim in row.Claims)
        {
            if (claim.Owner != owner || !pool.TryJoin(claim))
            {
                Report(RingTrouble.BadMessage, $"{owner}", $"Node {owner} says of pool {row.Pool} what cannot be, or more than {_options.ClaimsMax} ranges: {claim}.");
            }
        }
    }

    // An earlier start wrote it, or another machine with this node's id: all would go on to read that in place of what is so.
    private void Read(RingInput.OwnRowSeen seen)
    {
        if (!_pools.TryGetValue(seen.Pool, out var pool))
        {
            return;
        }

        if (seen.Part < 0 || seen.Part >= _options.HoldingsMax)
        {
            Report(RingTrouble.BadMessage, $"{Id}", $"A row of pool {seen.Pool} in this node's name has a part that no node writes ({seen.Part}).");
        }
        else if (seen.Row != pool.Published.ElementAtOrDefault(seen.Part) && _options.Planted != RingBug.ReplacedRowLeft)
        {
            _ = pool.Replaced.Add(seen.Part);
        }
    }

    private void Publish()
    {
        if (!_isBegun)
        {
            return;
        }

        foreach (var pool in _pools.Values.Where(static p => p.IsConfirmed))
        {
            Publish(pool, RowsOf(pool));
        }
    }

    private List<RingRow> RowsOf(RingPool pool)
    {
        var free = IsHolding ? pool.Leases.LargestFree(Own(pool)) : null;
        var bits = free is { } stretch ? (int)UInt128.Log2(stretch.Length) + 1 : 0;
        var rows = Own(pool).Select(h => new Claim(h.First, h.Last, h.Version, Id)).Chunk(ClaimsPerRow)
            .Select(c => new RingRow(pool.Name, pool.Prefix, bits, [.. c])).ToList();
        if (rows.Count == 0)
        {
            // Who owns nothing says so: it has the pool open, and can be given some.
            rows.Add(new RingRow(pool.Name, pool.Prefix, 0, []));
        }

        return rows;
    }

    private void Publish(RingPool pool, List<RingRow> rows)
    {
        // Two machines with one id replace each other's rows until one of them stops: not more often than once a tick.
        var isRewriting = pool.Replaced.Count > 0 && _time.Lived >= pool.RewriteNotBefore;
        for (var i = 0; i < rows.Count; i++)
        {
            if (i >= pool.Published.Count || pool.Published[i] != rows[i] || (isRewriting && pool.Replaced.Contains(i)))
            {
                Emit(new RingEffect.Publish(pool.Name, i, rows[i]));
            }
        }

        for (var i = rows.Count; i < pool.Published.Count; i++)
        {
            Emit(new RingEffect.Unpublish(pool.Name, i));
        }

        if (isRewriting)
        {
            foreach (var part in pool.Replaced.Where(p => p >= Math.Max(rows.Count, pool.Published.Count)))
            {
                Emit(new RingEffect.Unpublish(pool.Name, part));
            }

            pool.Replaced.Clear();
            pool.RewriteNotBefore = _time.Lived + _options.TickInterval;
        }

        pool.Published = rows;
    }
}
