namespace Networking.Dns.Tests;

/// <summary>The dearest message there is costs bounded work.</summary>
public sealed class PointerChainTests
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(1); // 20 readings; far beyond what bounded work takes

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

        var watch = System.Diagnostics.Stopwatch.StartNew();
        for (var i = 0; i < 10; i++)
        {
            _ = NameWire.Expand(message, 7_998, new byte[NameWire.BytesMax]);
            Reading.All(message);
        }

        Assert.True(watch.Elapsed < s_longest, $"20 readings took {watch.Elapsed}");
    }
}
