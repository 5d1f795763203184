using System.Collections.Immutable;
using System.Net;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>
/// The node's part of the firewall: one table whose chains are made once and whose sets and maps networks and endpoints
/// fill. A packet meets the same few rules however many networks and ports there are, because each is one lookup.
/// </summary>
/// <remarks>
/// From the packet's point of view (all of it in <c>docs/packet-walks/bridge.md</c>): the first packet of a connection to
/// the host may be <i>translated</i> (prerouting, or output for the host's own); every packet through the host is then
/// <i>judged</i> in forward, where what was translated is known by its connection; and the first may get another source
/// (postrouting), so that the answer comes back by the way it went.
/// </remarks>
public static class NodeFirewall
{
    private const int BeforeFilter = -10; // foreign filter chains stand at 0: they see the mark we have set
    private const string SameBridgeChain = "same_bridge";
    private const string Admit = "admit";

    private static readonly IPNetwork Loopback4 = IPNetwork.Parse("127.0.0.0/8");

    private static readonly ImmutableArray<FirewallField> Input = [FirewallField.InputInterface];
    private static readonly ImmutableArray<FirewallField> Output = [FirewallField.OutputInterface];
    private static readonly ImmutableArray<FirewallField> InputOutput = [FirewallField.InputInterface, FirewallField.OutputInterface];

    /// <summary>Table, sets, maps and chains.</summary>
    /// <param name="isForwarding4Ours">Whether the host forwards IPv4 only because of us.</param>
    /// <param name="isForwarding6Ours">Whether the host forwards IPv6 only because of us.</param>
    /// <param name="admissionMark">Mark for packets that a foreign chain has to accept as well; null if none stands in the way.</param>
    /// <param name="others">Interfaces for which others forward.</param>
    internal static IEnumerable<KernelObject> Desired(
        bool isForwarding4Ours, bool isForwarding6Ours, uint? admissionMark, ImmutableArray<ForeignLink> others)
    {
        yield return new FirewallTableState { Namespace = NetNs.Host, Name = Ownership.FirewallTable };
        foreach (var item in BridgeSets.Desired().Concat(PublishMaps.Desired()))
        {
            yield return item;
        }

        yield return Chain("prerouting", new BaseChain("nat", FirewallHook.Prerouting, -100), PreroutingRules());
        yield return Chain("output", new BaseChain("nat", FirewallHook.Output, -100), OutputRules());
        foreach (var exposure in new[] { PortExposure.Loopback, PortExposure.Lan, PortExposure.World })
        {
            yield return Chain(PublishMaps.TranslationChain(exposure), null, PublishMaps.TranslationRules(exposure));
        }

        yield return Chain("input", new BaseChain("filter", FirewallHook.Input, 0), InputRules());
        yield return Chain("forward", new BaseChain("filter", FirewallHook.Forward, BeforeFilter), ForwardRules(isForwarding4Ours, isForwarding6Ours, others));
        yield return Chain(SameBridgeChain, null, SameBridgeRules());
        yield return Chain(DirectChain(isIpv6: false), null, DirectRules(isIpv6: false));
        yield return Chain(DirectChain(isIpv6: true), null, DirectRules(isIpv6: true));
        yield return Chain(Admit, null, AdmitRules(admissionMark));
        yield return Chain("postrouting", new BaseChain("nat", FirewallHook.Postrouting, 100), PostroutingRules());
    }

    // The first packet of a connection that comes from elsewhere. Who it comes from decides which maps are asked.
    private static ImmutableArray<FirewallRule> PreroutingRules() =>
    [
        FirewallRule.Create("only to this host", new MatchLocal(IsNegated: true), new Verdict(FirewallVerdict.Return)),

        // Local as well, but nobody elsewhere means this one. Translated here, it would not be seen for the martian it is.
        FirewallRule.Create("not to its loopback", new MatchPrefix(FirewallField.Ipv4Destination, Loopback4), new Verdict(FirewallVerdict.Return)),
        FirewallRule.Create("from anywhere", JumpTo(PortExposure.World)),
        FirewallRule.Create("from near ipv4", new MatchSet([FirewallField.Ipv4Source], BridgeSets.Lan(isIpv6: false)), JumpTo(PortExposure.Lan)),
        FirewallRule.Create("from near ipv6", new MatchSet([FirewallField.Ipv6Source], BridgeSets.Lan(isIpv6: true)), JumpTo(PortExposure.Lan)),
        FirewallRule.Create("from a sandbox", new MatchSet(Input, BridgeSets.Bridges), JumpTo(PortExposure.Lan)),
    ];

    // The first packet of a connection of the host's own. To ::1 it is left to the forwarder: the kernel sends nothing
    // from there to elsewhere.
    private static ImmutableArray<FirewallRule> OutputRules() =>
    [
        FirewallRule.Create("only to this host", new MatchLocal(IsNegated: true), new Verdict(FirewallVerdict.Return)),
        FirewallRule.Create(
            "to the forwarder", new MatchPrefix(FirewallField.Ipv6Destination, new IPNetwork(IPAddress.IPv6Loopback, 128)), new Verdict(FirewallVerdict.Return)),
        FirewallRule.Create("for anybody", JumpTo(PortExposure.World)),
        FirewallRule.Create("for near ones", JumpTo(PortExposure.Lan)),
        FirewallRule.Create("for this host", JumpTo(PortExposure.Loopback)),
    ];

