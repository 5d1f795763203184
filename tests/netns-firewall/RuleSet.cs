using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model;

namespace Networking.NetnsFirewall.Tests;

/// <summary>The rule set of DESIGN: chains made once, sets that networks fill.</summary>
internal static class RuleSet
{
    public const string TableName = "netd";

    public static readonly FirewallSetState Bridges = Set("bridges", false, FirewallType.None, FirewallType.InterfaceName);
    public static readonly FirewallSetState Internal = Set("internal", false, FirewallType.None, FirewallType.InterfaceName);
    public static readonly FirewallSetState Masquerade4 = Set("masquerade4", false, FirewallType.None, FirewallType.InterfaceName);
    public static readonly FirewallSetState Pairs =
        Set("bridge_pairs", false, FirewallType.Verdict, FirewallType.InterfaceName, FirewallType.InterfaceName);

    private static readonly FirewallField[] Both = [FirewallField.InputInterface, FirewallField.OutputInterface];
    private static readonly Verdict Drop = new(FirewallVerdict.Drop);
    private static readonly Verdict Accept = new(FirewallVerdict.Accept);

    public static FirewallTableState Table { get; } = new() { Namespace = NetNs.Host, Name = TableName };

    public static FirewallChainState Forward { get; } = Chain(
        "forward",
        new BaseChain("filter", FirewallHook.Forward, 0),
        FirewallRule.Create("same bridge", new LookupVerdict([.. Both], "bridge_pairs")),
        FirewallRule.Create("out of internal", new MatchSet([FirewallField.InputInterface], "internal"), new Counter(), Drop),
        FirewallRule.Create("into internal", new MatchSet([FirewallField.OutputInterface], "internal"), new Counter(), Drop),
        FirewallRule.Create("answers", new MatchSet([FirewallField.OutputInterface], "bridges"), new MatchEstablished(), Accept),
        FirewallRule.Create("unasked", new MatchSet([FirewallField.OutputInterface], "bridges"), new Counter(), Drop),
        FirewallRule.Create("out", new MatchSet([FirewallField.InputInterface], "bridges"), Accept));

    public static FirewallChainState Postrouting { get; } = Chain(
        "postrouting",
        new BaseChain("nat", FirewallHook.Postrouting, 100),
        FirewallRule.Create("same bridge", new LookupVerdict([.. Both], "bridge_pairs")),
        FirewallRule.Create(
            "masquerade ipv4", new MatchFamily(IsIpv6: false), new MatchSet([FirewallField.InputInterface], "masquerade4"), new Masquerade()));

    public static KernelObject[] Node => [Table, Bridges, Internal, Masquerade4, Pairs, Forward, Postrouting];

    public static KernelObject[] Network(string bridge, string owner, bool isInternal = false) =>
    [
        Element(Pairs, $"{bridge} . {bridge}", "accept", owner),
        Element(Bridges, bridge, null, owner),
        Element(isInternal ? Internal : Masquerade4, bridge, null, owner),
    ];

    public static FirewallSetState Set(string name, bool isInterval, FirewallType value, params ImmutableArray<FirewallType> keys) =>
        new() { Namespace = NetNs.Host, Table = TableName, Name = name, KeyTypes = keys, ValueTypes = value == FirewallType.None ? [] : [value], IsInterval = isInterval };

    public static FirewallSetState Map(
        string name, bool isInterval, ImmutableArray<FirewallType> keys, ImmutableArray<FirewallType> values) =>
        new() { Namespace = NetNs.Host, Table = TableName, Name = name, KeyTypes = keys, ValueTypes = values, IsInterval = isInterval };

    public static FirewallChainState Chain(string name, BaseChain? hook, params ImmutableArray<FirewallRule> rules) =>
        new() { Namespace = NetNs.Host, Table = TableName, Name = name, Base = hook, Rules = rules };

    public static FirewallElementState Element(
        FirewallSetState set, string key, string? value = null, string? comment = null) => new()
        {
            Namespace = NetNs.Host,
            Table = set.Table,
            Set = set.Name,
            KeyTypes = set.KeyTypes,
            ValueTypes = set.ValueTypes,
            KeyParts = [.. key.Split(" . ")],
            Value = value,
            Comment = comment,
        };

    public static KernelOperation[] Create(params IEnumerable<KernelObject> objects) =>
        [.. objects.Select(static o => new KernelOperation(OperationVerb.Create, null, o, []))];

    public static KernelOperation[] Delete(params IEnumerable<KernelObject> objects) =>
        [.. objects.Select(static o => new KernelOperation(OperationVerb.Delete, o, null, []))];
}
