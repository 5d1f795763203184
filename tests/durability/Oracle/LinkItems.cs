using System.Collections.Immutable;
using System.Text.Json;

namespace Networking.Durability.Tests;

/// <summary>Interfaces and their addresses out of <c>ip -j -d addr show</c>.</summary>
internal static class LinkItems
{
    private const string DoomedGroup = "1852071800"; // 0x6e645f78, as in docs: devices that are being deleted

    /// <summary>Adds an interface.</summary>
    /// <returns>True if it only waits for its deletion; then nothing is added.</returns>
    public static bool Take(ImmutableSortedDictionary<KernelItem, string>.Builder items, string ns, JsonElement link)
    {
        if (link.Text("ifname") is not { } name)
        {
            return false; // ip prints an empty object for what was filtered
        }

        if (link.Text("group") is DoomedGroup or "0x6e645f78")
        {
            return true;
        }

        var kind = link.TryGetProperty("linkinfo", out var linkInfo) ? linkInfo : default;
        var slave = kind.ValueKind == JsonValueKind.Object && kind.TryGetProperty("info_slave_data", out var data) ? data : default;
        var isUp = link.GetProperty("flags").EnumerateArray().Any(static f => f.GetString() == "UP");
        items[new KernelItem(ns, "link", name)] = string.Join(' ',
            $"kind {(kind.ValueKind == JsonValueKind.Object ? kind.Text("info_kind") : "-")}",
            $"master {link.Text("master") ?? "-"}",
            $"mtu {link.Text("mtu")}",
            $"mac {link.Text("address")}",
            $"isolated {OnOff(slave, "isolated")}",
            $"hairpin {OnOff(slave, "hairpin")}",
            $"{(isUp ? "up" : "down")}",
            $"addrgen {link.Text("inet6_addr_gen_mode") ?? "-"}",
            $"alias {link.Text("ifalias") ?? "-"}");
        foreach (var address in link.GetProperty("addr_info").EnumerateArray())
        {
            if (address.Text("local") is { } local && address.Text("scope") != "link")
            {
                items[new KernelItem(ns, "address", $"{name} {local}/{address.Text("prefixlen")}")] = string.Empty;
            }
        }

        return false;
    }

    /// <summary>A property as text; null if it is not there.</summary>
    public static string? Text(this JsonElement element, string property) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(property, out var value)
            ? value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText()
            : null;

    private static string OnOff(JsonElement slave, string property) => slave.Text(property) == "true" ? "on" : "off";
}
