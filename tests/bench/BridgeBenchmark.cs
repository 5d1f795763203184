using System.Globalization;

namespace Networking.Bench;

/// <summary>
/// Two sandboxes on one network of ours, and two on a bridge made by hand with nothing else on it: the same packets in
/// turn. What our network adds for a bridged packet should be nothing.
/// </summary>
/// <remarks>
/// <code>
///   iperf3 -s ── eth0 ── veth ── bridge ── veth ── eth0 ── iperf3 -c
/// </code>
/// </remarks>
internal static class BridgeBenchmark
{
    private const double RatioMin = 0.97;
    private const string Hand = "ip link add type bridge; two veth pairs; no firewall";

    public static void Run(Stage stage)
    {
        Packages.Require("/usr/bin/iperf3");
        using var daemon = new Daemon(stage);
        using var ours = Ours(daemon);
        using var byHand = ByHand();
        TrafficLane.Compare(stage, "bridge", ours, byHand, Hand, RatioMin, string.Empty);

        // Where the kernel hands bridged packets to the firewall, ours pay for connection tracking, which a bridge without
        // any firewall does not; where it does not, both are the same.
        if (File.Exists("/proc/sys/net/bridge/bridge-nf-call-iptables"))
        {
            foreach (var family in new[] { "iptables", "ip6tables" })
            {
                _ = daemon.Host.Run("sysctl", "-w", $"net.bridge.bridge-nf-call-{family}=0");
                _ = byHand.Host!.Run("sysctl", "-w", $"net.bridge.bridge-nf-call-{family}=0"); // by hand there is a host
            }

            TrafficLane.Compare(stage, "bridge", ours, byHand, Hand, RatioMin, ", bridge netfilter off");
        }
    }

    private static TrafficLane Ours(Daemon daemon)
    {
        daemon.CreateNetwork("bench", "10.84.0.0/24");
        var (server, client) = (new HostNamespace("oursserver"), new HostNamespace("oursclient"));
        var address = daemon.Connect("bench", server.Path).GetProperty("endpoint").GetProperty("ipv4").GetString()!; // an IPv4 network gives one
        _ = daemon.Connect("bench", client.Path);
        return new TrafficLane("ours", server, client, address.Split('/')[0], null);
    }

    private static TrafficLane ByHand()
    {
        var host = new HostNamespace("hand");
        var (server, client) = (new HostNamespace("handserver"), new HostNamespace("handclient"));
        AttachBenchmark.MakeBridge(host, "br-hand", "10.85.0.1/24");
        foreach (var (box, number) in new[] { (server, 2), (client, 3) })
        {
            var end = string.Create(CultureInfo.InvariantCulture, $"hand{number}");
            _ = host.Ip("link", "add", end, "type", "veth", "peer", "name", "eth0", "netns", box.Name);
            _ = host.Ip("link", "set", end, "master", "br-hand", "up");
            _ = box.Ip("addr", "add", string.Create(CultureInfo.InvariantCulture, $"10.85.0.{number}/24"), "dev", "eth0");
            _ = box.Ip("link", "set", "eth0", "up");
        }

        return new TrafficLane("hand", server, client, "10.85.0.2", host);
    }
}
