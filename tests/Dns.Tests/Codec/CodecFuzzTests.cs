using System.Diagnostics;

namespace Networking.Dns.Tests;

/// <summary>Whatever the bytes: a value or a fault, never an exception, always an end.</summary>
public sealed class CodecFuzzTests
{
    private const int Rounds = 100_000;
    private static readonly TimeSpan PerMessageMax = TimeSpan.FromMilliseconds(50); // far beyond what bounded work takes

    [Theory]
    [InlineData(1)]
    [InlineData(20_26)]
    public void Mutated_messages_never_break_the_decoder(int seed)
    {
        var random = new Random(seed);
        var seeds = Golden.Queries.Concat(Golden.Answers).Select(static n => Golden.Read(n)).ToArray();
        for (var round = 0; round < Rounds; round++)
        {
            ReadAll(Mutation.Of(random, seeds));
        }
    }

    [Fact]
    public void Random_bytes_never_break_the_decoder()
    {
        var random = new Random(3);
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = new byte[random.Next(120)];
            random.NextBytes(bytes);
            ReadAll(bytes);
        }
    }

    [Fact]
    public void A_chain_of_pointers_through_a_whole_message_costs_little()
    {
        // 65,535 bytes: each pointer leads to the one before it, and every record's name is the last pointer.
        var message = new byte[65_535];
        new DnsHeader(1, DnsHeader.Response, 1, 5_000, 0, 0).Write(message);
        message[12] = 0; // the root
        for (var at = 20; at + 2 < 8_000; at += 2)
        {
            var target = at == 20 ? 12 : at - 2;
            (message[at], message[at + 1]) = ((byte)(0xc0 | (target >> 8)), (byte)target);
        }

        var watch = Stopwatch.StartNew();
        for (var i = 0; i < 10; i++)
        {
            _ = NameWire.Expand(message, 7_998, new byte[NameWire.BytesMax]);
            ReadAll(message);
        }

        Assert.True(watch.Elapsed < 20 * PerMessageMax, $"20 readings took {watch.Elapsed}");
    }

    internal static void ReadAll(ReadOnlySpan<byte> bytes)
    {
        Span<byte> name = stackalloc byte[NameWire.BytesMax];
        if (DnsQuery.TryRead(bytes, out var query) != DnsFault.None && DnsQuery.TryReadResponse(bytes, out query) != DnsFault.None)
        {
            return;
        }

        Assert.Equal(query.Name.Length, NameWire.PlainLength(query.Name));
        _ = NameText.Of(query.Name);
        _ = ReverseName.Address(query.Name);
        _ = query.PayloadMax;
        var reader = new RecordReader(bytes, query.Header, query.QuestionEnd);
        var count = 0;
        while (reader.MoveNext())
        {
            count++;
            var length = reader.ReadName(name);
            Assert.InRange(length, 0, NameWire.BytesMax);
            _ = NameText.Of(name[..length]);
            _ = reader.ReadAddress();
            _ = reader.ReadTarget(name);
            _ = reader.ReadService(out _, out _, out _, name);
            _ = reader.ReadNegativeTtl();
        }

        Assert.Equal(DnsFault.None, reader.Fault); // what was checked is whole
        Assert.InRange(count, 0, bytes.Length / 11);
    }
}
