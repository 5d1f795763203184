using System.Text.Json.Nodes;
using Networking.Kernel;
using Networking.Netlink;
using static Networking.NetnsFirewall.Tests.RuleSet;

namespace Networking.NetnsFirewall.Tests;

/// <summary>
/// The rule set of DESIGN under real packets. Nobody outside has a route to the clients' subnets except where a test
/// adds one, so an answer from outside proves the masquerade.
/// <code>
///  client 10.81.0.2 ── br-a ┐                 ┌── uplink ── outside 192.0.2.2
///                           ├── router ───────────┘
///  hidden 10.82.0.2 ── br-i ┘  (br-i is internal)
/// </code>
/// </summary>
public sealed class FirewallPacketTests
{
    [Fact]
    public void Packets_are_masqueraded_answered_and_dropped_as_the_design_says()
    {
        using var router = new TestNamespace("r");
        using var client = new TestNamespace("c");
        using var hidden = new TestNamespace("h");
        using var outside = new TestNamespace("o");
        Join(router, client, "br-a", 81);
        Join(router, hidden, "br-i", 82);
        router.Run("ip", "link", "add", "uplink", "type", "veth", "peer", "name", "eth0", "netns", outside.Name);
        Address(router, "uplink", "192.0.2.1/24");
        Address(outside, "eth0", "192.0.2.2/24");
        router.Run("sysctl", "-qw", "net.ipv4.ip_forward=1");

        Assert.False(Pings(client, "192.0.2.2"), "without masquerade no answer finds its way");
        Apply(router, Create([.. Node, .. Network("br-a", "network/aa"), .. Network("br-i", "network/ii", isInternal: true)]));

        Assert.True(Pings(client, "192.0.2.2"), "out and masqueraded");
        Assert.False(Pings(client, "10.82.0.2"), "into an internal network");
        Assert.False(Pings(hidden, "192.0.2.2"), "out of an internal network");
        Assert.False(Pings(hidden, "10.81.0.2"), "out of an internal network to a neighbour");
        outside.Run("ip", "route", "add", "10.81.0.0/24", "via", "192.0.2.1");
        Assert.False(Pings(outside, "10.81.0.2"), "in, unasked");
        Assert.Equal(["into internal", "out of internal", "unasked"], Counted(router));

        // A network's elements are all it takes: without them its packets are nobody's and pass unguarded and
        // unmasqueraded.
        Apply(router, Delete(Network("br-a", "network/aa")));
        Assert.True(Pings(outside, "10.81.0.2"), "guarded no more");
    }

    private static void Join(TestNamespace router, TestNamespace client, string bridge, int subnet)
    {
        router.Run("ip", "link", "add", bridge, "type", "bridge");
        Address(router, bridge, $"10.{subnet}.0.1/24");
        router.Run("ip", "link", "add", $"v{subnet}", "type", "veth", "peer", "name", "eth0", "netns", client.Name);
        router.Run("ip", "link", "set", $"v{subnet}", "master", bridge, "up");
        Address(client, "eth0", $"10.{subnet}.0.2/24");
        client.Run("ip", "route", "add", "default", "via", $"10.{subnet}.0.1");
    }

    private static void Address(TestNamespace ns, string link, string address)
    {
        ns.Run("ip", "address", "add", address, "dev", link);
        ns.Run("ip", "link", "set", link, "up");
    }

    private static bool Pings(TestNamespace ns, string address) =>
        ns.Try("ping", "-n", "-q", "-c", "1", "-W", "1", address);

    private static void Apply(TestNamespace ns, KernelOperation[] operations) => ns.Inside(() =>
    {
        using var channel = new NetfilterSocket();
        using var transport = new FirewallTransport(channel);
        Assert.All(transport.Apply(operations), static r => Assert.Null(r.Error));
    });

    // Purposes of the rules that have counted a packet.
    private static IEnumerable<string> Counted(TestNamespace ns) =>
        JsonNode.Parse(ns.Run("nft", "-j", "list", "chain", "inet", TableName, "forward"))!["nftables"]!.AsArray() // nft prints an object
            .Select(static n => n!["rule"]).OfType<JsonObject>()
            .Where(static r => r["expr"]!.AsArray().Any(static e => e!["counter"]?["packets"]?.GetValue<long>() > 0))
            .Select(static r => r["comment"]!.GetValue<string>().Split(" #")[0]).Order();
}
