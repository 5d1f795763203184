using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Networking.Daemon.Tests.Staging;

/// <summary>Everything a request could have changed, as foreign tools see it.</summary>
internal sealed partial class Stage
{
    private const string DoomedGroup = "1852071800"; // the kernel room's Ownership.DoomedGroup, as ip takes it

    private static readonly TimeSpan s_doomPatience = TimeSpan.FromSeconds(10);

    // By themselves: addresses leave "tentative", timers of bridges run, carrier comes up some time after its link, and with
    // it the kernel's own link-local, multicast and anycast companions.
    [GeneratedRegex("\\{[^{}]*\"type\":\"anycast\"[^{}]*\\},?|\\{[^{}]*\"(?:local|dst)\":\"(?:fe80|ff00)[^{}]*\\},?|\"(?:tentative|dadfailed|[a-z_]*timer|expires|valid_life_time|preferred_life_time|linkmode|operstate|state)\":[^,}]*,?|\"(?:NO-CARRIER|LOWER_UP|linkdown)\",?", RegexOptions.NonBacktracking)]
    private static partial Regex Fleeting();

    // Numbers that the kernel gives to rules and sets as they come.
    [GeneratedRegex(",? ?\"(?:handle|index)\": ?[0-9]+", RegexOptions.NonBacktracking)]
    private static partial Regex Handles();

    /// <summary>
    /// Links, addresses, routes, firewall and forwarding of the host and of sandboxes, but for what is fleeting, and with the
    /// elements of sets in order: two states that do the same to packets are equal.
    /// </summary>
    public async Task<string> KernelAsync(params Place[] sandboxes)
    {
        await UntilNoneIsDoomedAsync(sandboxes);
        var text = new StringBuilder();
        foreach (var place in sandboxes.Prepend(Host))
        {
            var output = await place.RunAsync(
                "sh",
                "-c",
                "ip -j -d address; ip -j route show table all; ip -j -6 route show table all; bridge -j -d link; "
                + "cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding");
            _ = text.Append(place.Name).Append('\n').Append(Fleeting().Replace(output.Text, string.Empty).Replace(",]", "]", StringComparison.Ordinal)).Append('\n');
            if (HostBackend.IsIptables && place == Host)
            {
                _ = text.AppendJoin('\n', (await IptablesLinesAsync()).Order(StringComparer.Ordinal)).Append('\n'); // lines of a set's chain come in any order
                continue;
            }

            var firewall = Handles().Replace((await place.RunAsync("nft", "-s", "-j", "list", "ruleset")).Succeeded(), string.Empty);
            foreach (var item in JsonNode.Parse(firewall)!["nftables"]!.AsArray().Skip(1)) // metainfo comes first
            {
                _ = text.AppendLine(Ordered(item!).ToJsonString()); // nft writes no null
            }
        }

        return text.ToString();

        static JsonNode Ordered(JsonNode item)
        {
            var set = item["set"] ?? item["map"];
            if (set?["elem"] is JsonArray elements)
            {
                set["elem"] = new JsonArray([.. elements.Select(static e => e!.ToJsonString()).Order(StringComparer.Ordinal).Select(static e => JsonNode.Parse(e))]); // no null either
            }

            return item;
        }
    }

    /// <summary>Links, addresses, routes, rules and firewall of every namespace, forwarding, mounts, and what is stored.</summary>
    public async Task<string> SnapshotAsync(params Place[] sandboxes)
    {
        await UntilNoneIsDoomedAsync(sandboxes);
        var text = new StringBuilder();
        foreach (var place in sandboxes.Prepend(World).Prepend(Host))
        {
            var output = await place.RunAsync(
                "sh",
                "-c",
                "ip -j -d address; ip -j route show table all; ip -j -6 route show table all; bridge -j -d link; nft -s -j list ruleset; "
                + "exec cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding");
            _ = text.Append(place.Name).Append('\n').Append(Fleeting().Replace(output.Text, string.Empty).Replace(",]", "]", StringComparison.Ordinal)).Append('\n');
        }

        _ = text.AppendJoin('\n', HostBackend.IsIptables ? await IptablesLinesAsync() : []).Append('\n');
        var netns = $"{RunFolder}/netns";
        _ = text.AppendJoin('\n', Directory.GetFiles(netns).Order(StringComparer.Ordinal)).Append('\n');

        // The daemon holds the store alone, so its bytes speak for it: database and log.
        foreach (var path in Directory.GetFiles(StateFolder, "netd.db*").Where(static p => !p.EndsWith("-shm", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            _ = text.Append(Path.GetFileName(path)).Append(' ').Append(Convert.ToHexString(await SHA256.HashDataAsync(file, Eventually.Cancel))).Append('\n');
        }

        return text.ToString();
    }

    // What an earlier test took away dies a moment later, in the group that netd gives such devices: it would be missing "after".
    private async Task UntilNoneIsDoomedAsync(Place[] sandboxes)
    {
        foreach (var place in sandboxes.Prepend(Host))
        {
            _ = await Eventually.OutputAsync(s_doomPatience, () => place.RunAsync("ip", "-o", "link", "show", "group", DoomedGroup), static o => o.Text.Length == 0);
        }
    }
}
