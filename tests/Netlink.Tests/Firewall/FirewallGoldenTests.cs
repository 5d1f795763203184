using System.Net;
using Networking.Kernel;
using static Networking.Netlink.Tests.Objects;

namespace Networking.Netlink.Tests;

/// <summary>Our encoder against what nft 1.0.6 sends for the same object.</summary>
public sealed class FirewallGoldenTests
{
    private const int Exclusive = 0x200; // NLM_F_EXCL
    private const int Ack = 0x4; // NLM_F_ACK
    private const int Creates = 0x400; // NLM_F_CREATE

    private static readonly BaseChain ForwardHook = new("filter", FirewallHook.Forward, 0);
    private static readonly FirewallSetState Names = Set("internal", FirewallType.InterfaceName);
    private static readonly FirewallSetState Pairs =
        Set("bridge_pairs", false, FirewallType.Verdict, FirewallType.InterfaceName, FirewallType.InterfaceName);
    private static readonly FirewallSetState Ports = Set("ports", true, FirewallType.None, FirewallType.Port);
    private static readonly FirewallSetState Subnets = Set("subnets", true, FirewallType.None, FirewallType.Ipv4Address);
    private static readonly FirewallSetState Published =
        Set("published", true, FirewallType.None, FirewallType.Ipv4Address, FirewallType.Protocol, FirewallType.Port);
    private static readonly FirewallSetState Backends =
        Set("backends", false, FirewallType.Ipv4Address, FirewallType.Protocol, FirewallType.Port);
    private static readonly FirewallSetState Entries = Set("entries", false, FirewallType.Verdict, FirewallType.Port);
    private static readonly FirewallSetState Marked6 = Set("marked6", false, FirewallType.Mark, FirewallType.Ipv6Address);

    private static readonly Dictionary<string, KernelOperation[]> Ours = new()
    {
        ["table"] = [Create(Table())],
        ["table-delete"] = [Delete(Table())],
        ["chain-base"] = [Create(Chain("forward", ForwardHook))],
        ["chain-nat"] = [Create(Chain("postrouting", new BaseChain("nat", FirewallHook.Postrouting, 100)))],
        ["chain-prerouting"] = [Create(Chain("prerouting", new BaseChain("nat", FirewallHook.Prerouting, -100)))],
        ["chain-regular"] = [Create(Chain("web", null))],
        ["chain-flush"] = [Change(Chain("forward", ForwardHook), Chain("forward", ForwardHook))],
        ["chain-delete"] = [Delete(Chain("web", null))],
        ["set-ifname"] = [Create(Names)],
        ["set-mark"] = [Create(Set("marks", FirewallType.Mark))],
        ["set-concatenation"] = [Create(Set("flows", FirewallType.Protocol, FirewallType.Port))],
        ["set-interval"] = [Create(Subnets)],
        ["set-concatenation-interval"] = [Create(Published)],
        ["set-delete"] = [Delete(Names)],
        ["map-verdict"] = [Create(Pairs)],
        ["map-address"] = [Create(Backends)],
        ["map-mark"] = [Create(Marked6)],
        ["elements-ifname"] = [Create(Element(Names, "br-int", comment: "network/aa"))],
        ["elements-verdict"] =
        [
            Create(Element(Pairs, "br-a . br-a", "accept", "network/aa")), Create(Element(Pairs, "br-a . br-b", "drop")),
        ],
        ["elements-jump"] =
        [
            Create(Element(Entries, "80", "jump web")), Create(Element(Entries, "81", "return")), Create(Element(Entries, "82", "goto web")),
        ],
        ["elements-interval"] =
        [
            Create(Element(Ports, "0-79", comment: "low")), Create(Element(Ports, "8000-8010", comment: "high")),
            Create(Element(Ports, "65000-65535")),
        ],
        ["elements-subnets"] =
        [
            Create(Element(Subnets, "0.0.0.0-0.0.0.9")), Create(Element(Subnets, "10.0.0.0-10.0.0.255", comment: "network/aa")),
        ],
        ["elements-concatenation-interval"] =
            [Create(Element(Published, "10.0.0.0-10.0.0.255 . tcp . 80-90", comment: "endpoint/e"))],
        ["elements-address"] = [Create(Element(Backends, "tcp . 80", "10.0.0.9", "endpoint/e"))],
        ["elements-mark"] = [Create(Element(Marked6, "fd00::1", "0x00000055"))],
        ["elements-delete"] = [Delete(Element(Pairs, "br-a . br-b", "drop"))],
        ["rule-vmap"] = Rule("pairs", new LookupVerdict([FirewallField.InputInterface, FirewallField.OutputInterface], "bridge_pairs")),
        ["rule-drop"] = Rule(
            "into internal", new MatchSet([FirewallField.InputInterface], "internal"), new Counter(), new Verdict(FirewallVerdict.Drop)),
        ["rule-negated"] = Rule(
            "negated", new MatchSet([FirewallField.OutputInterface], "internal", IsNegated: true), new Verdict(FirewallVerdict.Return)),
        ["rule-established"] = Rule(
            "replies", new MatchSet([FirewallField.OutputInterface], "bridges"), new MatchEstablished(), new Verdict(FirewallVerdict.Accept)),
        ["rule-jump"] = Rule("jump", new MatchInterface(FirewallField.InputInterface, "br0"), new Jump("web")),
        ["rule-interface"] = Rule(
            "interface", new MatchInterface(FirewallField.OutputInterface, "br0", IsNegated: true), new Verdict(FirewallVerdict.Drop)),
        ["rule-addresses"] = Rule("source", new MatchSet([FirewallField.Ipv4Source], "subnets"), new Verdict(FirewallVerdict.Drop)),
        ["rule-ipv6"] = Rule("six", new MatchSet([FirewallField.Ipv6Destination], "six"), new Verdict(FirewallVerdict.Drop)),
        ["rule-flow"] = Rule(
            "flow", new MatchSet([FirewallField.Protocol, FirewallField.DestinationPort], "flows"), new Verdict(FirewallVerdict.Accept)),
        ["rule-ports"] = Rule("ports", new LookupVerdict([FirewallField.SourcePort], "entries")),
        ["rule-mark"] = Rule("mark", new MatchSet([FirewallField.Mark], "marks"), new Verdict(FirewallVerdict.Return)),
        ["rule-protocol"] = Rule(
            "protocol", new MatchFamily(IsIpv6: true), new MatchSet([FirewallField.Protocol], "protocols"), new Verdict(FirewallVerdict.Return)),
        ["rule-masquerade"] = Rule(
            "masquerade", new MatchFamily(IsIpv6: false), new MatchSet([FirewallField.InputInterface], "masquerade4"), new Masquerade()),
        ["rule-snat"] = Rule("snat", new SourceNat(IPAddress.Parse("192.0.2.1"))),
        ["rule-snat6"] = Rule("snat6", new MatchFamily(IsIpv6: true), new SourceNat(IPAddress.Parse("2001:db8::1"))),
    };