    // A packet for the host itself. Bridges route 127.0.0.0/8 (route_localnet), so that the host can reach published ports
    // there; a sandbox must not reach the host's own loopback services by it, nor speak in their name.
    private static ImmutableArray<FirewallRule> InputRules() =>
    [
        FirewallRule.Create("from isolated ipv4", new MatchFamily(IsIpv6: false), new MatchSet(Input, BridgeSets.Isolated(isIpv6: false)), new Counter(), Drop),
        FirewallRule.Create("from isolated ipv6", new MatchFamily(IsIpv6: true), new MatchSet(Input, BridgeSets.Isolated(isIpv6: true)), new Counter(), Drop),
        FirewallRule.Create("as loopback", new MatchPrefix(FirewallField.Ipv4Source, Loopback4), new MatchSet(Input, BridgeSets.Bridges), new Counter(), Drop),
        FirewallRule.Create("answers to loopback", new MatchPrefix(FirewallField.Ipv4Destination, Loopback4), new MatchEstablished(), Accept),
        FirewallRule.Create("to loopback", new MatchPrefix(FirewallField.Ipv4Destination, Loopback4), new MatchSet(Input, BridgeSets.Bridges), new Counter(), Drop),
    ];

    /// <summary>
    /// A packet that goes through the host, routed; or bridged, on a host whose br_netfilter calls the IP hooks for it.
    /// "accept" ends this chain only: a foreign chain may still drop what passes here, unless it is told about the mark.
    /// </summary>
    private static ImmutableArray<FirewallRule> ForwardRules(bool isForwarding4Ours, bool isForwarding6Ours, ImmutableArray<ForeignLink> others)
    {
        var rules = ImmutableArray.CreateBuilder<FirewallRule>();

        // Between endpoints of one network, before "internal": an internal network talks to itself.
        rules.Add(FirewallRule.Create("same bridge", new MatchSet(InputOutput, BridgeSets.SameBridge), new Goto(SameBridgeChain)));
        rules.Add(FirewallRule.Create("out of internal", new MatchSet(Input, BridgeSets.Internal), new Counter(), Drop));
        rules.Add(FirewallRule.Create("into internal", new MatchSet(Output, BridgeSets.Internal), new Counter(), Drop));

        // Into a network of ours as an answer, or because a published port was translated to it.
        rules.Add(FirewallRule.Create("answers", new MatchSet(Output, BridgeSets.Bridges), new MatchEstablished(), new Goto(Admit)));
        rules.Add(FirewallRule.Create("published", new MatchSet(Output, BridgeSets.Bridges), new MatchTranslated(), new Goto(Admit)));

        // Else by the network's gateway mode, or from an interface it trusts; also from another network of ours.
        rules.AddRange(InwardRules(isIpv6: false));
        rules.AddRange(InwardRules(isIpv6: true));
        rules.Add(FirewallRule.Create("unpublished", new MatchSet(Output, BridgeSets.Bridges), new Counter(), Drop));

        // To where others judge what comes, as Docker does for its networks: without our mark, and "return" also because in
        // iptables an accept of ours would end their chain as well.
        rules.AddRange(others.Where(static o => o.IsGuarded).Select(static o => Leave("to", FirewallField.OutputInterface, o)));
        rules.Add(FirewallRule.Create("out", new MatchSet(Input, BridgeSets.Bridges), new Goto(Admit)));

        // What is left has nothing to do with us. If the host was no router before, it is still none for others, but for those
        // who forward by rules of their own: they may have found forwarding turned on, and left it to be so.
        if (isForwarding4Ours || isForwarding6Ours)
        {
            rules.AddRange(others.Where(o => o.IsIpv6 ? isForwarding6Ours : isForwarding4Ours).SelectMany(static o => LeaveBothWays(o)));
        }

        if (isForwarding4Ours)
        {
            rules.Add(FirewallRule.Create("not ours ipv4", new MatchFamily(IsIpv6: false), new Counter(), Drop));
        }

        if (isForwarding6Ours)
        {
            rules.Add(FirewallRule.Create("not ours ipv6", new MatchFamily(IsIpv6: true), new Counter(), Drop));
        }

        return rules.ToImmutable();
    }

    private static IEnumerable<FirewallRule> LeaveBothWays(ForeignLink other)
    {
        yield return Leave("from", FirewallField.InputInterface, other);
        if (!other.IsGuarded) // else there is that rule
        {
            yield return Leave("to", FirewallField.OutputInterface, other);
        }
    }

