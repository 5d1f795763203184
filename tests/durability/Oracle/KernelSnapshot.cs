using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Networking.Daemon.Tests.Staging;

namespace Networking.Durability.Tests;

/// <summary>
/// What stands in namespaces, as <c>ip -j</c>, <c>nft -j</c> and <c>/proc/sys</c> tell it: every object by kind and the
/// name that the daemon's plans use for it.
/// </summary>
/// <remarks>
/// Left out, because the kernel makes and unmakes them by itself as companions of what is written: routes of protocol
/// <c>kernel</c> and everything in the <c>local</c> table (they come with an address), addresses below fe80:: (they come
/// with an interface that is up), bridge forwarding entries it has learnt, and of an interface its index, counters and
/// carrier. A value below <c>conf/INTERFACE</c> counts as an object where it differs from the namespace's <c>default</c>,
/// from which every new interface starts.
/// </remarks>
internal sealed class KernelSnapshot
{
    private static readonly string s_script = $$"""
        echo @@addr; ip -j -d addr show
        echo @@route; ip -j -d route show table all
        echo @@rule; ip -j rule show; echo @@rule; ip -j -6 rule show
        echo @@nft; nft -j list ruleset
        {{(HostBackend.IsIptables ? $"for f in iptables ip6tables; do echo @@$f; $f-{HostBackend.Variant}-save; done" : string.Empty)}}
        echo @@sysctl; grep -Hs . /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding /proc/sys/net/ipv6/conf/default/forwarding \
            /proc/sys/net/ipv6/conf/*/accept_ra /proc/sys/net/ipv6/conf/*/accept_dad /proc/sys/net/ipv4/conf/*/arp_notify /proc/sys/net/ipv4/conf/*/arp_ignore /proc/sys/net/ipv4/conf/*/route_localnet
        true
        """;

    private static readonly string[] s_perLink = ["accept_ra", "accept_dad", "arp_notify", "arp_ignore", "route_localnet"];

    private KernelSnapshot(ImmutableSortedDictionary<KernelItem, string> items) => Items = items;

    /// <summary>Each object with what distinguishes it.</summary>
    public ImmutableSortedDictionary<KernelItem, string> Items { get; }

    /// <summary>True while a device waits for its deletion in the background.</summary>
    public bool HasDoomed { get; private init; }

    /// <summary>Reads namespaces.</summary>
    /// <param name="paths">Their paths; one that is gone meanwhile has nothing in it.</param>
    /// <param name="labelOf">How each is called in the result.</param>
    public static KernelSnapshot Read(IEnumerable<string> paths, Func<string, string> labelOf)
    {
        var list = paths.ToArray();
        var text = Tool.Run("sh", ["-c", $"script=$0; for ns; do echo \"@@ns $ns\"; nsenter --net=\"$ns\" sh -c \"$script\" || true; done", s_script, .. list]);
        var items = ImmutableSortedDictionary.CreateBuilder<KernelItem, string>();
        var hasDoomed = false;
        foreach (var ns in text.Split("@@ns ", StringSplitOptions.RemoveEmptyEntries))
        {
            var end = ns.IndexOf('\n', StringComparison.Ordinal);
            if (end < 0)
            {
                continue; // it went while it was about to be read
            }

            var label = labelOf(ns[..end]);
            foreach (var section in ns[end..].Split("@@", StringSplitOptions.RemoveEmptyEntries).Select(static s => s.Split('\n', 2)))
            {
                hasDoomed |= Take(items, label, section[0].Trim(), section.ElementAtOrDefault(1) ?? string.Empty);
            }
        }

        return new KernelSnapshot(items.ToImmutable()) { HasDoomed = hasDoomed };
    }

    /// <summary>The same with objects that are no business of the tools, such as files.</summary>
    public KernelSnapshot With(IEnumerable<KernelItem> more) => new(Items.AddRange(more.Select(static i => KeyValuePair.Create(i, string.Empty)))) { HasDoomed = HasDoomed };

    /// <summary>The objects as lines, for a failure's message.</summary>
    public override string ToString() => Items.Aggregate(new StringBuilder(), static (t, i) => t.Append(CultureInfo.InvariantCulture, $"{i.Key} {i.Value}\n")).ToString();

