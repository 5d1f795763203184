using System.Diagnostics;
using System.Globalization;

namespace Networking.Fuzz.Tests;

/// <summary>
/// Rounds of one decoder: bytes from a seed, a bound on memory for each, one allowed way to refuse. <c>FUZZ_SEED=7</c> runs
/// that seed alone, <c>NETD_TEST_LONG=1</c> forty times as many rounds, <c>NETD_TEST_FAST=1</c> a tenth.
/// </summary>
internal static class FuzzRun
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(5); // of one round, on the busiest machine: work is bounded, so it ends

    /// <summary>The seeds of a test.</summary>
    public static TheoryData<int> Seeds(params int[] usual) =>
        int.TryParse(Environment.GetEnvironmentVariable("FUZZ_SEED"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var one) ? [one] : [.. usual];

    /// <summary>How many rounds are run where so many are usual.</summary>
    public static int Rounds(int usual) => Is("NETD_TEST_LONG") ? usual * 40 : Is("NETD_TEST_FAST") ? usual / 10 : usual;

    /// <summary>Reads bytes, round after round.</summary>
    /// <param name="seed">Where they come from.</param>
    /// <param name="rounds">How often usually.</param>
    /// <param name="bytesMax">How much memory one reading may take.</param>
    /// <param name="next">Makes the bytes of a round.</param>
    /// <param name="read">Reads them: true for a value, false for a refusal. Throws nothing but what <paramref name="refusal"/> allows.</param>
    /// <param name="refusal">The one kind of exception that is a refusal; null if there is none.</param>
    /// <returns>The share of values in percent.</returns>
    public static int Each(int seed, int rounds, long bytesMax, Func<Random, byte[]> next, Func<byte[], bool> read, Type? refusal = null)
    {
        var random = new Random(seed);
        var count = Rounds(rounds);
        var values = 0;
        for (var round = 0; round < count; round++)
        {
            var bytes = next(random);
            var start = Stopwatch.GetTimestamp();
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                values += read(bytes) ? 1 : 0;
            }
            catch (Exception e) when (refusal is not null && refusal.IsInstanceOfType(e))
            {
                // The allowed way.
            }
            catch (Exception e)
            {
                throw new InvalidOperationException(Say($"{e.GetType().Name}: {e.Message}"), e);
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < bytesMax, Say($"{allocated} bytes of memory"));
            Assert.True(Stopwatch.GetElapsedTime(start) < s_longest, Say($"took {Stopwatch.GetElapsedTime(start)}"));

            string Say(string what) => $"FUZZ_SEED={seed}, round {round}: {what}, for {Convert.ToHexString(bytes)}";
        }

        return (int)(100L * values / count);
    }

    /// <summary>Bytes of any kind, as many as that.</summary>
    public static byte[] Noise(Random random, int max)
    {
        var bytes = new byte[random.Next(max)];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>A message gone wrong: cut, with bytes of zero, all ones, small numbers or anything in it.</summary>
    public static byte[] Wrong(Random random, byte[] body)
    {
        byte[] bytes = random.Next(4) == 0 ? body[..random.Next(body.Length + 1)] : [.. body];
        for (var i = random.Next(6); i > 0 && bytes.Length > 0; i--)
        {
            var at = random.Next(bytes.Length);
            bytes[at] = random.Next(5) switch
            {
                0 => 0,
                1 => 0xff,
                2 => (byte)random.Next(4),
                3 => (byte)(bytes[at] ^ (1 << random.Next(8))),
                _ => (byte)random.Next(256),
            };
        }

        return bytes;
    }

    private static bool Is(string name) => Environment.GetEnvironmentVariable(name) == "1";
}
