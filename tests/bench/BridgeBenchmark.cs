using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

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
    private const int RoundsMax = 9;

    public static void Run(Stage stage)
    {
        Packages.Require("/usr/bin/iperf3");
        using var daemon = new Daemon(stage);
        using var ours = Ours(daemon);
        using var byHand = ByHand();
        Compare(stage, ours, byHand, Math.Min(stage.Options.Rounds, RoundsMax), string.Empty);

        // Where the kernel hands bridged packets to the firewall, ours pay for connection tracking, which a bridge without
        // any firewall does not; where it does not, both are the same.
        if (File.Exists("/proc/sys/net/bridge/bridge-nf-call-iptables"))
        {
            foreach (var family in new[] { "iptables", "ip6tables" })
            {
                _ = daemon.Host.Run("sysctl", "-w", $"net.bridge.bridge-nf-call-{family}=0");
                _ = byHand.Host!.Run("sysctl", "-w", $"net.bridge.bridge-nf-call-{family}=0"); // by hand there is a host
            }

            Compare(stage, ours, byHand, Math.Min(stage.Options.Rounds, RoundsMax), ", bridge netfilter off");
        }
    }

    private static void Compare(Stage stage, Lane ours, Lane byHand, int rounds, string remark)
    {
        var samples = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        for (var round = 0; round < rounds; round++)
        {
            // Who goes first changes: a machine that slows down or speeds up favours nobody.
            Lane[] order = round % 2 == 0 ? [ours, byHand] : [byHand, ours];
            foreach (var lane in order)
            {
                Take($"tcp{lane.Name}", lane.Tcp(stage));
                Take($"udp{lane.Name}", lane.Udp(stage));
            }
        }

        var version = Command.Version("ip", "-V");
        var peer = new PeerIdentity("bridge by hand", version, "ip link add type bridge; two veth pairs; no firewall");
        stage.Report.Add(Figure.Beside($"bridge TCP one stream{remark}", "Gbit/s", samples["tcpours"], peer, samples["tcphand"], Limit.AtLeast(RatioMin)));
        stage.Report.Add(Figure.Beside($"bridge UDP 64 bytes{remark}", "packets/s", samples["udpours"], peer, samples["udphand"], Limit.AtLeast(RatioMin)));

        void Take(string key, double value)
        {
            stage.Report.Note($"bench: {key} {value.ToString("0.###", CultureInfo.InvariantCulture)}");
            if (!samples.TryGetValue(key, out var list))
            {
                samples.Add(key, list = []);
            }

            list.Add(value);
        }
    }

    private static Lane Ours(Daemon daemon)
    {
        daemon.CreateNetwork("bench", "10.84.0.0/24");
        var (server, client) = (new HostNamespace("oursserver"), new HostNamespace("oursclient"));
        var address = daemon.Connect("bench", server.Path).GetProperty("endpoint").GetProperty("ipv4").GetString()!; // an IPv4 network gives one
        _ = daemon.Connect("bench", client.Path);
        return new Lane("ours", server, client, address.Split('/')[0], null);
    }

    private static Lane ByHand()
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

        return new Lane("hand", server, client, "10.85.0.2", host);
    }

    /// <summary>A way between two sandboxes.</summary>
    private sealed record Lane(string Name, HostNamespace Server, HostNamespace Client, string Address, HostNamespace? Host) : IDisposable
    {
        /// <summary>Gbit/s received.</summary>
        public double Tcp(Stage stage) => Measure(stage, []).GetProperty("sum_received").GetProperty("bits_per_second").GetDouble() / 1e9;

        /// <summary>Packets received in a second.</summary>
        public double Udp(Stage stage)
        {
            var sum = Measure(stage, ["-u", "-l", "64", "-b", "0"]).GetProperty("sum");
            var packets = sum.GetProperty("packets").GetDouble() - sum.GetProperty("lost_packets").GetDouble();
            return Math.Round(packets / sum.GetProperty("seconds").GetDouble());
        }

        public void Dispose()
        {
            Server.Dispose();
            Client.Dispose();
            Host?.Dispose();
        }

        private JsonElement Measure(Stage stage, string[] more)
        {
            stage.Stop.ThrowIfCancellationRequested();
            using var server = Serve(stage);
            try
            {
                Wait.Until(IsListening, TimeSpan.FromSeconds(10), "iperf3 -s listens", stage.Stop);
                var seconds = stage.Options.Seconds.ToString(CultureInfo.InvariantCulture);
                string[] client = [.. Client.Prefix, "iperf3", "-c", Address, "-t", seconds, "-O", "1", "-J", .. more];
                using var document = JsonDocument.Parse(Command.Run(client[0], client[1..]));
                return document.RootElement.GetProperty("end").Clone();
            }
            finally
            {
                Command.End(server, TimeSpan.FromSeconds(2));
            }
        }

        private Process Serve(Stage stage) => Command.Stay([.. Server.Prefix, "iperf3", "-s", "-1"], Path.Combine(stage.Place, "iperf3.log"));

        private bool IsListening() => Command.Run(Server.Prefix[0], [.. Server.Prefix[1..], "ss", "-Hltn", "sport = :5201"]).Length > 0;
    }
}
