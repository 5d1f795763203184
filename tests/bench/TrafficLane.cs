using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Networking.Bench;

/// <summary>A way between two sandboxes, and what passes there by <c>iperf3</c>.</summary>
internal sealed record TrafficLane(string Name, HostNamespace Server, HostNamespace Client, string Address, HostNamespace? Host) : IDisposable
{
    private const int RoundsMax = 9;
    private const int DatagramBytes = 64;

    // Sender and receiver keep a processor each: where the scheduler puts them costs more than what is compared here.
    private static readonly string[] s_processors = Environment.ProcessorCount > 1 ? ["-A", "0,1"] : [];

    /// <summary>Measures two in turn, and reports what passes on one stream of TCP and in small datagrams.</summary>
    public static void Compare(Stage stage, string what, TrafficLane ours, TrafficLane byHand, string hand, double ratioMin, string remark)
    {
        var samples = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        for (var round = 0; round < Math.Min(stage.Options.Rounds, RoundsMax); round++)
        {
            // Who goes first changes: a machine that slows down or speeds up favours nobody.
            TrafficLane[] order = round % 2 == 0 ? [ours, byHand] : [byHand, ours];
            foreach (var lane in order)
            {
                Take($"tcp{lane.Name}", lane.Tcp(stage));
                Take($"udp{lane.Name}", lane.Udp(stage));
            }
        }

        var version = Command.Version("ip", "-V");
        var peer = new PeerIdentity($"{what} by hand", version, hand);
        stage.Report.Add(Figure.Beside($"{what} TCP one stream{remark}", "Gbit/s", samples["tcpours"], peer, samples["tcphand"], Limit.AtLeast(ratioMin)));
        stage.Report.Add(Figure.Beside($"{what} UDP 64 bytes{remark}", "packets/s", samples["udpours"], peer, samples["udphand"], Limit.AtLeast(ratioMin)));

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

    /// <summary>Gbit/s received.</summary>
    public double Tcp(Stage stage) => Measure(stage, []).GetProperty("sum_received").GetProperty("bits_per_second").GetDouble() / 1e9;

    /// <summary>Packets received in a second.</summary>
    public double Udp(Stage stage)
    {
        // By what came: the count of lost ones goes on while the first second is left out, and can exceed those sent.
        var sum = Measure(stage, ["-u", "-l", DatagramBytes.ToString(CultureInfo.InvariantCulture), "-b", "0"]).GetProperty("sum_received");
        return Math.Round(sum.GetProperty("bytes").GetDouble() / DatagramBytes / sum.GetProperty("seconds").GetDouble());
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
            string[] client = [.. Client.Prefix, "iperf3", "-c", Address, "-t", seconds, "-O", "1", "-J", .. s_processors, .. more];
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
