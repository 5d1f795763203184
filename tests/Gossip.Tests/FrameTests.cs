using System.Buffers.Binary;
using Networking.Gossip.Wire;

namespace Networking.Gossip.Tests;

public sealed class FrameTests
{
    private static readonly byte[] Body = Sample.Bytes(Sample.Messages["ping"]);

    [Fact]
    public void A_frame_opens_for_who_has_the_key_and_names_its_sender()
    {
        var frame = Codec(1).Seal(FrameKind.Packet, Body);
        var opened = Codec(2).Open(FrameKind.Packet, frame);
        Assert.Equal((WireRefusal.None, Sample.Node), (opened.Refusal, opened.Sender));
        Assert.Equal(Body, opened.Body.ToArray());
        Assert.Equal(Body.Length + WireLimits.FrameOverheadBytes, frame.Length);
    }

    [Fact]
    public void No_bit_of_a_frame_can_be_changed()
    {
        var frame = Codec(1).Seal(FrameKind.Packet, Body);
        for (var bit = 0; bit < frame.Length * 8; bit++)
        {
            byte[] changed = [.. frame];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(WireRefusal.None, Codec(2).Open(FrameKind.Packet, changed).Refusal);
        }
    }

    [Fact]
    public void A_frame_is_taken_once()
    {
        var receiver = Codec(2);
        var frame = Codec(1).Seal(FrameKind.Packet, Body);
        Assert.Equal(WireRefusal.None, receiver.Open(FrameKind.Packet, frame).Refusal);
        Assert.Equal(WireRefusal.Replayed, receiver.Open(FrameKind.Packet, frame).Refusal);
    }

    [Fact]
    public void Frames_may_overtake_each_other_within_the_window()
    {
        var sender = Codec(1);
        var receiver = Codec(2);
        var frames = Enumerable.Range(0, 600).Select(_ => sender.Seal(FrameKind.Packet, Body)).ToList();
        Assert.Equal(WireRefusal.None, receiver.Open(FrameKind.Packet, frames[299]).Refusal);
        Assert.All(Enumerable.Range(44, 255), i => Assert.Equal(WireRefusal.None, receiver.Open(FrameKind.Packet, frames[i]).Refusal));
        Assert.All(Enumerable.Range(0, 300), i => Assert.Equal(WireRefusal.Replayed, receiver.Open(FrameKind.Packet, frames[i]).Refusal));
        Assert.Equal(WireRefusal.None, receiver.Open(FrameKind.Packet, frames[599]).Refusal);
        Assert.Equal(WireRefusal.None, receiver.Open(FrameKind.Packet, frames[400]).Refusal);
        Assert.Equal(WireRefusal.Replayed, receiver.Open(FrameKind.Packet, frames[300]).Refusal);
    }

    /// <summary>The window against the plainest model of one: everything seen, and how far back it reaches.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_window_behaves_like_a_set(int seed)
    {
        var random = new Random(seed);
        var window = new ReplayWindow(session: 1);
        var seen = new HashSet<uint>();
        var middle = 1000L;
        for (var i = 0; i < 20_000; i++)
        {
            middle += random.Next(50) == 0 ? random.Next(1000) : random.Next(2);
            var counter = (uint)(middle + random.Next(-300, 20));
            var isTooOld = seen.Count > 0 && seen.Max() is var max && max > counter && max - counter >= ReplayWindow.Width;
            Assert.Equal(!isTooOld && seen.Add(counter), window.Accept(counter));
            _ = seen.RemoveWhere(c => c + 2000 < counter);
        }
    }

    [Fact]
    public void Our_own_frame_is_refused()
    {
        var codec = Codec(1);
        Assert.Equal(WireRefusal.Reflected, codec.Open(FrameKind.Packet, codec.Seal(FrameKind.Packet, Body)).Refusal);
    }

    [Fact]
    public void A_key_opens_while_it_is_in_the_ring_and_no_longer()
    {
        var sender = Codec(1, Sample.Ring(1));
        var receiver = Codec(2, Sample.Ring(2, 1));
        Assert.Equal(WireRefusal.None, receiver.Open(FrameKind.Packet, sender.Seal(FrameKind.Packet, Body)).Refusal);
        receiver.Keys = Sample.Ring(2);
        Assert.Equal(WireRefusal.UnknownKey, receiver.Open(FrameKind.Packet, sender.Seal(FrameKind.Packet, Body)).Refusal);
    }

