using System.Globalization;
using System.Text;
using Networking.Dns;
using Networking.Netd.Control;

namespace Networking.Netd.Metrics;

/// <summary>Counts of the resolvers as Prometheus text. Labels are stages and results, never names.</summary>
internal sealed class NameMetrics(ResolverCounters answers, Forwarder forwarder, StreamServer streams, ResolverKeeper? resolvers)
{
    public void Render(StringBuilder text)
    {
        DaemonMetrics.Add(text, "netd_dns_resolvers", "gauge", "Sandboxes with a resolver.", resolvers?.Count ?? 0);
        DaemonMetrics.Add(text, "netd_dns_silences_total", "counter", "Datagrams that were no question and were not answered.", answers.Silences);
        DaemonMetrics.Add(text, "netd_dns_connections_refused_total", "counter", "Connections closed at once because there were too many.", streams.TurnedAway);
        DaemonMetrics.Add(text, "netd_dns_waiting", "gauge", "Questions that wait for others.", forwarder.Waiting);
        DaemonMetrics.Add(text, "netd_dns_cache_bytes", "gauge", "Memory for answers of others.", forwarder.CacheBytes);
        var counters = forwarder.Counters;
        DaemonMetrics.Add(text, "netd_dns_upstream_questions_total", "counter", "Questions asked of others.", counters.Asked);
        DaemonMetrics.Add(text, "netd_dns_upstream_joined_total", "counter", "Questions that waited for the same one.", counters.Joined);
        DaemonMetrics.Add(text, "netd_dns_upstream_stale_total", "counter", "Answers out of date, because nobody answered.", counters.Stale);
        DaemonMetrics.Add(text, "netd_dns_upstream_failed_total", "counter", "Questions that nobody answered.", counters.Failed);
        DaemonMetrics.Add(text, "netd_dns_upstream_refused_total", "counter", "Questions refused because too many waited.", counters.Refused);
        DaemonMetrics.Add(text, "netd_dns_upstream_spoofed_total", "counter", "Answers thrown away: wrong sender, id or question.", counters.Spoofed);
        DaemonMetrics.Add(text, "netd_dns_upstream_tcp_total", "counter", "Questions asked again by TCP.", counters.OverTcp);
        Answers(text);
        Latencies(text);
    }

    private void Answers(StringBuilder text)
    {
        _ = text.Append("# HELP netd_dns_answers_total Answers by stage and result.\n# TYPE netd_dns_answers_total counter\n");
        foreach (var stage in Enum.GetValues<AnswerStage>())
        {
            foreach (var code in Enum.GetValues<ResponseCode>().Where(static c => c < ResponseCode.BadVersion))
            {
                if (answers.Answers(stage, code) is var count and > 0)
                {
                    _ = text.Append(CultureInfo.InvariantCulture, $"netd_dns_answers_total{{stage=\"{stage.ToString().ToLowerInvariant()}\",code=\"{DnsAnswerText.CodeOf(code)}\"}} {count}\n");
                }
            }
        }
    }

    private void Latencies(StringBuilder text)
    {
        const string name = "netd_dns_upstream_seconds";
        _ = text.Append($"# HELP {name} How long answers took for which others were asked.\n# TYPE {name} histogram\n");
        var (counts, sum) = (answers.Latencies, 0L);
        for (var i = 0; i < counts.Length; i++)
        {
            sum += counts[i];
            var bound = i < ResolverCounters.LatencyBounds.Length ? ResolverCounters.LatencyBounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
            _ = text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{le=\"{bound}\"}} {sum}\n");
        }

        _ = text.Append(CultureInfo.InvariantCulture, $"{name}_sum {answers.LatencySum.TotalSeconds}\n{name}_count {sum}\n");
    }
}
