using System.Net;
using Networking.Kernel;
using static Networking.Netlink.Tests.Objects;

namespace Networking.Netlink.Tests;

public sealed class FirewallCodecTests
{
    private const int DestroyElement = 0xa1e;
    private static readonly FirewallSetState Bridges = Set("bridges", FirewallType.InterfaceName);
    private static readonly FirewallSetState Internal = Set("internal", FirewallType.InterfaceName);
    private static readonly FirewallSetState Ports = Set("ports", true, FirewallType.None, FirewallType.Port);

    [Fact]
    public void Elements_of_one_set_travel_in_one_message_in_their_order()
    {
        KernelOperation[] operations =
        [
            Create(Element(Bridges, "br1")), Create(Element(Internal, "br9")), Create(Element(Bridges, "br3")), Create(Element(Bridges, "br2")),
        ];

        var messages = Encode(operations);

        Assert.Equal(["bridges: br1 br3 br2", "internal: br9"], messages.Select(Names));
    }

    [Fact]
    public void Elements_go_before_others_come()
    {
        KernelOperation[] operations =
        [
            Create(Element(Bridges, "br1")), Delete(Element(Bridges, "br0")),
            Change(Element(Bridges, "br5", comment: "a"), Element(Bridges, "br5", comment: "b")),
        ];

        var messages = Encode(operations);

        Assert.Equal([DestroyElement, WireMessage.NewElement], messages.Select(static m => m.Type));
        Assert.Equal(["bridges: br0 br5", "bridges: br1 br5"], messages.Select(Names));
    }

    [Fact]
    public void Full_nest_begins_another_message_and_no_element_is_lost()
    {
        var operations = Many(20_000);
        using var codec = new FirewallCodec();
        Assert.Null(codec.Encode(operations, 1));

        var messages = Parse(codec);

        Assert.Equal(operations.Select(static o => ((FirewallElementState)o.Target).KeyParts[0]), messages.SelectMany(Keys));
        Assert.All(messages, static m => Assert.InRange(NestBytes(m), 1, 65_535));
        Assert.All(messages.SkipLast(1), static m => Assert.InRange(NestBytes(m), 60_000, 65_535));
        Assert.Equal(messages.Count, codec.Batch.MessageCount);
    }

    [Fact]
    public void Element_costs_no_allocation()
    {
        using var codec = new FirewallCodec();

        // Two lengths of one message: what the message itself costs is in both, but for more digits in the texts of its
        // checks.
        Assert.InRange(Allocated(codec, Many(500)) - Allocated(codec, Many(10)), 0, 200);
        Assert.InRange(Allocated(codec, Deletions(500)) - Allocated(codec, Deletions(10)), 0, 200);
    }

    [Fact]
    public void No_kind_of_key_or_value_costs_an_allocation()
    {
        var map = Set("m", false, FirewallType.Ipv6Address, FirewallType.Ipv4Address, FirewallType.Protocol, FirewallType.Port, FirewallType.Mark);
        var jumps = Set("m", false, FirewallType.Verdict, FirewallType.Ipv6Address);
        using var codec = new FirewallCodec();

        var one = Allocated(codec, [Create(Element(map, "10.0.0.1 . tcp . 80 . 0x00000001", "fd00::2", "x"))]);
        var two = Allocated(codec,
        [
            Create(Element(map, "10.0.0.2 . ipv6-icmp . 81 . 0x00000002", "fd00::2", "x")), Create(Element(jumps, "fd00::1", "jump web")),
            Create(Element(Set("m", true, FirewallType.None, FirewallType.Port), "1-2")),
            Create(Element(Map("m", true, [FirewallType.Ipv4Address, FirewallType.Port], [FirewallType.Ipv6Address, FirewallType.Port]), "10.0.0.1 . 1-2", "fd00::1 . 80")),
        ]);

        Assert.Equal(one, two);
    }

    [Fact]
    public void Chains_stand_before_the_rules_that_jump_to_them_and_rules_go_before_the_chains()
    {
        var jumping = Chain("a", null, FirewallRule.Create("jump", new Jump("b")));
        var target = Chain("b", null);

        var made = Encode([Create(jumping), Create(target)]);
        var gone = Encode([Delete(target), Delete(jumping)]);

        Assert.Equal([0xa03, 0xa03, WireMessage.NewRule], made.Select(static m => m.Type));
        Assert.Equal([0xa1c, 0xa1c, 0xa1b, 0xa1b], gone.Select(static m => m.Type));
    }

    [Fact]
    public void Deletions_travel_alone_where_absence_is_an_error()
    {
        using var codec = new FirewallCodec { UsesDestroy = false };
        Assert.Null(codec.Encode([Delete(Element(Bridges, "br0")), Delete(Element(Bridges, "br1"))], 1));

        Assert.Equal(["bridges: br0", "bridges: br1"], Parse(codec).Select(Names));
    }

