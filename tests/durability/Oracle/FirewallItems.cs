using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using Networking.Daemon.Tests.Staging;

namespace Networking.Durability.Tests;

/// <summary>Tables, sets, elements and chains out of <c>nft -j list ruleset</c>.</summary>
internal static class FirewallItems
{
    public static void Take(ImmutableSortedDictionary<KernelItem, string>.Builder items, string ns, JsonElement ruleset)
    {
        if (ruleset.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        var rules = new Dictionary<string, List<string>>();
        foreach (var entry in ruleset.GetProperty("nftables").EnumerateArray())
        {
            if (IsOfIptables(entry))
            {
                continue; // iptables-save shows it
            }

            if (entry.TryGetProperty("table", out var table))
            {
                items[new KernelItem(ns, "firewallTable", table.Text("name")!)] = table.Text("family")!;
            }
            else if (entry.TryGetProperty("chain", out var chain))
            {
                items[new KernelItem(ns, "firewallChain", $"{chain.Text("table")} {chain.Text("name")}")] =
                    $"{chain.Text("type")} {chain.Text("hook")} {chain.Text("prio")}";
            }
            else if (entry.TryGetProperty("rule", out var rule))
            {
                var key = $"{rule.Text("table")} {rule.Text("chain")}";
                rules.TryAdd(key, []);
                rules[key].Add(rule.Text("comment") ?? rule.GetProperty("expr").GetRawText());
            }
            else if (entry.TryGetProperty("set", out var set) || entry.TryGetProperty("map", out set))
            {
                TakeSet(items, ns, set);
            }
        }

        foreach (var (chain, texts) in rules)
        {
            items[new KernelItem(ns, "firewallChain", chain)] += $" ({texts.Count} rules): {string.Join("; ", texts)}";
        }
    }

    private static bool IsOfIptables(JsonElement entry) => HostBackend.IsIptables && entry.EnumerateObject().First() is { Name: var kind, Value: var item }
        && item.Text("family") is "ip" or "ip6" && item.Text(kind == "table" ? "name" : "table") is "filter" or "nat";

    private static void TakeSet(ImmutableSortedDictionary<KernelItem, string>.Builder items, string ns, JsonElement set)
    {
        var name = $"{set.Text("table")} {set.Text("name")}";
        items[new KernelItem(ns, "firewallSet", name)] = set.TryGetProperty("type", out var type) ? type.ToString() : string.Empty;
        var isOfRanges = set.TryGetProperty("flags", out var flags) && flags.EnumerateArray().Any(static f => f.GetString() == "interval");
        if (!set.TryGetProperty("elem", out var elements))
        {
            return;
        }

        foreach (var element in elements.EnumerateArray())
        {
            // A map's element is a pair of key and value; a key with a comment is wrapped into "elem".
            var (key, value) = element.ValueKind == JsonValueKind.Array ? (element[0], Value(element[1])) : (element, string.Empty);
            var comment = string.Empty;
            if (key.ValueKind == JsonValueKind.Object && key.TryGetProperty("elem", out var wrapped))
            {
                comment = wrapped.Text("comment") ?? string.Empty;
                key = wrapped.GetProperty("val");
            }

            items[new KernelItem(ns, "firewallElement", $"{name} {Key(key, isOfRanges)}")] = $"{value} comment {comment}".Trim();
        }
    }

    // In the words of a plan: parts joined, ranges and prefixes by their ends, a single value of a set of ranges as one of both.
    private static string Key(JsonElement key, bool isOfRanges)
    {
        if (key.ValueKind != JsonValueKind.Object)
        {
            return isOfRanges ? $"{key}-{key}" : key.ToString();
        }

        return key.EnumerateObject().First() switch
        {
            { Name: "concat", Value: var parts } => string.Join(" . ", parts.EnumerateArray().Select(static p => Key(p, isOfRanges: false))),
            { Name: "range", Value: var ends } => $"{ends[0]}-{ends[1]}",
            { Name: "prefix", Value: var prefix } => Range(new IPNetwork(IPAddress.Parse(prefix.Text("addr")!), prefix.GetProperty("len").GetInt32())),
            _ => key.ToString(),
        };
    }

    private static string Range(IPNetwork prefix)
    {
        var last = prefix.BaseAddress.GetAddressBytes();
        for (var bit = prefix.PrefixLength; bit < last.Length * 8; bit++)
        {
            last[bit / 8] |= (byte)(0x80 >> (bit % 8));
        }

        return $"{prefix.BaseAddress}-{new IPAddress(last)}";
    }

    // A verdict by its word, an address with a port as a key would be.
    private static string Value(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object && !value.TryGetProperty("concat", out _) ? value.EnumerateObject().First().Name : Key(value, isOfRanges: false);
}
