using Networking.Gossip.Tables;
using Networking.Gossip.Wire;

namespace Networking.Gossip.Tests;

/// <summary>What is kept of rows, beside the same in dictionaries: rows by key, marks beside them, digests that are not added up anew.</summary>
public sealed class ScopeRowsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Rows_marks_and_digests_are_as_if_added_up_anew(int seed)
    {
        var random = new Random(seed);
        var scope = new ScopeRows(ScopeId.Cluster, new GossipOptions());
        var expected = new Dictionary<ulong, SortedDictionary<RowKey, HeldRow>>();
        var pending = new HashSet<ulong>();
        var thin = 0;
        for (var version = 1UL; version < 4000; version++)
        {
            var id = (ulong)random.Next(1, 6);
            var owner = scope.Ensure(new NodeId(id));
            owner.IsVisible = id > 2;
            _ = expected.TryAdd(id, []);
            switch (random.Next(12))
            {
                case 0:
                    scope.Forget(owner);
                    _ = expected.Remove(id);
                    _ = pending.Remove(id);
                    break;
                case 1:
                    scope.Pend(owner, pending.Add(id) || !pending.Remove(id) ? TimeSpan.FromSeconds(1) : null);
                    break;
                case < 8:
                    var gone = Key(random);
                    scope.Remove(owner, gone);
                    _ = expected[id].Remove(gone);
                    break;
                default:
                    var held = Held(random, id, version);
                    scope.Set(owner, held.Row, held.Mark);
                    expected[id][held.Row.Key] = held;
                    break;
            }

            if (expected.ContainsKey(id))
            {
                scope.Thin(owner); // a row alone may stand for the rows of its owner: nobody sees a difference
                thin += owner.Sole is null ? 0 : 1;
            }

            Assert.Equal(pending.Count, scope.PendingCount);
            Assert.Equal(Digest(expected, pending), scope.Digest);
            var key = Key(random);
            Assert.Equal(expected.GetValueOrDefault(id)?.TryGetValue(key, out var row) == true ? row : (HeldRow?)null, scope.Find(new NodeId(id), key));
            Assert.Equal(expected.Where(static e => e.Value.Count > 0).OrderBy(static e => e.Key).Select(static e => e.Value.Values), scope.Owners.Where(static o => o.Count > 0).Select(static o => o.All));
            Assert.Equal(expected.GetValueOrDefault(id)?.Values.ToList() ?? [], scope.Find(new NodeId(id))?.All.ToList() ?? []);
            Assert.Equal(expected.GetValueOrDefault(id)?.Values.Count(static h => !h.Row.IsRemoved) ?? 0, scope.Find(new NodeId(id))?.LiveCount ?? 0);
        }

        Assert.InRange(thin, 50, 2000);
    }

    private static ulong Digest(Dictionary<ulong, SortedDictionary<RowKey, HeldRow>> expected, HashSet<ulong> pending)
    {
        var sum = 0UL;
        foreach (var (id, rows) in expected.Where(e => !pending.Contains(e.Key)))
        {
            var digest = rows.Values.Where(static h => !h.Row.IsRemoved).Aggregate(0UL, static (all, h) => all + Hashing.Mix(h.Row.Key.Hash, h.Row.Version));
            sum += digest == 0 ? 0 : Hashing.Mix(id, digest);
        }

        return sum;
    }

    private static RowKey Key(Random random) => new(random.Next(3) == 0 ? Attachments.Table : "endpoint", $"k{random.Next(4)}");

    private static HeldRow Held(Random random, ulong owner, ulong version)
    {
        var key = Key(random);
        var row = random.Next(4) == 0
            ? new Row(key, new NodeId(owner), version, [], TimeSpan.FromSeconds(9))
            : new Row(key, new NodeId(owner), version, Attachments.ValueOf(version));
        return new HeldRow(row, row.IsRemoved || random.Next(5) == 0 ? new HeldMark(TimeSpan.FromSeconds(version), version + 7) : HeldMark.Of(row));
    }
}
