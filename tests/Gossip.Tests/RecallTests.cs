using Networking.Gossip.Membership;
using Networking.Gossip.Tables;
using Networking.Gossip.Wire;

namespace Networking.Gossip.Tests;

/// <summary>A reader that remembers reads what one reads that does not.</summary>
public sealed class RecallTests
{
    [Fact]
    public void What_was_read_before_is_the_same_object()
    {
        var memo = new WireMemo(64);
        var first = Read(memo, Sample.Messages["rows"], Sample.Messages["alive"]);
        var second = Read(memo, Sample.Messages["rows"], Sample.Messages["alive"]);
        Assert.Same(Rows(first)[0], Rows(second)[0]);
        Assert.Same(first[1], second[1]);
        Assert.NotSame(Rows(first)[1], Rows(second)[1]); // removed: the time that is left of it may be another
        Assert.Equal(Sample.Bytes(Sample.Messages["rows"]), Sample.Bytes(second[0]));
        Assert.NotNull(memo.BytesOf(Rows(first)[0]));
        Assert.Null(memo.BytesOf(Sample.Row())); // equal, and yet never read
    }

    /// <summary>Two starts of a node after its disk was put back may give one version to two rows, and two nodes may have one id.</summary>
    [Fact]
    public void Other_bytes_of_the_same_subject_are_read_anew()
    {
        var memo = new WireMemo(64);
        _ = Read(memo, new RowsMessage(Sample.Scope, [Sample.Row(value: 1)]), new MemberMessage(MemberFact.Alive(Sample.Node, Sample.Info(run: 1))));
        var messages = Read(memo, new RowsMessage(Sample.Scope, [Sample.Row(value: 9)]), new MemberMessage(MemberFact.Alive(Sample.Node, Sample.Info(run: 9))));
        Assert.Equal(9, Rows(messages)[0].Value[0]);
        Assert.Equal(9UL, ((MemberMessage)messages[1]).Fact.Info?.Run);
    }

    /// <summary>Whatever the bytes: one memo for all of them, so that each may meet what another left there.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Bytes_are_read_and_refused_alike_with_a_memo_and_without(int seed)
    {
        var random = new Random(seed);
        var memo = new WireMemo(4);
        var news = new[] { Sample.Messages["rows"], Sample.Messages["alive"], new RowsMessage(ScopeId.Cluster, [Sample.Row(key: "db"), Sample.Row(version: 1)]) }.Select(Sample.Bytes).ToArray();
        var refused = 0;
        for (var i = 0; i < 20_000; i++)
        {
            byte[] bytes = [.. news[random.Next(news.Length)], .. news[random.Next(news.Length)]];
            if (random.Next(2) == 0)
            {
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            }

            if (random.Next(4) == 0)
            {
                bytes = bytes[..random.Next(bytes.Length)];
            }

            var (plain, remembered) = (new List<Message>(), new List<Message>());
            var isRead = MessageReader.TryRead(bytes, plain);
            for (var again = 0; again < 2; again++)
            {
                Assert.Equal(isRead, MessageReader.TryRead(bytes, remembered, memo));
                Assert.Equal(plain.Select(Sample.Bytes), remembered.Select(Sample.Bytes));
            }

            refused += isRead ? 0 : 1;
        }

        Assert.InRange(refused, 2000, 18_000); // both ways out are met
    }

    private static List<Message> Read(WireMemo memo, params Message[] messages)
    {
        var read = new List<Message>();
        Assert.True(MessageReader.TryRead([.. messages.SelectMany(Sample.Bytes)], read, memo));
        return read;
    }

    private static List<Row> Rows(List<Message> messages) => ((RowsMessage)messages[0]).Rows;
}