    private static FirewallRule Leave(string way, FirewallField field, ForeignLink other) => FirewallRule.Create(
        $"{way} {other.Name} {(other.IsIpv6 ? "ipv6" : "ipv4")}",
        new MatchFamily(other.IsIpv6),
        new MatchInterface(field, other.Name),
        new Verdict(FirewallVerdict.Return));

    private static IEnumerable<FirewallRule> InwardRules(bool isIpv6)
    {
        var family = isIpv6 ? "ipv6" : "ipv4";
        yield return FirewallRule.Create(
            $"unprotected {family}", new MatchFamily(isIpv6), new MatchSet(Output, BridgeSets.Unprotected(isIpv6)), new Goto(Admit));
        yield return FirewallRule.Create(
            $"routed {family}", new MatchFamily(isIpv6), new MatchSet(Output, BridgeSets.Routed(isIpv6)), new Goto(DirectChain(isIpv6)));
        yield return FirewallRule.Create(
            $"trusted {family}", new MatchFamily(isIpv6), new MatchSet(InputOutput, BridgeSets.Trusted), new Goto(DirectChain(isIpv6)));
    }

    private static ImmutableArray<FirewallRule> SameBridgeRules() =>
    [
        FirewallRule.Create("without icc", new MatchSet(Input, BridgeSets.NoIcc), new Counter(), Drop),
        FirewallRule.Create("with icc", new Goto(Admit)),
    ];

    private static string DirectChain(bool isIpv6) => isIpv6 ? "direct6" : "direct4";

    // To a sandbox's own address: echo and errors, and what is open to whom.
    private static ImmutableArray<FirewallRule> DirectRules(bool isIpv6)
    {
        var rules = ImmutableArray.CreateBuilder<FirewallRule>();
        rules.Add(FirewallRule.Create("icmp", new MatchProtocol(isIpv6 ? (byte)58 : (byte)1), new Goto(Admit)));
        foreach (var match in PublishMaps.OpenMatches(PortExposure.World, isIpv6))
        {
            rules.Add(FirewallRule.Create($"{match.Set} to anybody", match, new Goto(Admit)));
        }

        foreach (var match in PublishMaps.OpenMatches(PortExposure.Lan, isIpv6))
        {
            rules.Add(FirewallRule.Create(
                $"{match.Set} to near ones", new MatchSet([FirewallTypes.Source(isIpv6)], BridgeSets.Lan(isIpv6)), match, new Goto(Admit)));
            rules.Add(FirewallRule.Create($"{match.Set} to sandboxes", new MatchSet(Input, BridgeSets.Bridges), match, new Goto(Admit)));
        }

        rules.Add(FirewallRule.Create("closed", new Counter(), Drop));
        return rules.ToImmutable();
    }

    private static ImmutableArray<FirewallRule> AdmitRules(uint? mark) => mark is { } bits
        ? [FirewallRule.Create("admit with mark", new SetMark(bits), Accept)]
        : [FirewallRule.Create("admit", Accept)];

    /// <summary>A connection's first packet as it leaves the host.</summary>
    private static ImmutableArray<FirewallRule> PostroutingRules() =>
    [
        // To a published port of its own network: an answer would go straight to the sandbox, from an address it did not ask.
        FirewallRule.Create("hairpin", new MatchSet(InputOutput, BridgeSets.SameBridge), new MatchTranslated(), new Masquerade()),
        FirewallRule.Create("same bridge", new MatchSet(InputOutput, BridgeSets.SameBridge), Accept),

        // The same where br_netfilter translates a bridged packet, and the host's own: both have no input interface here.
        // The host may have asked from 127.0.0.1, and the sandbox may have its default route elsewhere.
        FirewallRule.Create(
            "from the host", new MatchNoInput(), new MatchSet(Output, BridgeSets.Bridges), new MatchTranslated(), new Masquerade()),
        FirewallRule.Create("source ipv4", new MatchFamily(IsIpv6: false), new SourceNatMap(IsIpv6: false, Input, BridgeSets.SourceAddress(isIpv6: false))),
        FirewallRule.Create("source ipv6", new MatchFamily(IsIpv6: true), new SourceNatMap(IsIpv6: true, Input, BridgeSets.SourceAddress(isIpv6: true))),
        FirewallRule.Create("masquerade ipv4", new MatchFamily(IsIpv6: false), new MatchSet(Input, BridgeSets.Masquerade(isIpv6: false)), new Masquerade()),
        FirewallRule.Create("masquerade ipv6", new MatchFamily(IsIpv6: true), new MatchSet(Input, BridgeSets.Masquerade(isIpv6: true)), new Masquerade()),
    ];

    private static Jump JumpTo(PortExposure exposure) => new(PublishMaps.TranslationChain(exposure));

    private static Verdict Accept => new(FirewallVerdict.Accept);

    private static Verdict Drop => new(FirewallVerdict.Drop);

    private static FirewallChainState Chain(string name, BaseChain? hook, ImmutableArray<FirewallRule> rules) => new()
    {
        Namespace = NetNs.Host,
        Table = Ownership.FirewallTable,
        Name = name,
        Base = hook,
        Rules = rules,
    };
}
