namespace Networking.Dns.Tests;

/// <summary>Names: text, wire, pointers.</summary>
public sealed class NameTests
{
    [Theory]
    [InlineData("web.app", "03 77 65 62 03 61 70 70 00", "web.app")]
    [InlineData("web.app.", "03 77 65 62 03 61 70 70 00", "web.app")]
    [InlineData(".", "00", ".")]
    [InlineData(@"a\.b\032c", "05 61 2e 62 20 63 00", @"a\.b\032c")]
    [InlineData(@"_80._tcp", "03 5f 38 30 04 5f 74 63 70 00", "_80._tcp")]
    public void Text_and_wire_say_the_same(string text, string hex, string back)
    {
        var name = Wire.Name(text);

        Assert.Equal(hex, string.Join(' ', name.Select(static b => b.ToString("x2"))));
        Assert.Equal(back, NameText.Of(name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData(".a")]
    [InlineData(@"a\")]
    [InlineData("ä.app")]
    public void Text_that_is_no_name_is_refused(string text) =>
        Assert.Equal(0, NameText.TryWrite(text, new byte[NameWire.BytesMax]));

    [Fact]
    public void A_label_has_at_most_63_bytes_and_a_name_255()
    {
        var label = new string('x', 63);
        var longest = $"{label}.{label}.{label}.{new string('y', 61)}";

        Assert.Equal(255, Wire.Name(longest).Length);
        Assert.Equal(255, Wire.Name(longest + ".").Length);
        Assert.Equal(0, NameText.TryWrite(longest + "y", new byte[NameWire.BytesMax]));
        Assert.Equal(0, NameText.TryWrite(label + "x", new byte[NameWire.BytesMax]));
    }

    [Fact]
    public void Every_plain_name_survives_the_way_through_text()
    {
        var random = new Random(5);
        for (var round = 0; round < 2_000; round++)
        {
            var name = new List<byte>();
            for (var labels = random.Next(1, 6); labels > 0; labels--)
            {
                var label = new byte[random.Next(1, 40)];
                random.NextBytes(label);
                name.Add((byte)label.Length);
                name.AddRange(label);
            }

            name.Add(0);
            Assert.Equal(name, Wire.Name(NameText.Of(name.ToArray())));
        }
    }

    [Theory]
    [InlineData("c0 0c", 12)] // to itself
    [InlineData("01 61 c0 0c", 12)] // to its own start
    [InlineData("c0 0e c0 0c", 12)] // forwards
    [InlineData("c0 00", 12)] // into the header
    [InlineData("01 61", 12)] // no end
    [InlineData("3f 61 62", 12)] // a label that is cut
    [InlineData("41 61", 12)] // neither length nor pointer
    [InlineData("c0", 12)] // half a pointer
    public void A_name_that_never_ends_is_no_name(string tail, int offset)
    {
        byte[] message = [.. new byte[12], .. Convert.FromHexString(tail.Replace(" ", string.Empty, StringComparison.Ordinal))];

        Assert.Equal(0, NameWire.Expand(message, offset, new byte[NameWire.BytesMax]));
    }

    [Fact]
    public void Two_pointers_that_lead_to_each_other_end_at_the_second()
    {
        byte[] message = [.. new byte[12], 0xc0, 14, 0xc0, 12];

        Assert.Equal(0, NameWire.Expand(message, 12, new byte[NameWire.BytesMax]));
        Assert.Equal(0, NameWire.Expand(message, 14, new byte[NameWire.BytesMax]));
    }

    [Fact]
    public void Letters_are_equal_in_either_case_and_other_bytes_are_not()
    {
        Assert.True(NameWire.AreSame(Wire.Name("Web.APP"), Wire.Name("wEB.app")));
        Assert.False(NameWire.AreSame(Wire.Name("web[app"), Wire.Name("web{app"))); // differ by the letter bit only
        Assert.False(NameWire.AreSame(Wire.Name("web.app"), Wire.Name("web.apps")));
    }
}
