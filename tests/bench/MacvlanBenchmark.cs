using System.Globalization;
using System.Text.Json;

namespace Networking.Bench;

/// <summary>
/// Two sandboxes on a macvlan network of ours, and two macvlan devices made by hand: the same packets in turn. The kernel
/// does all of it, so what differs would be how the devices were made.
/// </summary>
/// <remarks>
/// <code>
///   iperf3 -s ── eth0 (macvlan) ── parent ── eth0 (macvlan) ── iperf3 -c
/// </code>
/// </remarks>
internal static class MacvlanBenchmark
{
    private const double RatioMin = 0.97;
    private const string Parent = "parent0";

    public static void Run(Stage stage)
    {
        Packages.Require("/usr/bin/iperf3");
        using var daemon = new Daemon(stage);
        LayCable(daemon.Host);
        using var ours = Ours(daemon);
        using var byHand = ByHand();
        TrafficLane.Compare(stage, "macvlan", ours, byHand, "ip link add link parent type macvlan mode bridge, twice", RatioMin, string.Empty);
    }

    // Both have the same below them: one end of a pair, with its other end up.
    private static void LayCable(HostNamespace host)
    {
        _ = host.Ip("link", "add", Parent, "type", "veth", "peer", "name", "other0");
        _ = host.Ip("link", "set", "other0", "up");
        _ = host.Ip("link", "set", Parent, "up");
    }

    private static TrafficLane Ours(Daemon daemon)
    {
        _ = daemon.Api.Send("POST", "/v1/networks", JsonSerializer.Serialize(
            new { name = "lan", driver = "macvlan", subnets = new[] { "10.86.0.0/24" }, options = new { parent = Parent } }));
        var (server, client) = (new HostNamespace("lanserver"), new HostNamespace("lanclient"));
        var address = daemon.Connect("lan", server.Path).GetProperty("endpoint").GetProperty("ipv4").GetString()!; // an IPv4 network gives one
        _ = daemon.Connect("lan", client.Path);
        return new TrafficLane("ours", server, client, address.Split('/')[0], null);
    }

    private static TrafficLane ByHand()
    {
        var host = new HostNamespace("handlan");
        LayCable(host);
        var (server, client) = (new HostNamespace("handlanserver"), new HostNamespace("handlanclient"));
        foreach (var (box, number) in new[] { (server, 2), (client, 3) })
        {
            _ = host.Ip("link", "add", "link", Parent, "name", "mv0", "netns", box.Name, "type", "macvlan", "mode", "bridge");
            _ = box.Ip("link", "set", "mv0", "name", "eth0");
            _ = box.Ip("addr", "add", string.Create(CultureInfo.InvariantCulture, $"10.87.0.{number}/24"), "dev", "eth0");
            _ = box.Ip("link", "set", "eth0", "up");
        }

        return new TrafficLane("hand", server, client, "10.87.0.2", host);
    }
}
