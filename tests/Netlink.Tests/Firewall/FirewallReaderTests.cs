using Networking.Kernel;
using Networking.Model;
using static Networking.Netlink.Tests.Objects;

namespace Networking.Netlink.Tests;

/// <summary>Readers over what nft sends: the kernel's descriptions have the same attributes.</summary>
public sealed class FirewallReaderTests
{
    private const int Seed = 5_201;

    [Theory]
    [InlineData("set-ifname", "set netd internal InterfaceName")]
    [InlineData("set-concatenation-interval", "set netd published Ipv4Address . Protocol . Port interval")]
    [InlineData("map-verdict", "map netd bridge_pairs InterfaceName . InterfaceName : Verdict")]
    [InlineData("map-socket", "map netd targets Ipv4Address . Protocol . Port : Ipv4Address . Port")]
    [InlineData("map-interval6", "map netd ranges6 Ipv6Address . Protocol . Port : Ipv6Address interval")]
    [InlineData("map-mark", "map netd marked6 Ipv6Address : Mark")]
    public void Set_is_read_back(string golden, string expected)
    {
        var message = First(Golden.Read(golden));

        Assert.Equal(expected, FirewallObjectReader.ReadSet(NetNs.Host, message.Attributes)?.Describe());
    }

    [Fact]
    public void Chain_is_read_back()
    {
        var chain = FirewallObjectReader.ReadChain(NetNs.Host, First(Golden.Read("chain-prerouting")).Attributes);

        Assert.Equal(Chain("prerouting", new BaseChain("nat", FirewallHook.Prerouting, -100)), chain);
    }

    [Fact]
    public void Chain_of_one_device_is_read_back_with_it()
    {
        var chain = FirewallObjectReader.ReadChain(NetNs.Host, First(Golden.Read("chain-ingress")).Attributes);

        Assert.Equal(Chain("resolver", new BaseChain("filter", FirewallHook.Ingress, -300, "lo")), chain);
        Assert.Equal(DifferenceKind.Replace, Chain("resolver", new BaseChain("filter", FirewallHook.Output, -300)).CompareTo(chain).Kind);
    }

    [Fact]
    public void Chain_that_drops_by_policy_is_not_ours()
    {
        var bytes = Golden.Read("chain-base");
        var policy = bytes.AsSpan().IndexOf((ReadOnlySpan<byte>)[8, 0, 5, 0, 0, 0, 0, 1]);
        bytes[policy + 7] = 0;

        var chain = FirewallObjectReader.ReadChain(NetNs.Host, First(bytes).Attributes);

        Assert.Equal(DifferenceKind.Replace, Chain("forward", new BaseChain("filter", FirewallHook.Forward, 0)).CompareTo(chain).Kind);
    }

