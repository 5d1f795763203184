using Networking.Kernel;
using Networking.Model;

namespace Networking.Drivers.Tests;

public sealed class PacketWalkTests
{
    [Theory]
    [InlineData("forward")]
    [InlineData("postrouting")]
    public void The_page_shows_the_live_rules_in_order(string chain)
    {
        var node = NodeComposer.Desired(new NodeView
        {
            OwnerTag = Sample.OwnerTag,
            NeedsForwarding4 = true,
            NeedsForwarding6 = true,
            OriginalSysctls = Sample.Options(("net/ipv4/ip_forward", "0"), ("net/ipv6/conf/all/forwarding", "0")),
        });
        var live = node.Objects.OfType<FirewallChainState>().Single(c => c.Name == chain);

        var page = File.ReadLines(Path.Combine(Golden.Root(), "docs", "packet-walks", "bridge.md"))
            .SkipWhile(l => !l.StartsWith($"chain {chain}: {live.Base!.Type}, hook {chain}, priority {live.Base.Priority}", StringComparison.Ordinal))
            .Skip(1)
            .TakeWhile(static l => l.StartsWith("  ", StringComparison.Ordinal))
            .Select(static l => l[5..].Split("   ")[0].Trim());

        Assert.Equal(live.Rules.Select(static r => r.Text), page);
    }
}
