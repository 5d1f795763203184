using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Networking.Ipam.Ring;
using Networking.Ipam.Ring.Authority;
using Networking.Ipam.Ring.Merge;
using Networking.Ipam.Ring.Wire;
using Networking.Model;
using NodeRecord = Networking.Ipam.Ring.Authority.NodeRecord;

namespace Networking.Ipam.Tests.Ring;

/// <summary>The bytes of the ring's frames, as other builds will read them; what cannot be is refused, and why is said.</summary>
public sealed class RingCodecTests
{
    [Fact]
    public void Frames_have_the_bytes_they_always_had()
    {
        var text = new StringBuilder();
        foreach (var (name, bytes) in RingSample.Frames)
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"{name}: {Convert.ToHexStringLower(bytes)}\n");
        }

        var path = Path.Combine(Path.GetDirectoryName(Here())!, "..", "goldens", "ring-frames.txt"); // a source file has a folder
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, text.ToString());
        }

        Assert.Equal(File.ReadAllText(path), text.ToString());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void What_is_written_is_read_again(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 500; round++)
        {
            var message = RingSample.Message(random);
            Assert.Equal(message, RingCodec.ReadMessage(RingCodec.Write(message), out _));
            var answer = RingSample.Answer(random);
            Assert.Equal(answer, RingCodec.ReadAnswer(RingCodec.Write(answer), out _));
            var request = RingSample.Request(random);
            AssertAlike(request, RingCodec.ReadRequest(RingCodec.Write(request), out _));
        }
    }

    [Fact]
    public void Every_cut_and_every_surplus_is_refused()
    {
        foreach (var (name, bytes) in RingSample.Frames)
        {
            Assert.Equal(RingWireRefusal.None, Refusal(bytes));
            Assert.Equal(RingWireRefusal.Malformed, Refusal([.. bytes, 0]));
            for (var length = 0; length < bytes.Length; length++)
            {
                Assert.True(Refusal(bytes[..length]) == (length < 2 ? RingWireRefusal.Truncated : RingWireRefusal.Malformed), $"{name} cut to {length} of {bytes.Length}");
            }
        }
    }

    [Fact]
    public void Another_version_another_kind_and_what_is_too_long_are_refused_by_name()
    {
        var ask = RingSample.Frames["donation-ask"];
        Assert.Equal(RingWireRefusal.UnknownVersion, Refusal([2, .. ask[1..]]));
        _ = RingCodec.ReadRequest(ask, out var asRequest);
        Assert.Equal(RingWireRefusal.UnknownKind, asRequest);
        _ = RingCodec.ReadMessage(RingSample.Frames["list"], out var asMessage);
        Assert.Equal(RingWireRefusal.UnknownKind, asMessage);
        _ = RingCodec.ReadMessage(new byte[RingWireLimits.MessageBytesMax + 1], out var oversize);
        Assert.Equal(RingWireRefusal.Oversize, oversize);
    }

    /// <summary>Rightly spelled, and impossible: a build that says so is wrong, and is not believed.</summary>
    [Fact]
    public void What_cannot_be_is_refused()
    {
        Holding whole = new("web", 0, 9, 1, 0, default);
        Holding[][] impossible =
        [
            [whole with { First = 10 }],
            [whole with { Version = 0 }],
            [whole with { Opened = 11 }],
            [whole with { Opened = 1, Former = RingSample.Other }],
            [whole, whole with { First = 9, Last = 20 }],
            [whole with { First = 20, Last = 30 }, whole],
            [whole with { Last = UInt128.MaxValue }],
        ];
        foreach (var holdings in impossible)
        {
            var bytes = RingCodec.Write(new RingMessage.Answer(1, "web", AskOutcome.Given, RingSample.Record with { Holdings = [.. holdings] }, null));
            Assert.True(Refusal(bytes) == RingWireRefusal.Malformed, string.Join(' ', holdings));
        }

        RingMessage ask = new RingMessage.DonationAsk(0, "web", 1, false);
        Assert.Equal(RingWireRefusal.Malformed, Refusal(RingCodec.Write(ask)));
        Assert.Equal(RingWireRefusal.Malformed, Refusal(RingCodec.Write(ask with { Nonce = 1, Pool = string.Empty })));
        Assert.Equal(RingWireRefusal.Malformed, Refusal(RingCodec.Write(ask with { Nonce = 1, Pool = new string('x', RingWireLimits.PoolNameBytesMax + 1) })));
        Assert.Equal(RingWireRefusal.Malformed, Refusal(RingCodec.Write(new RingMessage.Answer(1, "web", AskOutcome.NotOwner, null, new Claim(2, 1, 1, RingSample.Node)))));
        Assert.Equal(RingWireRefusal.Malformed, Refusal(RingCodec.Write(new AuthorityRequest.Commit(1, [new Expectation(RingSample.Other, 1)], [RingSample.Record], null))));
        Assert.Equal(RingWireRefusal.Malformed, Refusal(RingCodec.Write(new AuthorityAnswer(1, false, [], new PoolRecord("web", default, RingSample.Node)))));
    }

    [Fact]
    public void A_record_with_as_many_ranges_as_may_be_fits_and_one_more_is_never_written()
    {
        var most = Record(RingWireLimits.HoldingsMax);
        var bytes = RingCodec.Write(new RingMessage.Answer(1, "web", AskOutcome.Given, most, null));
        Assert.True(bytes.Length < RingWireLimits.MessageBytesMax, $"{bytes.Length} bytes");
        Assert.Equal(most, ((RingMessage.Answer?)RingCodec.ReadMessage(bytes, out _))?.Record);
        _ = Assert.Throws<InvariantException>(static () => RingCodec.Write(new RingMessage.Answer(1, "web", AskOutcome.Given, Record(RingWireLimits.HoldingsMax + 1), null)));

        // Each in a pool of its own, with all its numbers as long as they can be.
        static NodeRecord Record(int ranges) => RingSample.Record with
        {
            Holdings = [.. Enumerable.Range(0, ranges).Select(static i => new Holding($"{new string('p', RingWireLimits.PoolNameBytesMax - 4)}{i:d4}", UInt128.One << 126, (UInt128.One << 127) - 1, ulong.MaxValue, UInt128.One << 126, default))],
        };
    }

    private static void AssertAlike(AuthorityRequest expected, AuthorityRequest? read)
    {
        if (expected is AuthorityRequest.Commit commit && read is AuthorityRequest.Commit also)
        {
            Assert.Equal(commit.Expected, also.Expected);
            Assert.Equal(commit.Writes, also.Writes);
            Assert.Equal((commit.Id, commit.NewPool), (also.Id, also.NewPool));
        }
        else
        {
            Assert.Equal(expected, read);
        }
    }

    private static RingWireRefusal Refusal(byte[] bytes)
    {
        var refusals = new RingWireRefusal[3];
        _ = RingCodec.ReadMessage(bytes, out refusals[0]);
        _ = RingCodec.ReadRequest(bytes, out refusals[1]);
        _ = RingCodec.ReadAnswer(bytes, out refusals[2]);
        return refusals.FirstOrDefault(static r => r != RingWireRefusal.UnknownKind, RingWireRefusal.UnknownKind);
    }

    private static string Here([CallerFilePath] string path = "") => path;
}