    [Fact]
    public void Rule_is_known_by_its_comment()
    {
        var (chain, rule) = FirewallObjectReader.ReadRule(First(Golden.Read("rule-vmap")).Attributes);

        Assert.Equal(("forward", true), (chain, rule.Comment.StartsWith("pairs #", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("admission", 0x00400000u, true)]
    [InlineData("rule-mark-match", 0x00c00000u, false)]
    [InlineData("rule-mark-set", 0u, false)]
    [InlineData("rule-vmap", 0u, false)]
    [InlineData("rule-drop", 0u, false)]
    public void Rule_in_a_foreign_chain_is_known_by_comment_and_form(string golden, uint mark, bool isOurs)
    {
        var rule = FirewallForeignRule.Read(First(Golden.Read(golden)).Attributes);

        Assert.Equal((mark, isOurs), (rule.Mark, rule.Comment == Ownership.AdmissionComment));
    }

    [Theory]
    [InlineData("elements-interval", true, FirewallType.Port, "0-79 8000-8010 65000-65535")]
    [InlineData("elements-subnets", true, FirewallType.Ipv4Address, "0.0.0.0-0.0.0.9 10.0.0.0-10.0.0.255")]
    [InlineData("elements-ifname", false, FirewallType.InterfaceName, "br-int")]
    public void Elements_are_read_back(string golden, bool isInterval, FirewallType type, string expected)
    {
        var reader = new FirewallElementReader(Set("s", isInterval, FirewallType.None, type));
        reader.Add(First(Golden.Read(golden)).Attributes);

        Assert.Equal(expected, string.Join(' ', reader.Elements().Select(static e => e.KeyParts[0])));
    }

    [Theory]
    [InlineData("elements-socket", FirewallType.Ipv4Address, "192.0.2.1 . udp . 5300 : 10.0.0.9 . 53")]
    [InlineData("elements-socket6", FirewallType.Ipv6Address, "2001:db8::1 . tcp . 8080 : fd00::9 . 80")]
    public void Map_of_sockets_is_read_back(string golden, FirewallType address, string expected)
    {
        var reader = new FirewallElementReader(
            Map("m", false, [address, FirewallType.Protocol, FirewallType.Port], [address, FirewallType.Port]));
        reader.Add(First(Golden.Read(golden)).Attributes);

        var element = Assert.Single(reader.Elements());

        Assert.Equal(expected, $"{string.Join(" . ", element.KeyParts)} : {element.Value}");
    }

    [Fact]
    public void Same_corners_are_one_value()
    {
        var reader = new FirewallElementReader(Map(
            "m", true, [FirewallType.Ipv4Address, FirewallType.Protocol, FirewallType.Port], [FirewallType.Ipv4Address]));
        reader.Add(First(Golden.Read("elements-interval-map")).Attributes);

        Assert.Equal(
            ["192.0.2.1 . tcp . 20000-29999 : 10.0.0.9", "192.0.2.1 . udp . 53 : 10.0.0.8", "0.0.0.0-255.255.255.255 . sctp . 7 : 10.0.0.7"],
            reader.Elements().Select(static e => $"{string.Join(" . ", e.KeyParts)} : {e.Value}"));
    }

    [Fact]
    public void Ranges_that_touch_are_told_apart()
    {
        var set = Set("ports", true, FirewallType.None, FirewallType.Port);
        using var codec = new FirewallCodec();
        Assert.Null(codec.Encode([Create(Element(set, "82-90")), Create(Element(set, "80-81")), Create(Element(set, "91-65535"))], 1));
        var reader = new FirewallElementReader(set);
        reader.Add(First(codec.Batch.Bytes.ToArray()).Attributes);

        Assert.Equal(["80-81", "82-90", "91-65535"], reader.Elements().Select(static e => e.KeyParts[0]));
    }

    [Fact]
    public void Event_says_which_table_was_touched()
    {
        var events = new List<FirewallEvent>();

        FirewallEvent.Read(Golden.Read("elements-ifname"), events);

        var touched = Assert.IsType<FirewallTouched>(Assert.Single(events));
        Assert.Equal(FirewallMessageType.NewSetElement, touched.Type);
        Assert.True(touched.IsAbout("netd"));
        Assert.False(touched.IsAbout("other"));
        Assert.False((touched with { Family = 2 }).IsAbout("netd"));
    }

    [Fact]
    public void Event_says_who_committed()
    {
        var bytes = new byte[64];
        var writer = new NetlinkWriter(bytes);
        var message = writer.BeginMessage(0xa0f, NetlinkFlags.None, 0);
        writer.PutHeader(new NetfilterHeader(0, 9));
        writer.PutUInt32BigEndian(1, 41);
        writer.PutUInt32BigEndian(2, 1234);
        writer.PutString(3, "nft");
        writer.EndMessage(message);
        var events = new List<FirewallEvent>();

        FirewallEvent.Read(writer.Written, events);

        Assert.Equal(new FirewallCommitted(0, 41, 1234, "nft"), Assert.Single(events));
    }

    [Fact]
    public void Header_is_the_kernels()
    {
        var bytes = new byte[4];
        var writer = new NetlinkWriter(bytes);
        writer.PutHeader(new NetfilterHeader(1, 10));

        Assert.Equal<byte>([1, 0, 0, 10], bytes);
    }

    [Fact]
    public void Mutated_bytes_end_in_a_value_or_a_format_error()
    {
        var random = new Random(Seed);
        var goldens = Golden.Names().Select(Golden.Read).Append(ScriptedChannel.Answer(3, 17, "why", 40)).ToArray();
        var refused = 0;
        for (var i = 0; i < 60_000; i++)
        {
            var bytes = goldens[random.Next(goldens.Length)].AsSpan(0).ToArray();
            for (var flips = random.Next(1, 6); flips > 0; flips--)
            {
                bytes[random.Next(bytes.Length)] = (byte)(random.Next(3) == 0 ? random.Next(4) : random.Next(256));
            }

            var length = random.Next(4) == 0 ? random.Next(bytes.Length) : bytes.Length;
            try
            {
                ReadEverything(bytes.AsSpan(0, length), random);
            }
            catch (WireFormatException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1_000, 59_000);
    }

    private static void ReadEverything(ReadOnlySpan<byte> bytes, Random random)
    {
        FirewallType[] types = [FirewallType.None, FirewallType.Ipv4Address, FirewallType.Port, FirewallType.InterfaceName, FirewallType.Verdict, (FirewallType)9];
        var messages = new FirewallMessageReader(bytes);
        while (messages.MoveNext())
        {
            if (messages.Type is 2 or 3)
            {
                _ = FirewallAcknowledgement.Read(messages);
            }

            if (messages.Payload.Length < 4)
            {
                continue;
            }

            _ = FirewallObjectReader.ReadChain(NetNs.Host, messages.Attributes);
            _ = FirewallObjectReader.ReadRule(messages.Attributes);
            _ = FirewallForeignRule.Read(messages.Attributes);
            _ = ForeignNatReader.Read(messages.Attributes);
            var keys = new ForeignKeyReader(8);
            keys.Add(messages.Attributes);
            Assert.InRange(keys.Keys().Count, 0, 8);
            _ = FirewallObjectReader.ReadSet(NetNs.Host, messages.Attributes)?.Describe();
            var set = Map(
                "s",
                random.Next(2) == 0,
                [.. random.GetItems(types, random.Next(1, 4))],
                [.. random.GetItems(types, random.Next(0, 3))]);
            var elements = new FirewallElementReader(set);
            elements.Add(messages.Attributes);
            Assert.All(elements.Elements(), static e => Assert.NotEmpty(e.Describe()));
        }

        FirewallEvent.Read(bytes, []);
    }

    private static FirewallMessageReader First(byte[] batch)
    {
        var messages = new FirewallMessageReader(batch);
        Assert.True(messages.MoveNext() && messages.MoveNext());
        return messages;
    }
}
