using System.Net;
using System.Net.Sockets;

namespace Networking.Netlink.Tests;

/// <summary>The address reader against the framework's: what it reads is the same, and it reads no more.</summary>
public sealed class FirewallAddressTextTests
{
    private const int Seed = 20260217;

    [Fact]
    public void Reads_what_the_framework_prints()
    {
        var random = new Random(Seed);
        Span<byte> read = stackalloc byte[16];
        Span<byte> expected = stackalloc byte[16];
        for (var i = 0; i < 20_000; i++)
        {
            random.NextBytes(expected);
            for (var group = 0; group < 8; group++)
            {
                // Zero groups, so that the gap stands at the start, at the end, in the middle and nowhere.
                if (random.Next(2) == 0)
                {
                    expected.Slice(2 * group, 2).Clear();
                }
            }

            var six = new IPAddress(expected).ToString();
            Assert.True(FirewallAddressText.TryReadIpv6(six, read), six);
            Assert.True(read.SequenceEqual(expected), six);

            var four = new IPAddress(expected[..4]).ToString();
            Assert.True(FirewallAddressText.TryReadIpv4(four, read), four);
            Assert.True(read[..4].SequenceEqual(expected[..4]), four);
        }
    }

    [Fact]
    public void Reads_nothing_the_framework_does_not_read()
    {
        var random = new Random(Seed);
        Span<byte> read = stackalloc byte[16];
        var accepted = 0;
        for (var i = 0; i < 50_000; i++)
        {
            var text = string.Create(random.Next(1, 12), random, static (span, r) => r.GetItems("01af::..", span));
            if (FirewallAddressText.TryReadIpv6(text, read))
            {
                accepted++;
                Assert.True(IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6, text);
                Assert.True(read.SequenceEqual(address.GetAddressBytes()), text);
            }

            if (FirewallAddressText.TryReadIpv4(text, read))
            {
                accepted++;
                Assert.True(IPAddress.TryParse(text, out var address) && read[..4].SequenceEqual(address.GetAddressBytes()), text);
            }
        }

        Assert.InRange(accepted, 100, int.MaxValue);
    }

    [Theory]
    [InlineData("::")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("1::")]
    [InlineData("::1")]
    [InlineData("1:2:3:4:5:6:7:8")]
    [InlineData("1:2:3:4:5:6:10.0.0.1")]
    public void Reads_every_form(string text)
    {
        Span<byte> read = stackalloc byte[16];

        Assert.True(FirewallAddressText.TryReadIpv6(text, read));
        Assert.Equal(IPAddress.Parse(text), new IPAddress(read));
    }

    [Theory]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("1:2:3:4:5:6:7::8:9")]
    [InlineData("1::2::3")]
    [InlineData(":1:2")]
    [InlineData("12345::")]
    [InlineData("1:2:3:4:5:6:7:10.0.0.1")]
    [InlineData("10.0.0.1::")]
    public void Refuses_what_is_no_address(string text) =>
        Assert.False(FirewallAddressText.TryReadIpv6(text, stackalloc byte[16]));
}
