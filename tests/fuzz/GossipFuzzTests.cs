using Networking.Gossip;
using Networking.Gossip.Tests;
using Networking.Gossip.Wire;

namespace Networking.Fuzz.Tests;

/// <summary>What other nodes say, or somebody who is none: messages or a refusal, and memory in proportion.</summary>
public sealed class GossipFuzzTests
{
    private const int Rounds = 30_000;
    private const long BytesMax = 512 * 1024;

    private static readonly byte[][] s_bodies = [.. Sample.Messages.Values.Select(Sample.Bytes)];

    public static TheoryData<int> Seeds() => FuzzRun.Seeds(1, 7946);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Mutated_messages_never_break_the_reader(int seed)
    {
        var messages = new List<Message>();
        var read = FuzzRun.Each(seed, Rounds, BytesMax, static r => Mutate(r, Two(r)), bytes => MessageReader.TryRead(bytes, messages));
        Assert.InRange(read, 1, 90); // both ways out are met
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Random_bytes_never_break_the_reader(int seed) => _ = FuzzRun.Each(seed, Rounds, BytesMax, static random =>
    {
        var bytes = FuzzRun.Noise(random, 300);
        bytes.AsSpan(0, Math.Min(1, bytes.Length)).Fill((byte)random.Next(1, 18));
        return bytes;
    }, static bytes => MessageReader.TryRead(bytes, []));

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Mutated_frames_never_open_and_never_break_the_decoder(int seed)
    {
        var sender = new FrameCodec(Sample.Node, Sample.Ring(1), static () => 1);
        var receiver = new FrameCodec(Sample.Other, Sample.Ring(1), static () => 2);
        byte[][] frames = [sender.Seal(FrameKind.Packet, new byte[100]), sender.Seal(FrameKind.Stream, new byte[10_000])];
        var opened = 0;
        _ = FuzzRun.Each(seed, Rounds, BytesMax, random =>
        {
            var frame = frames[random.Next(2)];
            var changed = Mutate(random, frame);
            return changed.AsSpan().SequenceEqual(frame) ? frame[1..] : changed;
        }, bytes =>
        {
            var isOpen = receiver.Open((FrameKind)(1 + (bytes.Length % 2)), bytes).Refusal == WireRefusal.None;
            opened += isOpen ? 1 : 0;
            return isOpen;
        });
        Assert.Equal(0, opened);
    }

    /// <summary>A whole node is fed rightly sealed nonsense: it names it, and lives.</summary>
    [Fact]
    public void A_node_survives_sealed_nonsense()
    {
        var random = new Random(9);
        var node = new GossipNode(new GossipOptions(), new NodeIdentity(Sample.Other, 0, 1, Sample.Address("192.0.2.2:7946"), false), Sample.Ring(1), new Random(1), static () => 2);
        var sender = new FrameCodec(Sample.Node, Sample.Ring(1), static () => 1);
        var effects = new List<GossipEffect>();
        var reports = 0;
        for (var i = 0; i < Rounds; i++)
        {
            var body = Mutate(random, Two(random));
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

    private static byte[] Two(Random random) => [.. s_bodies[random.Next(s_bodies.Length)], .. s_bodies[random.Next(s_bodies.Length)]];

    private static byte[] Mutate(Random random, byte[] body)
    {
        byte[] bytes = [.. body];
        for (var i = random.Next(4); i > 0; i--)
        {
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        }

        return random.Next(4) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }
}
