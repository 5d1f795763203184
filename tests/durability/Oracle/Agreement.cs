using Networking.Model.Api;

namespace Networking.Durability.Tests;

/// <summary>
/// Holds the API's documents against the kernel, in both directions: every object that a document promises is there, and
/// nothing is there that neither a document promises nor the host had before.
/// </summary>
internal sealed class Agreement
{
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
        return agreement._problems;
    }

    private void ExpectNode(NetworkDocument[] networks)
    {
        if (networks.Length > 0)
        {
            Expect(_host, "firewallTable", "netd", "inet");
            foreach (var set in new[] { "bridges", "internal", "masquerade4", "masquerade6", "bridge_pairs" })
            {
                Expect(_host, "firewallSet", $"netd {set}", string.Empty);
            }

            Expect(_host, "firewallChain", "netd forward", "filter forward 0");
            Expect(_host, "firewallChain", "netd postrouting", "nat postrouting 100");
        }

        if (networks.Any(static n => n is { Internal: false, Ipv4: not null }))
        {
            Expect(_host, "forwardingSysctl", "net/ipv4/ip_forward", "1");
        }

        if (networks.Any(static n => n is { Internal: false, Ipv6: not null }))
        {
            Expect(_host, "forwardingSysctl", "net/ipv6/conf/all/forwarding", "1");
            Expect(_host, "forwardingSysctl", "net/ipv6/conf/default/forwarding", "1");
        }
    }

    private void ExpectNetwork(NetworkDocument network)
    {
        var device = network.Device;
        Expect(_host, "link", device, $"kind bridge master - up alias network/{network.Id[..12]}");
        Expect(_host, "linkSysctl", $"net/ipv6/conf/{device}/accept_ra", "0");
        if (network.Ipv6 is not null)
        {
            Expect(_host, "linkSysctl", $"net/ipv6/conf/{device}/accept_dad", "0");
        }

        foreach (var subnet in new[] { network.Ipv4, network.Ipv6 }.OfType<SubnetDocument>())
        {
            Expect(_host, "address", $"{device} {subnet.Gateway}/{subnet.Subnet.Split('/')[1]}", string.Empty);
        }

        Element("bridges", device);
        Element("bridge_pairs", $"{device} . {device}", network.Options.GetValueOrDefault("icc") == "false" ? "drop" : "accept");
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

        void Element(string set, string key, string value = "") =>
            Expect(_host, "firewallElement", $"netd {set} {key}", $"{value} comment network/{network.Id[..12]}".Trim());
    }

    private void ExpectSandbox(SandboxDocument sandbox, NetworkDocument[] networks)
    {
        Expect(sandbox.Path, "sysctl", "net/ipv6/conf/default/accept_ra", "0");
        foreach (var endpoint in sandbox.Endpoints)
        {
            var network = networks.Single(n => n.Id == endpoint.NetworkId);
            Expect(_host, "link", endpoint.HostInterface, $"kind veth master {network.Device} up alias endpoint/{endpoint.Id[..12]}");
            Expect(sandbox.Path, "link", endpoint.Interface, $"kind veth master - mac {endpoint.Mac} up alias endpoint/{endpoint.Id[..12]}");
            foreach (var address in new[] { endpoint.Ipv4, endpoint.Ipv6 }.OfType<string>())
            {
                Expect(sandbox.Path, "address", $"{endpoint.Interface} {address}", string.Empty);
            }
        }

        // FACTS 1.2: higher priority, then more families with a gateway, then the network's name.
        var candidates = sandbox.Endpoints
            .Select(e => (Endpoint: e, Network: networks.Single(n => n.Id == e.NetworkId)))
            .Where(static c => !c.Network.Internal)
            .OrderByDescending(static c => c.Endpoint.GatewayPriority)
            .ThenByDescending(static c => (c.Network.Ipv4 is null ? 0 : 1) + (c.Network.Ipv6 is null ? 0 : 1))
            .ThenBy(static c => c.Network.Name, StringComparer.Ordinal)
            .ToArray();
        if (candidates.FirstOrDefault(static c => c.Network.Ipv4 is not null) is { Endpoint: { } first4, Network.Ipv4: { } subnet4 })
        {
            Expect(sandbox.Path, "route", "0.0.0.0/0 metric 0 table 254", $"via {subnet4.Gateway} dev {first4.Interface} proto 178");
        }

        if (candidates.FirstOrDefault(static c => c.Network.Ipv6 is not null) is { Endpoint: { } first6, Network.Ipv6: { } subnet6 })
        {
            Expect(sandbox.Path, "route", "::/0 metric 1024 table 254", $"via {subnet6.Gateway} dev {first6.Interface} proto 178");
        }
    }

    private void Expect(string ns, string kind, string name, string value) => _expected.Add(new KernelItem(ns, kind, name), value);

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
            if (!isNative && !_expected.ContainsKey(item))
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
