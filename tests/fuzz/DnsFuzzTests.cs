using Networking.Dns;
using Networking.Dns.Tests;

namespace Networking.Fuzz.Tests;

/// <summary>Messages of clients and servers: a value or a fault, never an exception, always an end.</summary>
public sealed class DnsFuzzTests
{
    private const long BytesMax = 64 * 1024;

    private static readonly byte[][] s_messages = [.. Golden.Queries.Concat(Golden.Answers).Select(static n => Golden.Read(n))];

    public static TheoryData<int> Seeds() => FuzzRun.Seeds(1, 20_26);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Mutated_messages_never_break_the_decoder(int seed) =>
        Assert.InRange(FuzzRun.Each(seed, 100_000, BytesMax, static r => Mutation.Of(r, s_messages), Read), 5, 95); // both ways out are met

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Random_bytes_never_break_the_decoder(int seed) =>
        _ = FuzzRun.Each(seed, 100_000, BytesMax, static r => FuzzRun.Noise(r, 120), Read);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Text_that_anybody_typed_is_a_name_or_is_not(int seed) =>
        _ = FuzzRun.Each(seed, 40_000, BytesMax, static r => FuzzRun.Noise(r, 300), static b =>
        {
            Span<byte> wire = stackalloc byte[NameWire.BytesMax];
            var length = NameText.TryWrite(new string([.. b.Select(static c => (char)c)]), wire);
            Assert.True(length == 0 || NameWire.PlainLength(wire[..length]) == length);
            return length > 0;
        });

    private static bool Read(byte[] bytes)
    {
        Reading.All(bytes);
        return DnsQuery.TryRead(bytes, out _) == DnsFault.None || DnsQuery.TryReadResponse(bytes, out _) == DnsFault.None;
    }
}
