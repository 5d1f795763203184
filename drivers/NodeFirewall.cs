using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>
/// The node's part of the firewall: one table whose chains are made once and whose sets networks fill with their bridges.
/// A packet meets the same few rules however many networks there are, because each rule is one hash lookup.
/// </summary>
public static class NodeFirewall
{
    /// <summary>Set of every bridge of ours.</summary>
    public const string Bridges = "bridges";

    /// <summary>Verdict map of input and output bridge: what packets that stay on one bridge get.</summary>
    public const string BridgePairs = "bridge_pairs";

    /// <summary>Set of bridges with no way in or out.</summary>
    public const string Internal = "internal";

    /// <summary>Set of bridges whose IPv4 packets leave with the host's address.</summary>
    public const string Masquerade4 = "masquerade4";

    /// <summary>Set of bridges whose IPv6 packets leave with the host's address.</summary>
    public const string Masquerade6 = "masquerade6";

    private static readonly ImmutableArray<FirewallType> Name = [FirewallType.InterfaceName];
    private static readonly ImmutableArray<FirewallType> NamePair = [FirewallType.InterfaceName, FirewallType.InterfaceName];
    private static readonly ImmutableArray<FirewallField> Input = [FirewallField.InputInterface];
    private static readonly ImmutableArray<FirewallField> Output = [FirewallField.OutputInterface];
    private static readonly ImmutableArray<FirewallField> InputOutput = [FirewallField.InputInterface, FirewallField.OutputInterface];

    /// <summary>A bridge as a member of a set.</summary>
    internal static FirewallElementState Member(string set, string bridge, ScopeId owner) => new()
    {
        Namespace = NetNs.Host,
        Table = Ownership.FirewallTable,
        Set = set,
        KeyParts = [bridge],
        KeyTypes = Name,
        Comment = owner.Value,
    };

    /// <summary>What a packet gets that comes from a bridge and goes back to it.</summary>
    internal static FirewallElementState SameBridge(string bridge, bool isAccepted, ScopeId owner) => new()
    {
        Namespace = NetNs.Host,
        Table = Ownership.FirewallTable,
        Set = BridgePairs,
        KeyParts = [bridge, bridge],
        KeyTypes = NamePair,
        Value = isAccepted ? "accept" : "drop",
        ValueType = FirewallType.Verdict,
        Comment = owner.Value,
    };

    /// <summary>Table, sets and chains, without elements.</summary>
    /// <param name="isForwarding4Ours">Whether the host forwards IPv4 only because of us.</param>
    /// <param name="isForwarding6Ours">Whether the host forwards IPv6 only because of us.</param>
    internal static IEnumerable<KernelObject> Desired(bool isForwarding4Ours, bool isForwarding6Ours) =>
    [
        new FirewallTableState { Namespace = NetNs.Host, Name = Ownership.FirewallTable },
        SetOf(Bridges),
        SetOf(Internal),
        SetOf(Masquerade4),
        SetOf(Masquerade6),
        SetOf(BridgePairs) with { KeyTypes = NamePair, ValueType = FirewallType.Verdict },
        ChainOf("forward", new BaseChain("filter", FirewallHook.Forward, 0), ForwardRules(isForwarding4Ours, isForwarding6Ours)),
        ChainOf("postrouting", new BaseChain("nat", FirewallHook.Postrouting, 100), PostroutingRules()),
    ];

    /// <summary>
    /// A packet that goes through the host, routed; or bridged, on a host whose br_netfilter calls the IP hooks for it.
    /// "accept" ends this chain only: a foreign chain may still drop what passes here.
    /// </summary>
    private static ImmutableArray<FirewallRule> ForwardRules(bool isForwarding4Ours, bool isForwarding6Ours)
    {
        var rules = ImmutableArray.CreateBuilder<FirewallRule>();

        // Between endpoints of one network, before "internal": an internal network talks to itself.
        rules.Add(FirewallRule.Create("same bridge", new LookupVerdict(InputOutput, BridgePairs)));
        rules.Add(FirewallRule.Create("out of internal", new MatchSet(Input, Internal), new Counter(), Drop));
        rules.Add(FirewallRule.Create("into internal", new MatchSet(Output, Internal), new Counter(), Drop));

        // Into a network of ours only as an answer; also from another network of ours, which the next rule drops.
        rules.Add(FirewallRule.Create("answers", new MatchSet(Output, Bridges), new MatchEstablished(), Accept));
        rules.Add(FirewallRule.Create("unasked", new MatchSet(Output, Bridges), new Counter(), Drop));
        rules.Add(FirewallRule.Create("out", new MatchSet(Input, Bridges), Accept));

        // What is left has nothing to do with us. If the host was no router before, it is still none for others.
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

    /// <summary>
    /// A connection's first packet as it leaves the host. One that was routed back to its own bridge keeps its source;
    /// a bridged one has no input interface here and matches nothing.
    /// </summary>
    private static ImmutableArray<FirewallRule> PostroutingRules() =>
    [
        FirewallRule.Create("same bridge", new LookupVerdict(InputOutput, BridgePairs)),
        FirewallRule.Create("masquerade ipv4", new MatchFamily(IsIpv6: false), new MatchSet(Input, Masquerade4), new Masquerade()),
        FirewallRule.Create("masquerade ipv6", new MatchFamily(IsIpv6: true), new MatchSet(Input, Masquerade6), new Masquerade()),
    ];

    private static Verdict Accept => new(FirewallVerdict.Accept);

    private static Verdict Drop => new(FirewallVerdict.Drop);

    private static FirewallSetState SetOf(string name) => new()
    {
        Namespace = NetNs.Host,
        Table = Ownership.FirewallTable,
        Name = name,
        KeyTypes = Name,
    };

    private static FirewallChainState ChainOf(string name, BaseChain hook, ImmutableArray<FirewallRule> rules) => new()
    {
        Namespace = NetNs.Host,
        Table = Ownership.FirewallTable,
        Name = name,
        Base = hook,
        Rules = rules,
    };
}