    private static bool Take(ImmutableSortedDictionary<KernelItem, string>.Builder items, string ns, string section, string text)
    {
        if (section.Length == 0)
        {
            return false;
        }

        if (section == "sysctl")
        {
            TakeSysctls(items, ns, text);
            return false;
        }

        if (IptablesItems.IsSection(section))
        {
            IptablesItems.Take(items, ns, section, text);
            return false;
        }

        using var json = JsonDocument.Parse(string.IsNullOrWhiteSpace(text) ? "[]" : text);
        switch (section)
        {
            case "addr":
                return json.RootElement.EnumerateArray().Aggregate(false, (doomed, link) => LinkItems.Take(items, ns, link) | doomed);
            case "route":
                TakeRoutes(items, ns, json.RootElement);
                return false;
            case "rule":
                TakeRules(items, ns, json.RootElement);
                return false;
            case "nft":
                FirewallItems.Take(items, ns, json.RootElement);
                return false;
            default:
                return false; // the blank before the first section
        }
    }

    private static void TakeRoutes(ImmutableSortedDictionary<KernelItem, string>.Builder items, string ns, JsonElement routes)
    {
        foreach (var route in routes.EnumerateArray())
        {
            var (table, protocol) = (route.Text("table") ?? "main", route.Text("protocol"));
            if (table == "local" || protocol == "kernel")
            {
                continue;
            }

            var isIpv6 = (route.Text("gateway") ?? route.Text("dst")!).Contains(':', StringComparison.Ordinal);
            var destination = route.Text("dst") switch
            {
                "default" => isIpv6 ? "::/0" : "0.0.0.0/0",
                var prefix when prefix!.Contains('/', StringComparison.Ordinal) => prefix,
                var host => $"{host}/{(isIpv6 ? 128 : 32)}",
            };
            items[new KernelItem(ns, "route", $"{destination} metric {route.Text("metric") ?? "0"} table {(table == "main" ? "254" : table)}")] =
                $"via {route.Text("gateway") ?? "-"} dev {route.Text("dev")} proto {protocol}";
        }
    }

    private static void TakeRules(ImmutableSortedDictionary<KernelItem, string>.Builder items, string ns, JsonElement rules)
    {
        foreach (var rule in rules.EnumerateArray().Where(static r => r.Text("protocol") != "kernel" && r.Text("priority") is not ("0" or "32766" or "32767")))
        {
            items[new KernelItem(ns, "rule", rule.GetRawText())] = string.Empty;
        }
    }

    private static void TakeSysctls(ImmutableSortedDictionary<KernelItem, string>.Builder items, string ns, string text)
    {
        // A pattern may name a file twice: where links come and go, /proc/sys is listed by a position that moves meanwhile.
        var values = text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static l => l.Split(':', 2))
            .GroupBy(static w => w[0]["/proc/sys/".Length..], static w => w[1])
            .ToDictionary(static g => g.Key, static g => g.Last());
        foreach (var (path, value) in values)
        {
            var parts = path.Split('/');
            if (parts is not [.., "conf", var link, var name] || !s_perLink.Contains(name))
            {
                items[new KernelItem(ns, path.EndsWith("forward", StringComparison.Ordinal) || path.EndsWith("forwarding", StringComparison.Ordinal) ? "forwardingSysctl" : "sysctl", path)] = value;
            }
            else if (link is "all" or "default")
            {
                items[new KernelItem(ns, "sysctl", path)] = value;
            }
            else if (link != "lo" && value != values[string.Join('/', parts[..^2].Append("default").Append(name))])
            {
                items[new KernelItem(ns, "linkSysctl", path)] = value;
            }
        }
    }
}

/// <summary>Names one object: namespace, kind, and name as in a plan.</summary>
internal readonly record struct KernelItem(string Namespace, string Kind, string Name) : IComparable<KernelItem>
{
    public int CompareTo(KernelItem other) =>
        string.CompareOrdinal($"{Namespace}\0{Kind}\0{Name}", $"{other.Namespace}\0{other.Kind}\0{other.Name}");

    public override string ToString() => $"[{Namespace}] {Kind} {Name}";
}
