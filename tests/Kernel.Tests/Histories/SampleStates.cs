using System.Collections.Immutable;
using System.Net;
using Networking.Model;

namespace Networking.Kernel.Tests.Histories;

/// <summary>What a driver would make of the samples: pure, and with every kind of object that a bridge network needs.</summary>
public static class SampleStates
{
    private static readonly ImmutableArray<FirewallType> s_portKey = [FirewallType.Protocol, FirewallType.Port];
    private static readonly ImmutableArray<FirewallType> s_portValue = [FirewallType.Ipv4Address, FirewallType.Port];

    /// <summary>Before <see cref="Node"/>, which has it.</summary>
    public static ForeignAdmissionState Admission { get; } =
        new() { Namespace = NetNs.Host, Family = "ip", Table = "filter", Chain = "FORWARD", Mark = 0x00400000 };

    public static KernelState Node { get; } = KernelState.Of(
    [
        new SysctlState { Namespace = NetNs.Host, Path = "net/ipv4/ip_forward", Value = "1", Original = "0" },
        .. Firewall(NetNs.Host),
        Admission,
    ]);

    public static KernelState Of(SampleNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return KernelState.Of(
        [
            new LinkState
            {
                Namespace = NetNs.Host,
                Name = network.Link,
                Details = new BridgeLink(),
                Alias = Ownership.AliasOf(Intent.OwnerTag, network.Scope),
                Mac = new MacAddress(0x0200_0000_0000u + (ulong)network.Number),
                MtuBytes = network.MtuBytes,
                IsUp = true,
            },
            new AddressState { Namespace = NetNs.Host, Link = network.Link, Address = new InterfaceAddress(network.Gateway, 16) },
            new SysctlState { Namespace = NetNs.Host, Path = $"net/ipv4/conf/{network.Link}/route_localnet", Value = "1", Link = network.Link },
            new FirewallElementState
            {
                Namespace = NetNs.Host,
                Table = Ownership.FirewallTable,
                Set = "bridges",
                KeyParts = [network.Link],
                KeyTypes = [FirewallType.InterfaceName],
                Comment = network.Scope.Value,
            },
        ]);
    }

    public static KernelState Of(SampleSandbox sandbox)
    {
        ArgumentNullException.ThrowIfNull(sandbox);
        return KernelState.Of(
        [
            new SysctlState
            {
                Namespace = sandbox.Namespace, Path = "net/ipv4/ip_unprivileged_port_start", Value = "7", Original = "0",
            },
            .. sandbox.GatewayNetwork is { } network
                ?
                [
                    new RouteState
                    {
                        Namespace = sandbox.Namespace,
                        Destination = IPNetwork.Parse("0.0.0.0/0"),
                        Gateway = new SampleNetwork(network).Gateway,
                        Link = sandbox.GatewayInterface ?? "eth0",
                    },
                ]
                : (KernelObject[])[],
        ]);
    }

    public static KernelState Of(SampleEndpoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        var ns = new NetNs(endpoint.Sandbox);
        var alias = Ownership.AliasOf(Intent.OwnerTag, endpoint.Scope);
        var mac = new MacAddress(0x0242_0000_0000u + (ulong)endpoint.Number);
        var address = $"10.{endpoint.Network}.{endpoint.Number / 250}.{(endpoint.Number % 250) + 2}";
        return KernelState.Of(
        [
            new LinkState
            {
                Namespace = NetNs.Host,
                Name = endpoint.HostLink,
                Details = new VethLink(ns, endpoint.Interface, mac),
                Alias = alias,
                MtuBytes = endpoint.MtuBytes,
                Master = new SampleNetwork(endpoint.Network).Link,
                Port = new BridgePortState(IsIsolated: false, HasHairpin: true),
                IsUp = true,
            },
            new LinkState
            {
                Namespace = ns,
                Name = endpoint.Interface,
                Details = new VethPeerLink(NetNs.Host, endpoint.HostLink),
                Alias = alias,
                Mac = mac,
                MtuBytes = endpoint.MtuBytes,
                IsUp = true,
                Announce = new AnnouncePolicy(1, TimeSpan.FromMilliseconds(100)),
            },
            new AddressState { Namespace = ns, Link = endpoint.Interface, Address = new InterfaceAddress(IPAddress.Parse(address), 16) },
            new AddressState
            {
                Namespace = ns,
                Link = endpoint.Interface,
                Address = new InterfaceAddress(IPAddress.Parse($"fd00:{endpoint.Network}::{endpoint.Number + 2:x}"), 64),
            },
            new SysctlState { Namespace = ns, Path = $"net/ipv6/conf/{endpoint.Interface}/accept_dad", Value = "2", Link = endpoint.Interface },
            .. Enumerable.Range(0, endpoint.Ports).Select(p => new FirewallElementState
            {
                Namespace = NetNs.Host,
                Table = Ownership.FirewallTable,
                Set = "ports",
                KeyParts = ["tcp", $"{endpoint.FirstPort + (endpoint.Number * 10) + p}"],
                KeyTypes = s_portKey,
                Value = $"{address} . {80 + p}",
                ValueTypes = s_portValue,
                Comment = endpoint.Scope.Value,
            }),
        ]);
    }

    /// <summary>The same objects in the table of another backend.</summary>
    public static KernelState In(KernelState state, string table)
    {
        ArgumentNullException.ThrowIfNull(state);
        return table == Ownership.FirewallTable ? state : KernelState.Of(state.Objects.Select(o => o switch
        {
            FirewallTableState item => item with { Name = table },
            FirewallSetState item => item with { Table = table },
            FirewallChainState item => item with { Table = table },
            FirewallElementState item => item with { Table = table },
            _ => o,
        }));
    }

    private static ImmutableArray<KernelObject> Firewall(NetNs ns) =>
    [
        new FirewallTableState { Namespace = ns, Name = Ownership.FirewallTable },
        new FirewallSetState
        {
            Namespace = ns, Table = Ownership.FirewallTable, Name = "bridges", KeyTypes = [FirewallType.InterfaceName],
        },
        new FirewallSetState
        {
            Namespace = ns, Table = Ownership.FirewallTable, Name = "ports", KeyTypes = s_portKey, ValueTypes = s_portValue,
        },
        new FirewallChainState
        {
            Namespace = ns,
            Table = Ownership.FirewallTable,
            Name = "forward",
            Base = new BaseChain("filter", FirewallHook.Forward, 0),
            Rules =
            [
                FirewallRule.Create("established", new MatchEstablished(), new Verdict(FirewallVerdict.Accept)),
                FirewallRule.Create(
                    "from others", new MatchSet([FirewallField.OutputInterface], "bridges"), new Counter(), new Verdict(FirewallVerdict.Drop)),
            ],
        },
        new FirewallChainState
        {
            Namespace = ns,
            Table = Ownership.FirewallTable,
            Name = "prerouting",
            Base = new BaseChain("nat", FirewallHook.Prerouting, -100),
            Rules = [FirewallRule.Create("published", new MatchLocal(), new Goto("published"))],
        },
        new FirewallChainState
        {
            Namespace = ns,
            Table = Ownership.FirewallTable,
            Name = "published",
            Rules =
            [
                FirewallRule.Create(
                    "ports", new DestinationNatMap(IsIpv6: false, [FirewallField.Protocol, FirewallField.DestinationPort], "ports", HasPort: true)),
            ],
        },
    ];
}
