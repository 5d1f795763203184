using Networking.Gossip.Membership;
using Networking.Gossip.Tables;
using Networking.Gossip.Wire;

namespace Networking.Gossip.Tests;

/// <summary>Statements may come in any order, and any number of times.</summary>
public sealed class MergeLawTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Statements_about_a_member_join_in_any_order(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 5000; i++)
        {
            var (a, b, c) = (Fact(random), Fact(random), Fact(random));
            Assert.Equal(Essence(MemberFact.Join(a, b)), Essence(MemberFact.Join(b, a)));
            Assert.Equal(Essence(MemberFact.Join(MemberFact.Join(a, b), c)), Essence(MemberFact.Join(a, MemberFact.Join(b, c))));
            Assert.Equal(Essence(MemberFact.Join(a, a)), Essence(a));
        }
    }

    /// <summary>The real books, not the model of them: two nodes hear the same in another order, some of it twice.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_book_of_members_is_the_join_of_what_it_heard(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 300; round++)
        {
            var facts = Enumerable.Range(0, 12).Select(_ => Fact(random)).ToList();
            var first = MemberFact.Alive(Sample.Node, Sample.Info(1));
            var joined = facts.Aggregate(first, MemberFact.Join);
            foreach (var order in new[] { facts, Shuffled(random, facts), Shuffled(random, [.. facts, .. facts]) })
            {
                var book = new MemberBook(Context(), Identity, static (_, _) => { });
                book.Apply(first, isSecondHand: false);
                order.ForEach(f => book.Apply(f, isSecondHand: false));
                var member = book.Roster.Find(Sample.Node)!; // it was met first
                Assert.Equal(Essence(joined), (member.Incarnation, member.Status, member.Info));
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Tables_are_the_join_of_what_they_heard(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            // A version is written once, so equal versions are equal rows.
            var rows = Enumerable.Range(1, 20).Select(v => random.Next(3) == 0 ? Sample.Removed((ulong)v, $"k{v % 4}") : Sample.Row((ulong)v, $"k{v % 4}", value: (byte)v)).ToList();
            var expected = rows.GroupBy(static r => r.Key).Select(static g => g.MaxBy(static r => r.Version)!).Where(static r => !r.IsRemoved) // a group has a row
                .Select(static r => (r.Key, r.Value[0])).OrderBy(static r => r.Key).ToList();
            foreach (var order in new[] { rows, Shuffled(random, rows), Shuffled(random, [.. rows, .. rows]) })
            {
                var context = Context();
                var members = new MemberBook(context, Identity, static (_, _) => { });
                members.Apply(MemberFact.Alive(Sample.Node, Sample.Info(1, floor: 0)), isSecondHand: false);
                var tables = new TableBook(context, members);
                order.ForEach(r => tables.Apply(new RowsMessage(ScopeId.Cluster, [r]), Sample.Node));
                Assert.Equal(expected, tables.Read(ScopeId.Cluster).Rows.Select(static r => (r.Key, r.Value[0])));
            }
        }
    }

    private static NodeIdentity Identity => new(Sample.Other, 0, 1, Sample.Address("192.0.2.9:7946"), false);

    private static NodeContext Context() => new(new GossipOptions(), new Random(1));

    private static (uint, MemberStatus, MemberInfo?) Essence(MemberFact fact) => (fact.Incarnation, fact.Status, fact.Info);

    private static List<T> Shuffled<T>(Random random, List<T> items)
    {
        var array = items.ToArray();
        random.Shuffle(array);
        return [.. array];
    }

    private static MemberFact Fact(Random random)
    {
        var incarnation = (uint)random.Next(1, 5);
        var status = (MemberStatus)random.Next(4);
        var info = status == MemberStatus.Alive || random.Next(3) == 0
            ? Sample.Info(status == MemberStatus.Alive ? incarnation : (uint)random.Next(1, (int)incarnation + 1), $"192.0.2.{random.Next(1, 3)}:7946", (ulong)random.Next(1, 3), 0)
            : null;
        return new MemberFact(Sample.Node, incarnation, status, info, Sample.Other);
    }
}
