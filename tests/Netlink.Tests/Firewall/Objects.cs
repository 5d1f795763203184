using System.Collections.Immutable;
using Networking.Kernel;
using Networking.Model;

namespace Networking.Netlink.Tests;

/// <summary>Short ways to firewall objects of the host namespace and to operations on them.</summary>
internal static class Objects
{
    public const string TableName = "netd";

    public static FirewallTableState Table() => new() { Namespace = NetNs.Host, Name = TableName };

    public static FirewallSetState Set(string name, bool isInterval, FirewallType value, params ImmutableArray<FirewallType> keys) =>
        new() { Namespace = NetNs.Host, Table = TableName, Name = name, KeyTypes = keys, ValueTypes = value == FirewallType.None ? [] : [value], IsInterval = isInterval };

    public static FirewallSetState Set(string name, params ImmutableArray<FirewallType> keys) =>
        Set(name, false, FirewallType.None, keys);

    public static FirewallSetState Map(
        string name, bool isInterval, ImmutableArray<FirewallType> keys, ImmutableArray<FirewallType> values) =>
        new() { Namespace = NetNs.Host, Table = TableName, Name = name, KeyTypes = keys, ValueTypes = values, IsInterval = isInterval };

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

    public static FirewallChainState Chain(string name, BaseChain? hook, params ImmutableArray<FirewallRule> rules) =>
        new() { Namespace = NetNs.Host, Table = TableName, Name = name, Base = hook, Rules = rules };

    public static KernelOperation Create(KernelObject target) => new(OperationVerb.Create, null, target, []);

    public static KernelOperation Delete(KernelObject target) => new(OperationVerb.Delete, target, null, []);

    public static KernelOperation Change(KernelObject before, KernelObject after) =>
        new(OperationVerb.Change, before, after, ["rules"]);
}
