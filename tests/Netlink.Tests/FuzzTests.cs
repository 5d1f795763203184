using System.Diagnostics;

namespace Networking.Netlink.Tests;

/// <summary>Whatever the bytes: a value or <see cref="WireFormatException"/>, always an end, and little memory.</summary>
public sealed class FuzzTests
{
    private const int Rounds = 20_000;
    private const long BytesPerRoundMax = 256 * 1024;

    private static readonly Action<byte[]>[] Decoders =
    [
        static b => LinkMessage.Read(b),
        static b => LinkIdentity.Read(b),
        static b => AddressMessage.Read(b),
        static b => RouteMessage.Read(b),
        static b => NeighborMessage.Read(b),
        static b => RuleMessage.Read(b),
        static b => NamespaceIdEncoder.Read(b),
        static b => ConntrackEntry.Read(b),
        static b => NetlinkSocket.ReadAck(b),
        static b => HostSocket.Read(b),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(20_26)]
    public void Mutated_messages_of_the_kernel_never_break_a_decoder(int seed)
    {
        var random = new Random(seed);
        var bodies = Capture.Dumps.SelectMany(Capture.Dump).Concat(Capture.Requests.Select(Capture.Request)).Select(static m => m[16..]).ToArray();
        Run(seed, random, () => Mutate(random, bodies[random.Next(bodies.Length)]));
    }

    [Theory]
    [InlineData(3)]
    public void Random_bytes_never_break_a_decoder(int seed)
    {
        var random = new Random(seed);
        Run(seed, random, () =>
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            return bytes;
        });
    }

    private static byte[] Mutate(Random random, byte[] body)
    {
        var bytes = body[..random.Next(Math.Max(1, body.Length / 2), body.Length + 1)];
        for (var i = random.Next(6); i > 0 && bytes.Length > 0; i--)
        {
            bytes[random.Next(bytes.Length)] = random.Next(3) switch { 0 => 0, 1 => 0xff, _ => (byte)random.Next(256) };
        }

        return bytes;
    }

    private static void Run(int seed, Random random, Func<byte[]> next)
    {
        var clock = Stopwatch.StartNew();
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = next();
            var decoder = Decoders[random.Next(Decoders.Length)];
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                decoder(bytes);
            }
            catch (WireFormatException)
            {
                // The one allowed way to refuse.
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < BytesPerRoundMax, $"seed {seed} round {round}: {allocated} bytes for {Convert.ToHexString(bytes)}");
        }

        Assert.True(clock.Elapsed < TimeSpan.FromMinutes(1), $"seed {seed}");
    }
}