    [Theory]
    [InlineData(FirewallType.Ipv4Address, "10.0.0.256")]
    [InlineData(FirewallType.Ipv4Address, "10.0.0.01")]
    [InlineData(FirewallType.Ipv4Address, "10.0.0.0/24")]
    [InlineData(FirewallType.Ipv4Address, "10.0.0.9-10.0.0.1")]
    [InlineData(FirewallType.Ipv6Address, "fd00::1%eth0")]
    [InlineData(FirewallType.Ipv6Address, "1:2:3")]
    [InlineData(FirewallType.Port, "65536")]
    [InlineData(FirewallType.Port, "http")]
    [InlineData(FirewallType.Protocol, "6")]
    [InlineData(FirewallType.Protocol, "TCP")]
    [InlineData(FirewallType.Mark, "1")]
    [InlineData(FirewallType.Mark, "0x00000001-0x00000002")]
    [InlineData(FirewallType.InterfaceName, "sixteen-letters-")]
    [InlineData(FirewallType.InterfaceName, "veth*")]
    [InlineData(FirewallType.InterfaceName, "")]
    [InlineData(FirewallType.Verdict, "accept")]
    public void Key_that_is_no_value_of_its_type_is_refused_before_anything_is_sent(FirewallType type, string key)
    {
        using var codec = new FirewallCodec();

        var problem = codec.Encode([Create(Table()), Create(Element(Set("s", type), key))], 1);

        Assert.Equal(1, problem?.Operation);
        Assert.Contains(key, problem?.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(FirewallType.Verdict, "jump")]
    [InlineData(FirewallType.Verdict, "accept web")]
    [InlineData(FirewallType.Verdict, null)]
    [InlineData(FirewallType.Ipv4Address, "fd00::1")]
    [InlineData(FirewallType.None, "accept")]
    public void Value_that_is_none_of_its_type_is_refused(FirewallType type, string? value)
    {
        using var codec = new FirewallCodec();

        Assert.NotNull(codec.Encode([Create(Element(Set("s", false, type, FirewallType.Port), "80", value))], 1));
    }

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("10.0.0.1 . 80 . 1")]
    [InlineData("10.0.0.1 . ")]
    [InlineData("10.0.0.1 80")]
    [InlineData("80 . 10.0.0.1")]
    [InlineData("fd00::1 . 80")]
    [InlineData("10.0.0.1 . 80-81")]
    [InlineData("")]
    public void Value_without_all_its_parts_is_refused(string value)
    {
        using var codec = new FirewallCodec();
        var map = Map("m", false, [FirewallType.Port], [FirewallType.Ipv4Address, FirewallType.Port]);

        Assert.NotNull(codec.Encode([Create(Element(map, "80", value))], 1));
        Assert.Null(codec.Encode([Create(Element(map, "80", "10.0.0.1 . 80"))], 1));
    }

    [Fact]
    public void Lone_value_in_a_set_of_ranges_is_refused_because_it_would_have_no_end()
    {
        using var codec = new FirewallCodec();

        var problem = codec.Encode([Create(Ports), Create(Element(Ports, "80"))], 1);

        Assert.Equal(1, problem?.Operation);
        Assert.Null(codec.Encode([Create(Element(Ports, "80-80"))], 1));
    }

    [Fact]
    public void Set_that_cannot_be_looked_up_is_refused()
    {
        using var codec = new FirewallCodec();

        Assert.NotNull(codec.Encode([Create(Set("s", FirewallType.Verdict))], 1));
        Assert.NotNull(codec.Encode([Create(Set("s", true, FirewallType.None, FirewallType.InterfaceName))], 1));
        Assert.NotNull(codec.Encode([Create(Set("s", [.. Enumerable.Repeat(FirewallType.Ipv6Address, 5)]))], 1));
        Assert.NotNull(codec.Encode([Create(Map("m", false, [FirewallType.Port], [FirewallType.Ipv4Address, FirewallType.Verdict]))], 1));
        Assert.NotNull(codec.Encode([Create(Map("m", false, [FirewallType.Port], [.. Enumerable.Repeat(FirewallType.Ipv6Address, 5)]))], 1));
    }

    [Fact]
    public void Comment_longer_than_nft_allows_is_refused()
    {
        using var codec = new FirewallCodec();

        Assert.Null(codec.Encode([Create(Element(Bridges, "br0", comment: new string('x', 128)))], 1));
        Assert.NotNull(codec.Encode([Create(Element(Bridges, "br0", comment: new string('é', 65)))], 1));
        Assert.NotNull(codec.Encode([Create(Chain("c", null, FirewallRule.Create(new string('x', 120))))], 1));
    }

