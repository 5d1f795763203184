namespace Networking.Model.Tests;

public sealed class MacAddressTests
{
    [Theory]
    [InlineData("02:42:ac:11:00:02", "02:42:ac:11:00:02")]
    [InlineData("02-42-AC-11-00-02", "02:42:ac:11:00:02")]
    [InlineData("ff:ff:ff:ff:ff:ff", "ff:ff:ff:ff:ff:ff")]
    public void Colons_and_dashes_are_read_and_colons_written(string text, string expected)
    {
        Assert.True(MacAddress.TryParse(text, out var mac));
        Assert.Equal(expected, mac.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("02:42:ac:11:00")]
    [InlineData("02:42:ac:11:00:02:03")]
    [InlineData("02:42:ac-11:00:02")]
    [InlineData("02.42.ac.11.00.02")]
    [InlineData("0g:42:ac:11:00:02")]
    [InlineData("+2:42:ac:11:00:02")]
    [InlineData(" 2:42:ac:11:00:02")]
    [InlineData("0242ac110002")]
    public void Anything_else_is_not(string? text)
    {
        Assert.False(MacAddress.TryParse(text, out var mac));
        Assert.True(mac.IsZero);
    }

    [Fact]
    public void Bytes_are_in_the_order_of_the_wire()
    {
        var mac = MacAddress.FromBytes([0x02, 0x42, 0xac, 0x11, 0x00, 0x07, 0xff]);
        Span<byte> bytes = stackalloc byte[6];
        mac.CopyTo(bytes);

        Assert.Equal("02:42:ac:11:00:07", mac.ToString());
        Assert.Equal([0x02, 0x42, 0xac, 0x11, 0x00, 0x07], bytes.ToArray());
        Assert.Equal(0x0242_ac11_0007ul, mac.Bits);
    }

    [Theory]
    [InlineData(0x0000_0000_0000ul, false)]
    [InlineData(0x0100_5e00_0001ul, false)]
    [InlineData(0xffff_ffff_fffful, false)]
    [InlineData(0x0242_ac11_0002ul, true)]
    [InlineData(0x0000_0000_0001ul, true)]
    public void An_interface_carries_unicast_addresses_only(ulong bits, bool isUnicast) =>
        Assert.Equal(isUnicast, new MacAddress(bits).IsUnicast);

    [Fact]
    public void Random_ones_are_unicast_and_locally_administered()
    {
        var random = new Random(3);
        for (var i = 0; i < 1000; i++)
        {
            var mac = MacAddress.FromRandom((ulong)random.NextInt64());
            Assert.True(mac.IsUnicast);
            Assert.NotEqual(0ul, mac.Bits & 0x0200_0000_0000);
        }
    }

    [Fact]
    public void More_than_48_bits_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new MacAddress(0x1_0000_0000_0000));
}
