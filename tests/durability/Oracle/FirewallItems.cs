using System.Collections.Immutable;
using System.Text.Json;

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

    private static void TakeSet(ImmutableSortedDictionary<KernelItem, string>.Builder items, string ns, JsonElement set)
    {
        var name = $"{set.Text("table")} {set.Text("name")}";
        items[new KernelItem(ns, "firewallSet", name)] = set.Text("type")!;
        if (!set.TryGetProperty("elem", out var elements))
        {
            return;
        }

        foreach (var element in elements.EnumerateArray())
        {
            // A map's element is a pair of key and value; a key with a comment is wrapped into "elem".
            var (key, value) = element.ValueKind == JsonValueKind.Array ? (element[0], Verdict(element[1])) : (element, string.Empty);
            var comment = string.Empty;
            if (key.ValueKind == JsonValueKind.Object && key.TryGetProperty("elem", out var wrapped))
            {
                comment = wrapped.Text("comment") ?? string.Empty;
                key = wrapped.GetProperty("val");
            }

            items[new KernelItem(ns, "firewallElement", $"{name} {Key(key)}")] = $"{value} comment {comment}".Trim();
        }
    }

    private static string Key(JsonElement key) =>
        key.ValueKind == JsonValueKind.Object && key.TryGetProperty("concat", out var parts)
            ? string.Join(" . ", parts.EnumerateArray().Select(static p => p.ToString()))
            : key.ToString();

    private static string Verdict(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object ? value.EnumerateObject().First().Name : value.ToString();
}