    [Fact]
    public void Rule_that_asks_for_both_families_is_refused()
    {
        AssertRefused(new MatchFamily(IsIpv6: true), new MatchSet([FirewallField.Ipv4Source], "s"));
        AssertRefused(new MatchFamily(IsIpv6: true), new MatchPrefix(FirewallField.Ipv4Source, IPNetwork.Parse("10.0.0.0/8")));
        AssertRefused(new DestinationNatMap(IsIpv6: true, [FirewallField.Ipv4Destination], "m", HasPort: true));
        AssertRefused(new MatchFamily(IsIpv6: true), new SourceNatMap(IsIpv6: false, [FirewallField.Protocol], "m"));
    }

    [Fact]
    public void Prefix_that_matches_nothing_or_everything_is_refused()
    {
        AssertRefused(new MatchPrefix(FirewallField.Ipv4Source, IPNetwork.Parse("fd00::/8")));
        AssertRefused(new MatchPrefix(FirewallField.Protocol, IPNetwork.Parse("10.0.0.0/8")));
        AssertRefused(new MatchPrefix(FirewallField.Ipv4Source, IPNetwork.Parse("0.0.0.0/0")));
    }

    // By index: nft cannot read back its own listing of a comparison with an empty name.
    [Fact]
    public void No_input_interface_is_index_zero()
    {
        var message = Encode([Create(Chain("c", null, FirewallRule.Create("from the host", new MatchNoInput())))])[1];

        var tree = AttributeTree.Print(message.Attributes);
        Assert.Contains("[2] 00000004\n", tree, StringComparison.Ordinal); // NFTA_META_KEY: NFT_META_IIF
        Assert.Contains("[1] 00000000\n", tree, StringComparison.Ordinal); // NFTA_DATA_VALUE
    }

    [Fact]
    public void Object_of_another_lane_is_refused()
    {
        using var codec = new FirewallCodec();
        var link = new LinkState { Namespace = default, Name = "lo", Details = new ExistingLink("loopback") };

        Assert.NotNull(codec.Encode([Create(link)], 1));
    }

    [Fact]
    public void Element_takes_as_many_bytes_among_many_as_alone()
    {
        using var codec = new FirewallCodec();
        int Bytes(int count)
        {
            Assert.Null(codec.Encode(Many(count), 1));
            return codec.Batch.Bytes.Length;
        }

        Assert.Equal(Bytes(11) - Bytes(10), Bytes(501) - Bytes(500));
    }

    private static void AssertRefused(params FirewallExpression[] expressions)
    {
        using var codec = new FirewallCodec();

        Assert.NotNull(codec.Encode([Create(Chain("c", null, FirewallRule.Create("rule", [.. expressions])))], 1));
    }

    private static KernelOperation[] Many(int count) =>
        [.. Enumerable.Range(0, count).Select(static i => Create(Element(Bridges, $"br-{i:x6}", comment: $"network/{i:x12}")))];

    private static KernelOperation[] Deletions(int count) => [.. Many(count).Select(static o => Delete(o.Target))];

    private static long Allocated(FirewallCodec codec, KernelOperation[] operations)
    {
        for (var warm = 0; warm < 3; warm++)
        {
            Assert.Null(codec.Encode(operations, 1));
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        codec.Encode(operations, 1);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static List<WireMessage> Encode(KernelOperation[] operations)
    {
        using var codec = new FirewallCodec();
        Assert.Null(codec.Encode(operations, 1));
        return Parse(codec);
    }

    private static List<WireMessage> Parse(FirewallCodec codec) =>
        [.. WireMessage.Parse(codec.Batch.Bytes).Where(static m => m.Type is not (WireMessage.BatchBegin or WireMessage.BatchEnd))];

    private static string Names(WireMessage message) =>
        $"{Text(message.Attributes.Single(static a => a.Type == 2).Value)}: {string.Join(' ', Keys(message))}";

    private static IEnumerable<string> Keys(WireMessage message) =>
        message.Attributes.Single(static a => a.Type == 3).Children!
        .Select(static e => Text(e.Children!.Single(static a => a.Type == 1).Children![0].Value));

    // Values and chunks are what counts here; four bytes of header for each nested attribute.
    private static int NestBytes(WireMessage message) => Bytes(message.Attributes.Single(static a => a.Type == 3));

    private static int Bytes(AttributeTree tree) => 4 + (tree.Children?.Sum(Bytes) ?? ((tree.Value.Length + 3) & ~3));

    private static string Text(byte[] bytes) => System.Text.Encoding.UTF8.GetString(bytes).TrimEnd('\0');
}