    [Fact]
    public void What_does_not_fit_is_refused_by_its_name()
    {
        var frame = Codec(1).Seal(FrameKind.Packet, Body);
        var receiver = Codec(2);
        Assert.Equal(WireRefusal.Truncated, receiver.Open(FrameKind.Packet, frame.AsSpan(0, 39)).Refusal);
        Assert.Equal(WireRefusal.Oversize, receiver.Open(FrameKind.Packet, new byte[WireLimits.PacketBytesMax + 1]).Refusal);
        Assert.Equal(WireRefusal.UnknownKind, receiver.Open(FrameKind.Stream, frame).Refusal);
        Assert.Equal(WireRefusal.UnknownVersion, receiver.Open(FrameKind.Packet, [2, .. frame[1..]]).Refusal);
        Assert.Equal(WireRefusal.Forged, receiver.Open(FrameKind.Packet, [.. frame[..^1], (byte)(frame[^1] ^ 1)]).Refusal);
    }

    [Fact]
    public void Streams_are_compressed_where_it_pays_and_a_bomb_is_not_unpacked()
    {
        var sender = Codec(1);
        var text = new byte[100_000];
        var packed = sender.Seal(FrameKind.Stream, text);
        Assert.True(packed.Length < 1000);
        Assert.Equal(text, Codec(2).Open(FrameKind.Stream, packed).Body.ToArray());

        var noise = new byte[100_000];
        new Random(1).NextBytes(noise);
        Assert.Equal(noise.Length + WireLimits.FrameOverheadBytes, sender.Seal(FrameKind.Stream, noise).Length);

        var bomb = sender.Seal(FrameKind.Stream, new byte[WireLimits.StreamFrameBytesMax + 1]);
        Assert.True(bomb.Length < 2000);
        Assert.Equal(WireRefusal.Oversize, Codec(2).Open(FrameKind.Stream, bomb).Refusal);
    }

    [Fact]
    public void A_session_ends_before_its_counter_repeats()
    {
        var sessions = new Queue<ulong>([10, 11]);
        var codec = new FrameCodec(Sample.Node, Sample.Ring(1), sessions.Dequeue);
        var nonces = new HashSet<(ulong, uint)>();
        for (var i = 0; i < 1000; i++)
        {
            var frame = codec.Seal(FrameKind.Packet, Body);
            Assert.True(nonces.Add((BinaryPrimitives.ReadUInt64LittleEndian(frame.AsSpan(4)), BinaryPrimitives.ReadUInt32LittleEndian(frame.AsSpan(12)))));
        }
    }

    [Fact]
    public void Remembered_senders_are_bounded()
    {
        var receiver = new FrameCodec(Sample.Other, Sample.Ring(1), static () => 1, sessionsMax: 64);
        for (var i = 0UL; i < 1000; i++)
        {
            var session = i + 100;
            Assert.Equal(WireRefusal.None, receiver.Open(FrameKind.Packet, new FrameCodec(Sample.Node, Sample.Ring(1), () => session).Seal(FrameKind.Packet, Body)).Refusal);
            Assert.True(receiver.SessionCount <= 64);
        }
    }

    [Fact]
    public void A_ring_says_everything_that_is_wrong_with_it()
    {
        Assert.Empty(Sample.Ring(1, 2, 3).Problems());
        Assert.Equal(2, new Keyring([Sample.Key(1), Sample.Key(1), Sample.Key(2), Sample.Key(3)], 0).Problems().Length);
        Assert.Equal(2, new Keyring([], 0).Problems().Length);
        Assert.Contains("openssl rand", Assert.Throws<ArgumentException>(static () => new GossipKey(new byte[15])).Message, StringComparison.Ordinal);
        Assert.DoesNotContain("0707", Sample.Key().ToString(), StringComparison.Ordinal);
    }

    private static FrameCodec Codec(ulong session, Keyring? keys = null) => new(session == 1 ? Sample.Node : Sample.Other, keys ?? Sample.Ring(1), () => session);
}
