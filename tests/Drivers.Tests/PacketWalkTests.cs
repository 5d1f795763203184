using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers.Tests;

public sealed class PacketWalkTests
{
    [Theory]
    [InlineData("prerouting")]
    [InlineData("output")]
    [InlineData("to_world")]
    [InlineData("input")]
    [InlineData("forward")]
    [InlineData("same_bridge")]
    [InlineData("direct4")]
    [InlineData("admit")]
    [InlineData("postrouting")]
    public void The_page_shows_the_live_rules_in_order(string chain)
    {
        var live = Live().Single(c => c.Name == chain);
        var head = live.Base is { } hook ? $"chain {chain}: {hook.Type}, hook {chain}, priority {hook.Priority}" : $"chain {chain}";

        var page = Page()
            .SkipWhile(l => l != head && !l.StartsWith($"{head} ", StringComparison.Ordinal) && !l.StartsWith($"{head},", StringComparison.Ordinal))
            .Skip(1)
            .TakeWhile(static l => l.StartsWith(' '))
            .ToArray();

        Assert.Equal(live.Rules.Length, page.Length);
        Assert.All(live.Rules.Zip(page), static p => Assert.StartsWith($"{p.First.Text} ", $"{p.Second[5..]} ", StringComparison.Ordinal));
    }

    // What the page says of one it says "alike" of the others.
    [Theory]
    [InlineData("to_world", "to_lan", "@lan_")]
    [InlineData("to_world", "to_host", "@host_")]
    public void Chains_for_other_exposures_differ_in_their_maps_alone(string shown, string alike, string map) => Assert.Equal(
        RulesOf(shown).Select(t => t.Replace("@world_", map, StringComparison.Ordinal)), RulesOf(alike));

    [Fact]
    public void The_chain_for_direct_ipv6_differs_from_that_for_ipv4_in_the_family_alone() => Assert.Equal(
        RulesOf("direct4").Select(static t => t
            .Replace("ip daddr", "ip6 daddr", StringComparison.Ordinal)
            .Replace("ip saddr", "ip6 saddr", StringComparison.Ordinal)
            .Replace("4 ", "6 ", StringComparison.Ordinal)
            .Replace("icmp", "ipv6-icmp", StringComparison.Ordinal)),
        RulesOf("direct6"));

    [Fact]
    public void No_chain_is_missing_on_the_page() =>
        Assert.All(Live(), static c => Assert.Contains(Page(), l => l.StartsWith("chain ", StringComparison.Ordinal) && l.Contains(c.Name, StringComparison.Ordinal)));

    private static IEnumerable<string> RulesOf(string chain) => Live().Single(c => c.Name == chain).Rules.Select(static r => r.Text);

    private static IEnumerable<FirewallChainState> Live() => NodeComposer.Desired(new NodeView
    {
        OwnerTag = Sample.OwnerTag,
        NeedsForwarding4 = true,
        NeedsForwarding6 = true,
        OriginalSysctls = Sample.Options(("net/ipv4/ip_forward", "0"), ("net/ipv6/conf/all/forwarding", "0")),
    }).Objects.OfType<FirewallChainState>();

    private static IEnumerable<string> Page() => File.ReadLines(Path.Combine(Golden.Root(), "docs", "packet-walks", "bridge.md"));
}
