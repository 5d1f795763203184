using Networking.Ipam.Ring;
using Networking.Ipam.Ring.Wire;
using Networking.Ipam.Tests.Ring;

namespace Networking.Fuzz.Tests;

/// <summary>What other nodes, and whoever keeps the records, say of shared pools: a value of one spelling or a refusal, and memory in proportion.</summary>
public sealed class RingFuzzTests
{
    private const int Rounds = 60_000;
    private const long BytesMax = 64 * 1024;

    private static readonly byte[][] s_frames = [.. RingSample.Frames.Values];
    private static readonly OwnerId s_owner = new(1);

    public static TheoryData<int> Seeds() => FuzzRun.Seeds(1, 20_26);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Mutated_frames_never_break_the_reader(int seed) =>
        Assert.InRange(FuzzRun.Each(seed, Rounds, BytesMax, static r => FuzzRun.Wrong(r, s_frames[r.Next(s_frames.Length)]), Read), 5, 95); // both ways out are met

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Random_bytes_never_break_the_reader(int seed) => _ = FuzzRun.Each(seed, Rounds, BytesMax, static random =>
    {
        var bytes = FuzzRun.Noise(random, 300);
        bytes.AsSpan(0, Math.Min(1, bytes.Length)).Fill(RingWireLimits.Version);
        bytes.AsSpan(Math.Min(1, bytes.Length), Math.Min(1, Math.Max(bytes.Length - 1, 0))).Fill((byte)random.Next(1, 9));
        return bytes;
    }, Read);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Rows_that_anybody_wrote_are_read_or_refused(int seed)
    {
        byte[][] rows = [.. new[] { "10.32.0.0/12", "fd00:8::/48" }.Select(static p => RingRowCodec.Write(new RingRow("web", System.Net.IPNetwork.Parse(p), 7, [new(1, 9, 3, s_owner), new(10, 99, 1, s_owner)])))];
        Assert.InRange(FuzzRun.Each(seed, Rounds, BytesMax, r => FuzzRun.Wrong(r, rows[r.Next(2)]), static bytes =>
        {
            var row = RingRowCodec.Read("web", s_owner, bytes);
            Assert.True(row is null || RingRowCodec.Write(row).AsSpan().SequenceEqual(bytes));
            return row is not null;
        }), 5, 95);
    }

    private static bool Read(byte[] bytes)
    {
        var again = RingCodec.ReadMessage(bytes, out _) is { } message ? RingCodec.Write(message)
            : RingCodec.ReadRequest(bytes, out _) is { } request ? RingCodec.Write(request)
            : RingCodec.ReadAnswer(bytes, out _) is { } answer ? RingCodec.Write(answer)
            : null;
        Assert.True(again is null || again.AsSpan().SequenceEqual(bytes), "a value has one spelling");
        return again is not null;
    }
}
