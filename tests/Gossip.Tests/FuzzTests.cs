using System.Diagnostics;
using Networking.Gossip.Wire;

namespace Networking.Gossip.Tests;

/// <summary>Whatever the bytes: messages or a refusal, always an end, and memory in proportion.</summary>
public sealed class FuzzTests
{
    private const int Rounds = 30_000;
    private const long BytesPerRoundMax = 512 * 1024;

    [Theory]
    [InlineData(1)]
    [InlineData(7946)]
    public void Mutated_messages_never_break_the_reader(int seed)
    {
        var bodies = Sample.Messages.Values.Select(Sample.Bytes).ToArray();
        var messages = new List<Message>();
        var read = Run(seed, random => Mutate(random, [.. bodies[random.Next(bodies.Length)], .. bodies[random.Next(bodies.Length)]]), bytes => MessageReader.TryRead(bytes, messages));
        Assert.InRange(read, Rounds / 100, Rounds - (Rounds / 10)); // both ways out are met
    }

    [Fact]
    public void Random_bytes_never_break_the_reader() => _ = Run(3, static random =>
    {
        var bytes = new byte[random.Next(300)];
        random.NextBytes(bytes);
        bytes.AsSpan(0, Math.Min(1, bytes.Length)).Fill((byte)random.Next(1, 18));
        return bytes;
    }, static bytes => MessageReader.TryRead(bytes, []));

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Mutated_frames_never_open_and_never_break_the_decoder(int seed)
    {
        var sender = new FrameCodec(Sample.Node, Sample.Ring(1), static () => 1);
        var receiver = new FrameCodec(Sample.Other, Sample.Ring(1), static () => 2);
        byte[][] frames = [sender.Seal(FrameKind.Packet, new byte[100]), sender.Seal(FrameKind.Stream, new byte[10_000])];
        var read = Run(seed, random =>
        {
            var frame = frames[random.Next(2)];
            var changed = Mutate(random, frame);
            return changed.AsSpan().SequenceEqual(frame) ? frame[1..] : changed;
        }, bytes => receiver.Open((FrameKind)(1 + (bytes.Length % 2)), bytes).Refusal == WireRefusal.None);
        Assert.Equal(0, read);
    }

    /// <summary>A whole node is fed rightly sealed nonsense: it names it, and lives.</summary>
    [Fact]
    public void A_node_survives_sealed_nonsense()
    {
        var random = new Random(9);
        var bodies = Sample.Messages.Values.Select(Sample.Bytes).ToArray();
        var node = new GossipNode(new GossipOptions(), new NodeIdentity(Sample.Other, 0, 1, Sample.Address("192.0.2.2:7946"), false), Sample.Ring(1), new Random(1), static () => 2);
        var sender = new FrameCodec(Sample.Node, Sample.Ring(1), static () => 1);
        var effects = new List<GossipEffect>();
        var reports = 0;
        for (var i = 0; i < Rounds; i++)
        {
            var body = Mutate(random, [.. bodies[random.Next(bodies.Length)], .. bodies[random.Next(bodies.Length)]]);
            effects.Clear();
            var now = TimeSpan.FromMilliseconds(i);
            node.Step(now, new GossipInput.Packet(Sample.Address(), sender.Seal(FrameKind.Packet, body)), effects);
            node.Step(now, new GossipInput.StreamAccepted((2 * i) + 1, Sample.Address()), effects);
            node.Step(now, new GossipInput.StreamFrame((2 * i) + 1, sender.Seal(FrameKind.Stream, body)), effects);
            reports += effects.Count(static e => e is GossipEffect.Report { Trouble: GossipTrouble.BadFrame });
        }

        Assert.Equal(1, reports);
        Assert.True(node.CountOf(GossipTrouble.BadFrame) > Rounds / 10);
        Assert.True(node.Load.Streams <= 64, node.Load.ToString());
    }

    private static byte[] Mutate(Random random, byte[] body)
    {
        byte[] bytes = [.. body];
        for (var i = random.Next(4); i > 0; i--)
        {
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        }

        return random.Next(4) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }

    private static int Run(int seed, Func<Random, byte[]> next, Func<byte[], bool> read)
    {
        var random = new Random(seed);
        var clock = Stopwatch.StartNew();
        var count = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = next(random);
            var before = GC.GetAllocatedBytesForCurrentThread();
            count += read(bytes) ? 1 : 0;
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < BytesPerRoundMax, $"seed {seed} round {round}: {allocated} bytes for {Convert.ToHexString(bytes)}");
        }

        Assert.True(clock.Elapsed < TimeSpan.FromMinutes(1), $"seed {seed}");
        return count;
    }
}