    public static TheoryData<string> GoldenNames() => [.. Golden.Names()];

    [Fact]
    public void Every_golden_is_used() => Assert.Equal(Golden.Names(), Ours.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(GoldenNames))]
    public void Attributes_are_those_nft_sends(string name)
    {
        using var codec = new FirewallCodec { UsesDestroy = false };

        Assert.Null(codec.Encode(Ours[name], 1));

        var theirs = WireMessage.Parse(Golden.Read(name));
        Assert.Equal(Print(theirs, name), Print(WireMessage.Parse(codec.Batch.Bytes), name));
    }

    [Fact]
    public void Batch_is_framed_as_nft_frames_it()
    {
        using var codec = new FirewallCodec();
        Assert.Null(codec.Encode(Ours["table"], 7));

        var ours = WireMessage.Parse(codec.Batch.Bytes);

        Assert.Equal([7u, 8u, 9u], ours.Select(static m => m.Sequence));
        Assert.Equal((WireMessage.BatchBegin, 1, 0, 10), (ours[0].Type, ours[0].Flags, ours[0].Family, ours[0].ResourceId));
        Assert.Equal((WireMessage.BatchEnd, 1, 0, 10), (ours[^1].Type, ours[^1].Flags, ours[^1].Family, ours[^1].ResourceId));
    }

    private static KernelOperation[] Rule(string purpose, params FirewallExpression[] expressions)
    {
        var chain = Chain(purpose is "masquerade" or "snat" or "snat6" ? "postrouting" : "forward", ForwardHook);
        return [Change(chain, chain with { Rules = [FirewallRule.Create(purpose, [.. expressions])] })];
    }

    // The intended differences, each taken out of both sides:
    // - a creation of ours fails if the object is there (NLM_F_EXCL, and NLM_F_CREATE, which nft leaves out for
    //   tables), and the   last message asks for an answer (NLM_F_ACK);
    // - a rule is written by changing its chain, a chain deleted after flushing it: a flush stands before both;
    // - sets are referred to by name, without the number they have inside a transaction (which may differ in NEWSET);
    // - nft counts the elements of a list in their attribute type, we send NFTA_LIST_ELEM; the kernel looks at neither;
    // - nft notes an empty "typeof" (part 3 of the user data) with concatenations, which its own reader ignores.
    private static string Print(List<WireMessage> messages, string name) => string.Join('\n', messages
        .Where(m => m.Type is not (WireMessage.BatchBegin or WireMessage.BatchEnd)
            && (m.Type != WireMessage.DeleteRule || name == "chain-flush"))
        .Select(static m => $"{m.Type:x} {m.Flags & ~(Exclusive | Ack | Creates):x} family {m.Family}\n{AttributeTree.Print(Normalize(m))}"));

    private static IEnumerable<AttributeTree> Normalize(WireMessage message) => message.Type switch
    {
        WireMessage.NewSet => message.Attributes.Select(static a => a.Type switch
        {
            10 => a with { Value = [] },
            13 => a with { Value = WithoutTypeof(a.Value) },
            _ => a,
        }),
        WireMessage.NewElement or 0xa0e => message.Attributes.Where(static a => a.Type != 4)
            .Select(static a => a.Type == 3 ? a with { Children = [.. a.Children!.Select(static c => c with { Type = 1 })] } : a),
        WireMessage.NewRule => message.Attributes.Select(WithoutSetId),
        _ => message.Attributes,
    };

    private static AttributeTree WithoutSetId(AttributeTree tree)
    {
        if (tree.Children is not { } children)
        {
            return tree;
        }

        var isLookup = children.Exists(static c => c.Type == 1 && c.Value.AsSpan().SequenceEqual("lookup\0"u8));
        return tree with
        {
            Children = [.. children.Select(child => isLookup && child is { Type: 2, Children: { } data }
                ? child with { Children = [.. data.Where(static d => d.Type != 4)] }
                : WithoutSetId(child))],
        };
    }

    private static byte[] WithoutTypeof(byte[] userData)
    {
        var kept = new List<byte>();
        for (var at = 0; at < userData.Length; at += 2 + userData[at + 1])
        {
            if (userData[at] != 3)
            {
                kept.AddRange(userData.AsSpan(at, 2 + userData[at + 1]));
            }
        }

        return [.. kept];
    }
}
