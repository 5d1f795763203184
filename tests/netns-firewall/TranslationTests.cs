using System.Collections.Immutable;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Networking.Kernel;
using static Networking.NetnsFirewall.Tests.Firewall;
using static Networking.NetnsFirewall.Tests.RuleSet;

namespace Networking.NetnsFirewall.Tests;

/// <summary>Published ports under real packets, in both families.</summary>
public sealed class TranslationTests
{
    private const string Anywhere4 = "0.0.0.0-255.255.255.255";
    private const string Anywhere6 = "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
    private const uint OurMark = 0x00400000;

    private static readonly Counter Counted = new();
    private static readonly Verdict Accept = new(FirewallVerdict.Accept);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Port_is_translated_to_another_host_and_port(bool isIpv6)
    {
        using var stage = new TranslationStage();
        stage.Serve(stage.First, ProtocolType.Tcp, 80);
        stage.Serve(stage.First, ProtocolType.Udp, 53);
        var (router, first) = (TranslationStage.RouterOf(isIpv6), TranslationStage.ServerOf(isIpv6, 2));
        var targets = TranslationStage.Sockets("targets", isIpv6, isInterval: false, hasPort: true);
        stage.Router.Inside(() => Apply(Create(
            [Table, targets, .. TranslationStage.Translating(targets), Element(targets, $"{router} . tcp . 8080", $"{first} . 80"), Element(targets, $"{router} . udp . 5300", $"{first} . 53")])));

        Assert.Equal("first 80", TranslationStage.Ask(stage.Client, ProtocolType.Tcp, router, 8080));
        Assert.Equal("first 53", TranslationStage.Ask(stage.Client, ProtocolType.Udp, router, 5300));
        Assert.Equal("first 80", TranslationStage.Ask(stage.Router, ProtocolType.Tcp, router, 8080));
        Assert.Empty(TranslationStage.Ask(stage.Client, ProtocolType.Tcp, router, 5300));
        Assert.Empty(TranslationStage.Ask(stage.Client, ProtocolType.Tcp, router, 8081));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Range_of_ten_thousand_ports_on_all_addresses_is_one_element(bool isIpv6)
    {
        using var stage = new TranslationStage();
        stage.Serve(stage.First, ProtocolType.Tcp, 20_000);
        stage.Serve(stage.First, ProtocolType.Tcp, 29_999);
        stage.Serve(stage.First, ProtocolType.Tcp, 30_000);
        var router = TranslationStage.RouterOf(isIpv6);
        var ranges = TranslationStage.Sockets("ranges", isIpv6, isInterval: true, hasPort: false);
        stage.Router.Inside(() => Apply(Create(
        [
            Table, ranges, .. TranslationStage.Translating(ranges),
            Element(ranges, $"{(isIpv6 ? Anywhere6 : Anywhere4)} . tcp . 20000-29999", TranslationStage.ServerOf(isIpv6, 2)),
        ])));

        Assert.Equal("first 20000", TranslationStage.Ask(stage.Client, ProtocolType.Tcp, router, 20_000));
        Assert.Equal("first 29999", TranslationStage.Ask(stage.Client, ProtocolType.Tcp, router, 29_999));
        Assert.Empty(TranslationStage.Ask(stage.Client, ProtocolType.Tcp, router, 30_000));
    }

    [Fact]
    public void Local_translated_and_marked_packets_are_told_apart()
    {
        using var stage = new TranslationStage();
        stage.Serve(stage.First, ProtocolType.Udp, 80);
        var targets = TranslationStage.Sockets("targets", isIpv6: false, isInterval: false, hasPort: true);
        var forward = Chain(
            "forward",
            new BaseChain("filter", FirewallHook.Forward, 0),
            Ipv4Rule("local", new MatchLocal(), Counted),
            Ipv4Rule("translated", new MatchTranslated(), Counted, new SetMark(OurMark)),
            Ipv4Rule("straight", Counted));
        var later = Chain(
            "later",
            new BaseChain("filter", FirewallHook.Forward, 10),
            Ipv4Rule("ours", new MatchMark(OurMark), Counted, Accept),
            Ipv4Rule("not ours", Counted));
        var input = Chain("input", new BaseChain("filter", FirewallHook.Input, 0), Ipv4Rule("to the host", new MatchLocal(), Counted));
        var postrouting = Chain(
            "postrouting",
            new BaseChain("filter", FirewallHook.Postrouting, 0),
            Ipv4Rule("from the host", new MatchNoInput(), Counted, Accept),
            Ipv4Rule("through the host", Counted));
        stage.Router.Inside(() => Apply(Create(
            [Table, targets, .. TranslationStage.Translating(targets), forward, later, input, postrouting, Element(targets, "192.0.2.1 . udp . 8080", "10.83.0.2 . 80")])));

        Assert.Equal("first 80", TranslationStage.Ask(stage.Client, ProtocolType.Udp, "192.0.2.1", 8080));
        Assert.Equal(["forward/straight", "forward/translated", "later/ours", "postrouting/through the host"], Hits(stage));
        Reset(stage, forward, later, input, postrouting);
        Assert.Equal("first 80", TranslationStage.Ask(stage.Client, ProtocolType.Udp, "10.83.0.2", 80));
        Assert.Equal(["forward/straight", "later/not ours", "postrouting/through the host"], Hits(stage));
        Reset(stage, forward, later, input, postrouting);
        Assert.True(stage.Router.Try("ping", "-nqc1", "-W2", "192.0.2.2"));
        Assert.Equal(["input/to the host", "postrouting/from the host"], Hits(stage));
    }

    // Where bridged packets go through here too, servers tell their neighbours about multicast in IPv6 whenever they like.
    private static FirewallRule Ipv4Rule(string purpose, params ImmutableArray<FirewallExpression> expressions) =>
        FirewallRule.Create(purpose, [new MatchFamily(IsIpv6: false), .. expressions]);

    // A chain filled anew counts from zero.
    private static void Reset(TranslationStage stage, params FirewallChainState[] chains) => stage.Router.Inside(() =>
        Apply([.. chains.Select(static c => new KernelOperation(OperationVerb.Change, c, c, ["rules"]))]));

    // Chains and purposes of the rules that have counted a packet.
    private static IEnumerable<string> Hits(TranslationStage stage)
    {
        var rules = JsonNode.Parse(stage.Router.Run("nft", "-j", "list", "ruleset"))!["nftables"]!.AsArray() // nft prints an object
            .Select(static n => n!["rule"]).OfType<JsonObject>()
            .Where(static r => r["expr"]!.AsArray().Any(static e => e!["counter"]?["packets"]?.GetValue<long>() > 0))
            .Select(static r => (Chain: r["chain"]!.GetValue<string>(), Purpose: r["comment"]!.GetValue<string>().Split(" #")[0]));
        return rules.Select(static r => $"{r.Chain}/{r.Purpose}").Order(StringComparer.Ordinal);
    }
}
