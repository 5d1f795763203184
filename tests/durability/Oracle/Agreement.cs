using Networking.Daemon.Tests.Staging;
using Networking.Model.Api;

namespace Networking.Durability.Tests;

/// <summary>
/// Holds the API's documents against the kernel, in both directions: every object that a document promises is there, and
/// nothing is there that neither a document promises nor the host had before.
/// </summary>
internal sealed class Agreement
{
    private static readonly string[] s_sets =
    [
        "bridges", "same_bridge", "no_icc", "internal", "trusted",
        .. from family in new[] { 4, 6 }
           from set in new[] { "masquerade", "snat", "routed", "unprotected", "isolated", "lan" }
           select $"{set}{family}",
        .. from family in new[] { 4, 6 }
           from exposure in new[] { "host", "lan", "world" }
           from map in exposure == "host" ? new[] { "ports", "any", "ranges" } : ["ports", "any", "ranges", "open", "open_ranges"]
           select $"{exposure}_{map}{family}",
    ];

    private static readonly (string Name, string Hook)[] s_chains =
    [
        ("prerouting", "nat prerouting -100"), ("output", "nat output -100"), ("postrouting", "nat postrouting 100"),
        ("input", "filter input 0"), ("forward", "filter forward -10"),
        ("to_host", string.Empty), ("to_lan", string.Empty), ("to_world", string.Empty),
        ("same_bridge", string.Empty), ("direct4", string.Empty), ("direct6", string.Empty), ("admit", string.Empty),
    ];

