using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Networking.Kernel;
using static Networking.NetnsFirewall.Tests.RuleSet;

namespace Networking.NetnsFirewall.Tests;

/// <summary>
/// A router with a client before it and two servers behind it, in both families. Servers answer every connection and
/// datagram with their name and the port they were reached at.
/// <code>
///                        router                    ┌── first  10.83.0.2  fd83::2
///  client 192.0.2.2 ── up 192.0.2.1   br 10.83.0.1 ┤
///    2001:db8::2          2001:db8::1    fd83::1   └── second 10.83.0.3  fd83::3
/// </code>
/// </summary>
internal sealed class TranslationStage : IDisposable
{
    private readonly List<BackgroundProcess> _servers = [];

    public TranslationStage()
    {
        foreach (var ns in new[] { Router, Client, First, Second })
        {
            // Neighbours are asked from the link-local address, which is none before duplicates of it were looked for.
            ns.Run("sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.all.accept_dad=0");
            ns.Run("ip", "link", "set", "lo", "up");
        }

        Router.Run("ip", "link", "add", "br-t", "type", "bridge");
        Address(Router, "br-t", "10.83.0.1/24", "fd83::1/64");
        foreach (var (server, number) in new[] { (First, 2), (Second, 3) })
        {
            Router.Run("ip", "link", "add", $"v{number}", "type", "veth", "peer", "name", "eth0", "netns", server.Name);
            Router.Run("ip", "link", "set", $"v{number}", "master", "br-t", "up");
            Address(server, "eth0", $"10.83.0.{number}/24", $"fd83::{number}/64");
            Routes(server, "10.83.0.1", "fd83::1");
        }

        Router.Run("ip", "link", "add", "uplink", "type", "veth", "peer", "name", "eth0", "netns", Client.Name);
        Address(Router, "uplink", "192.0.2.1/24", "2001:db8::1/64");
        Address(Client, "eth0", "192.0.2.2/24", "2001:db8::2/64");
        Routes(Client, "192.0.2.1", "2001:db8::1");
        Router.Run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1");
    }

    public TestNamespace Router { get; } = new("r");

    public TestNamespace Client { get; } = new("c");

    public TestNamespace First { get; } = new("1");

    public TestNamespace Second { get; } = new("2");

    public static string ServerOf(bool isIpv6, int number) => isIpv6 ? $"fd83::{number}" : $"10.83.0.{number}";

    public static string RouterOf(bool isIpv6) => isIpv6 ? "2001:db8::1" : "192.0.2.1";

    public void Dispose()
    {
        foreach (var server in _servers)
        {
            server.Dispose();
        }

        foreach (var ns in new[] { Client, First, Second, Router })
        {
            ns.Dispose();
        }
    }

    /// <summary>Answers at a port, over both families, and returns when it does.</summary>
    public void Serve(TestNamespace server, ProtocolType protocol, int port)
    {
        var name = server == First ? "first" : "second";
        var (listener, address) = protocol == ProtocolType.Tcp
            ? ($"TCP6-LISTEN:{port},fork,reuseaddr,ipv6only=0", "tcp")
            : ($"UDP6-RECVFROM:{port},fork,reuseaddr,ipv6only=0", "udp");
        _servers.Add(new BackgroundProcess(server, "socat", listener, $"SYSTEM:echo {name} {port}; cat >/dev/null"));
        var deadline = Stopwatch.StartNew();
        while (!server.Run("ss", "-H", "-l", "-n", $"--{address}", "sport", "=", $"{port}").Contains($":{port} ", StringComparison.Ordinal))
        {
            Assert.True(deadline.Elapsed < TimeSpan.FromSeconds(10), $"no {address} server at {port} after ten seconds");
        }
    }

    /// <summary>What answers at an address and port, or nothing.</summary>
    public static string Ask(TestNamespace from, ProtocolType protocol, string address, int port, int? sourcePort = null)
    {
        var target = IPAddress.Parse(address).AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]:{port}" : $"{address}:{port}";
        var source = sourcePort is { } bound ? $",sourceport={bound},reuseaddr" : string.Empty;
        var peer = protocol == ProtocolType.Tcp ? $"TCP:{target},connect-timeout=2{source}" : $"UDP:{target}{source}";
        return from.Output("sh", "-c", $"echo hello | timeout 4 socat -t 1 - {peer} 2>/dev/null").Trim();
    }

    /// <summary>A map from sockets to sockets, or to addresses alone.</summary>
    public static FirewallSetState Sockets(string name, bool isIpv6, bool isInterval, bool hasPort)
    {
        var address = isIpv6 ? FirewallType.Ipv6Address : FirewallType.Ipv4Address;
        return Map(name, isInterval, [address, FirewallType.Protocol, FirewallType.Port], hasPort ? [address, FirewallType.Port] : [address]);
    }

    /// <summary>Chains for packets from outside, and for those the host itself sends to its own address.</summary>
    public static FirewallChainState[] Translating(FirewallSetState map)
    {
        var isIpv6 = map.KeyTypes[0] == FirewallType.Ipv6Address;
        ImmutableArray<FirewallField> key =
        [
            isIpv6 ? FirewallField.Ipv6Destination : FirewallField.Ipv4Destination, FirewallField.Protocol, FirewallField.DestinationPort,
        ];
        var rule = FirewallRule.Create("translate", new MatchLocal(), new DestinationNatMap(isIpv6, key, map.Name, HasPort: map.ValueTypes.Length > 1));
        return
        [
            Chain("prerouting", new BaseChain("nat", FirewallHook.Prerouting, -100), rule),
            Chain("output", new BaseChain("nat", FirewallHook.Output, -100), rule),
        ];
    }

    private static void Address(TestNamespace ns, string link, string address, string address6)
    {
        ns.Run("ip", "address", "add", address, "dev", link);
        ns.Run("ip", "address", "add", address6, "dev", link, "nodad");
        ns.Run("ip", "link", "set", link, "up");
    }

    private static void Routes(TestNamespace ns, string gateway, string gateway6)
    {
        ns.Run("ip", "route", "add", "default", "via", gateway);
        ns.Run("ip", "-6", "route", "add", "default", "via", gateway6);
    }
}
