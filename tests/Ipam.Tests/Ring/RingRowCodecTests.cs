using System.Collections.Immutable;
using System.Net;
using Networking.Ipam.Ring;
using Networking.Ipam.Ring.Merge;

namespace Networking.Ipam.Tests.Ring;

public sealed class RingRowCodecTests
{
    private static readonly OwnerId Owner = new(0x1122334455667788);

    [Fact]
    public void Its_bytes_are_these()
    {
        var row = new RingRow("web", IPNetwork.Parse("10.32.0.0/12"), 20, [new Claim(0, 0x7ffff, 3, Owner)]);
        Assert.Equal("01040C14" + "0A200000" + "00000000" + "0007FFFF" + "0000000000000003", Convert.ToHexString(RingRowCodec.Write(row)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_row_is_read_as_it_was_written(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            var prefix = IPNetwork.Parse(random.Next(2) == 0 ? "10.0.0.0/8" : "fd00::/48");
            var claims = Enumerable.Range(0, random.Next(9)).Select(_ => (UInt128)random.NextInt64(1 << 24)).Select(f => new Claim(f, f + (UInt128)random.Next(99), (ulong)random.NextInt64(1, long.MaxValue), Owner)).ToImmutableArray();
            var row = new RingRow("web", prefix, random.Next(129), claims);
            var bytes = RingRowCodec.Write(row);
            Assert.True(bytes.Length <= 512);
            Assert.Equal(row, RingRowCodec.Read("web", Owner, bytes));
        }
    }

    /// <summary>A value or null, and nothing thrown, whatever the bytes.</summary>
    [Theory]
    [InlineData(3)]
    public void Damaged_rows_are_refused_or_read_and_never_throw(int seed)
    {
        var random = new Random(seed);
        var whole = RingRowCodec.Write(new RingRow("web", IPNetwork.Parse("fd00::/48"), 3, [new Claim(1, 2, 3, Owner), new Claim(4, 9, 1, Owner)]));
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = whole[..random.Next(whole.Length + 1)];
            for (var flips = random.Next(4); flips > 0 && bytes.Length > 0; flips--)
            {
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            }

            if (RingRowCodec.Read("web", Owner, bytes) is { } row)
            {
                Assert.Equal(bytes, RingRowCodec.Write(row));
            }
        }
    }
}