    private static readonly (int Family, string[] Ranges)[] s_near =
    [
        (4, ["10.0.0.0-10.255.255.255", "100.64.0.0-100.127.255.255", "127.0.0.0-127.255.255.255", "169.254.0.0-169.254.255.255",
            "172.16.0.0-172.31.255.255", "192.168.0.0-192.168.255.255"]),
        (6, ["::1-::1", "fc00::-fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe80::-febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]),
    ];

    private readonly Dictionary<KernelItem, string> _expected = [];
    private readonly List<string> _problems = [];
    private readonly string _host;

    private Agreement(string host) => _host = host;

    /// <summary>What does not agree; empty if all does.</summary>
    /// <param name="stage">Where.</param>
    /// <param name="networks">All networks.</param>
    /// <param name="sandboxes">All sandboxes with their endpoints.</param>
    /// <param name="kernel">What is in the kernel, namespaces labelled by path.</param>
    /// <param name="before">What was there before the daemon first came.</param>
    public static IReadOnlyList<string> Check(
        Stage stage, NetworkDocument[] networks, SandboxDocument[] sandboxes, KernelSnapshot kernel, KernelSnapshot before)
    {
        var agreement = new Agreement(stage.HostPath);
        agreement.ExpectNode(networks);
        foreach (var network in networks)
        {
            agreement.ExpectNetwork(network);
        }

        foreach (var sandbox in sandboxes)
        {
            agreement.ExpectSandbox(sandbox, networks);
        }

        agreement.Compare(kernel, before);
        agreement.CompareFiles(stage, sandboxes);
        agreement._problems.AddRange(stage.Rules?.ProblemsOf(stage, networks, sandboxes, kernel) ?? []);
        return agreement._problems;
    }

    private void ExpectNode(NetworkDocument[] networks)
    {
        if (networks.Any(IsBridge))
        {
            Expect(_host, "firewallTable", "netd", "inet");
            foreach (var set in s_sets)
            {
                Expect(_host, "firewallSet", $"netd {set}", string.Empty);
            }

            foreach (var (chain, hook) in s_chains)
            {
                Expect(_host, "firewallChain", $"netd {chain}", hook);
            }

            foreach (var (family, ranges) in s_near)
            {
                foreach (var range in ranges)
                {
                    Expect(_host, "firewallElement", $"netd lan{family} {range}", "comment node");
                }
            }
        }

        if (networks.Any(static n => IsBridge(n) && n is { Internal: false, Ipv4: not null }))
        {
            Expect(_host, "forwardingSysctl", "net/ipv4/ip_forward", "1");
        }

        if (networks.Any(static n => IsBridge(n) && n is { Internal: false, Ipv6: not null }))
        {
            Expect(_host, "forwardingSysctl", "net/ipv6/conf/all/forwarding", "1");
            Expect(_host, "forwardingSysctl", "net/ipv6/conf/default/forwarding", "1");
        }
    }

    private static bool IsBridge(NetworkDocument network) => network.Driver == "bridge";

    // The name of the host's shim on a macvlan network; null if it has none.
    private static string? ShimOf(NetworkDocument network) =>
        network.Options.GetValueOrDefault("host-shim") == "true" ? $"ms-{network.Id[..12]}" : null;

    // Its parent is nobody's to change; only the host's shim is ours.
    private void ExpectMacvlan(NetworkDocument network)
    {
        if (ShimOf(network) is not { } shim)
        {
            return;
        }

        Expect(_host, "link", shim, $"kind macvlan master - up alias network/{network.Id[..12]}");
        Expect(_host, "linkSysctl", $"net/ipv4/conf/{shim}/arp_ignore", "1");
        Expect(_host, "linkSysctl", $"net/ipv6/conf/{shim}/accept_ra", "0");
        foreach (var subnet in new[] { network.Ipv4, network.Ipv6 }.OfType<SubnetDocument>())
        {
            Expect(_host, "address", $"{shim} {subnet.AuxAddresses["host-shim"]}/{(subnet.Subnet.Contains(':', StringComparison.Ordinal) ? 128 : 32)}", string.Empty);
        }
    }

    private void ExpectNetwork(NetworkDocument network)
    {
        if (!IsBridge(network))
        {
            ExpectMacvlan(network);
            return;
        }

        var device = network.Device;
        var isAdopted = device == Stage.Bridge; // nothing of it is marked or changed
        Expect(_host, "link", device, isAdopted ? "kind bridge master - up alias -" : $"kind bridge master - up alias network/{network.Id[..12]}");
        if (!isAdopted)
        {
            Expect(_host, "linkSysctl", $"net/ipv6/conf/{device}/accept_ra", "0");
        }

        if (!isAdopted && network.Ipv6 is not null)
        {
            Expect(_host, "linkSysctl", $"net/ipv6/conf/{device}/accept_dad", "0");
        }

        foreach (var subnet in new[] { network.Ipv4, network.Ipv6 }.OfType<SubnetDocument>())
        {
            Expect(_host, "address", $"{device} {subnet.Gateway}/{subnet.Subnet.Split('/')[1]}", string.Empty);
        }

        Element("bridges", device);
        Element("same_bridge", $"{device} . {device}");
        if (network.Options.GetValueOrDefault("icc") == "false")
        {
            Element("no_icc", device);
        }

        if (network.Internal)
        {
            Element("internal", device);
        }
        else
        {
            if (network.Ipv4 is not null)
            {
                Element("masquerade4", device);
            }

            if (network.Ipv6 is not null)
            {
                Element("masquerade6", device);
            }
        }

        if (network is { Internal: false, Ipv4: not null })
        {
            Expect(_host, "linkSysctl", $"net/ipv4/conf/{device}/route_localnet", "1");
        }

        void Element(string set, string key) => Expect(_host, "firewallElement", $"netd {set} {key}", $"comment network/{network.Id[..12]}");
    }

    private void ExpectSandbox(SandboxDocument sandbox, NetworkDocument[] networks)
    {
        Expect(sandbox.Path, "sysctl", "net/ipv6/conf/default/accept_ra", "0");
        if (!sandbox.Endpoints.IsEmpty)
        {
            Expect(sandbox.Path, "firewallTable", "netd", "inet"); // the way to its resolver
            Expect(sandbox.Path, "firewallChain", "netd resolver", "filter ingress -300");
        }

        foreach (var endpoint in sandbox.Endpoints)
        {
            var network = networks.Single(n => n.Id == endpoint.NetworkId);
            if (IsBridge(network))
            {
                Expect(_host, "link", endpoint.HostInterface, $"kind veth master {network.Device} up alias endpoint/{endpoint.Id[..12]}");
            }

            Expect(sandbox.Path, "link", endpoint.Interface, $"kind {(IsBridge(network) ? "veth" : "macvlan")} master - mac {endpoint.Mac} up alias endpoint/{endpoint.Id[..12]}");
            foreach (var address in ShimOf(network) is null ? [] : new[] { endpoint.Ipv4, endpoint.Ipv6 }.OfType<string>().Select(static a => a.Split('/')[0]))
            {
                var isIpv6 = address.Contains(':', StringComparison.Ordinal);
                Expect(_host, "route", $"{address}/{(isIpv6 ? "128 metric 1024" : "32 metric 0")} table 254", $"via - dev {ShimOf(network)} proto 178");
            }

            foreach (var address in new[] { endpoint.Ipv4, endpoint.Ipv6 }.OfType<string>())
            {
                Expect(sandbox.Path, "address", $"{endpoint.Interface} {address}", string.Empty);
            }

            // What the scenarios publish: single ports at every address, for near clients.
            foreach (var port in endpoint.Ports.Where(static p => p.Path == "kernel"))
            {
                var (family, at) = (port.HostAddress.Contains(':', StringComparison.Ordinal) ? 6 : 4, port.Target.LastIndexOf(':'));
                Expect(
                    _host,
                    "firewallElement",
                    $"netd lan_any{family} {port.Protocol} . {port.HostPorts}",
                    $"{port.Target[..at].Trim('[', ']')} . {port.Target[(at + 1)..]} comment endpoint/{endpoint.Id[..12]}");
            }
        }

        // FACTS 1.2: higher priority, then more families with a gateway, then the network's name.
        var candidates = sandbox.Endpoints
            .Select(e => (Endpoint: e, Network: networks.Single(n => n.Id == e.NetworkId)))
            .Where(static c => !c.Network.Internal)
            .OrderByDescending(static c => c.Endpoint.GatewayPriority)
            .ThenByDescending(static c => (c.Network.Ipv4?.Gateway is null ? 0 : 1) + (c.Network.Ipv6?.Gateway is null ? 0 : 1))
            .ThenBy(static c => c.Network.Name, StringComparer.Ordinal)
            .ToArray();
        if (candidates.FirstOrDefault(static c => c.Network.Ipv4?.Gateway is not null) is { Endpoint: { } first4, Network.Ipv4: { } subnet4 })
        {
            Expect(sandbox.Path, "route", "0.0.0.0/0 metric 0 table 254", $"via {subnet4.Gateway} dev {first4.Interface} proto 178");
        }

        if (candidates.FirstOrDefault(static c => c.Network.Ipv6?.Gateway is not null) is { Endpoint: { } first6, Network.Ipv6: { } subnet6 })
        {
            Expect(sandbox.Path, "route", "::/0 metric 1024 table 254", $"via {subnet6.Gateway} dev {first6.Interface} proto 178");
        }
    }

    private void Expect(string ns, string kind, string name, string value)
    {
        // Where the host's firewall is iptables nf_tables has nothing of it, and what is there instead is held against a reference.
        if (!HostBackend.IsIptables || ns != _host || !kind.StartsWith("firewall", StringComparison.Ordinal))
        {
            _expected.Add(new KernelItem(ns, kind, name), value);
        }
    }

    private void Compare(KernelSnapshot kernel, KernelSnapshot before)
    {
        foreach (var (item, value) in _expected)
        {
            if (!kernel.Items.TryGetValue(item, out var found))
            {
                _problems.Add($"missing: {item} {value}");
            }
            else if (!Contains(found, value))
            {
                _problems.Add($"differs: {item}: '{found}' where '{value}' is due");
            }
        }

        foreach (var (item, value) in kernel.Items)
        {
            // A namespace made by the daemon had nothing before; what it comes with is its own lo and the kernel's values.
            var isNative = before.Items.TryGetValue(item, out var was) ? was == value : item is { Kind: "link" or "address", Name: "lo" or "lo 127.0.0.1/8" or "lo ::1/128" } || (IsNew(item.Namespace, before) && item.Kind is "sysctl" or "forwardingSysctl");
            if (!isNative && !_expected.ContainsKey(item) && (item.Namespace != _host || item.Kind != IptablesItems.Kind))
            {
                _problems.Add($"not promised by any document: {item} '{value}'{(was is null ? string.Empty : $", was '{was}'")}");
            }
        }

        _problems.AddRange(before.Items.Keys.Where(i => !kernel.Items.ContainsKey(i) && !_expected.ContainsKey(i)).Select(static i => $"lost: {i}"));
    }

    private static bool IsNew(string ns, KernelSnapshot before) => before.Items.Keys.All(i => i.Namespace != ns);

    private void CompareFiles(Stage stage, SandboxDocument[] sandboxes)
    {
        var kept = sandboxes.Where(static s => s.Owner == "daemon").Select(static s => s.Path).Order(StringComparer.Ordinal).ToArray();
        var files = Directory.Exists(stage.NamespaceDirectory) ? Directory.EnumerateFileSystemEntries(stage.NamespaceDirectory).Order(StringComparer.Ordinal).ToArray() : [];
        if (!kept.SequenceEqual(files))
        {
            _problems.Add($"files in run/netns: {string.Join(' ', files)}; sandboxes: {string.Join(' ', kept)}");
        }

        var mounts = Stage.MountsBelow(stage.NamespaceDirectory).Order(StringComparer.Ordinal).ToArray();
        if (!kept.SequenceEqual(mounts))
        {
            _problems.Add($"mounts below run/netns: {string.Join(' ', mounts)}; sandboxes: {string.Join(' ', kept)}");
        }
    }

    // Every word pair that is due stands in what was found, in order; "endpoint/x" ends the alias that begins with the owner's tag.
    private static bool Contains(string found, string due) =>
        due.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(w => found.Split(' ').Any(f => f == w || (w.Contains('/', StringComparison.Ordinal) && f.StartsWith("netd:", StringComparison.Ordinal) && f.EndsWith(w, StringComparison.Ordinal))))
        && (due.Length > 0 || found is not null);
}
