using System.Globalization;
using System.Text;
using Networking.Gossip;
using Networking.Gossip.Membership;
using Networking.Netd.Cluster;

namespace Networking.Netd.Metrics;

/// <summary>Counts of gossip as Prometheus text; nothing of a node that is in no cluster. Labels are statuses and kinds of trouble.</summary>
internal sealed class ClusterMetrics(ClusterKeeper keeper)
{
    public async Task<string> RenderAsync(CancellationToken cancellationToken)
    {
        if (keeper.Shell is not { } shell)
        {
            return string.Empty;
        }

        var text = new StringBuilder();
        var (statuses, troubles, health, load) = await shell.AskAsync(
            static n => (n.Members.CountBy(static m => m.Status).ToDictionary(), Enum.GetValues<GossipTrouble>().ToDictionary(static t => t, n.CountOf), n.HealthScore, n.Load),
            cancellationToken);
        _ = text.Append("# HELP netd_cluster_members Other members by status.\n# TYPE netd_cluster_members gauge\n");
        foreach (var status in Enum.GetValues<MemberStatus>())
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"netd_cluster_members{{status=\"{status.ToString().ToLowerInvariant()}\"}} {statuses.GetValueOrDefault(status)}\n");
        }

        _ = text.Append("# HELP netd_cluster_troubles_total Troubles by kind.\n# TYPE netd_cluster_troubles_total counter\n");
        foreach (var (trouble, count) in troubles)
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"netd_cluster_troubles_total{{kind=\"{trouble}\"}} {count}\n");
        }

        var counters = shell.Counters;
        DaemonMetrics.Add(text, "netd_cluster_health", "gauge", "How little this node trusts itself; 0 is well.", health);
        DaemonMetrics.Add(text, "netd_cluster_news_waiting", "gauge", "Pieces of news still to tell.", load.MemberNews + load.RowNews);
        DaemonMetrics.Add(text, "netd_cluster_streams", "gauge", "Conversations by TCP.", load.Streams);
        DaemonMetrics.Add(text, "netd_cluster_packets_sent_total", "counter", "Datagrams sent.", counters.PacketsSent);
        DaemonMetrics.Add(text, "netd_cluster_packets_received_total", "counter", "Datagrams received.", counters.PacketsReceived);
        DaemonMetrics.Add(text, "netd_cluster_packets_dropped_total", "counter", "Datagrams thrown away because too many waited.", counters.PacketsDropped);
        DaemonMetrics.Add(text, "netd_cluster_send_errors_total", "counter", "Datagrams that the kernel did not take.", counters.SendErrors);
        DaemonMetrics.Add(text, "netd_cluster_bytes_sent_total", "counter", "Payload sent by UDP and TCP.", counters.BytesSent);
        DaemonMetrics.Add(text, "netd_cluster_bytes_received_total", "counter", "Payload received by UDP and TCP.", counters.BytesReceived);
        DaemonMetrics.Add(text, "netd_cluster_streams_refused_total", "counter", "Connections closed at once because there were too many.", counters.StreamsTurnedAway);
        return text.ToString();
    }
}
