using Networking.Model.Api;
using Networking.Netd.Cluster;

namespace Networking.Netd.Diagnosis;

/// <summary>What stands in the way of this node's place in its cluster.</summary>
internal static class ClusterChecks
{
    public static async Task<IEnumerable<DoctorCheckDocument>> OfAsync(ClusterKeeper keeper, CancellationToken cancellationToken)
    {
        var cluster = await keeper.StatusAsync(cancellationToken);
        return cluster.State switch
        {
            "off" => [],
            "failed" => [new DoctorCheckDocument("cluster", "failed", $"this node does not take part: {cluster.Reason}", "netctl cluster status; it is tried again every 10 s")],
            _ => [Members(cluster), .. cluster.Troubles.Where(static t => t.Last is not null && t.Kind != "TimeJumped").Select(static t => new DoctorCheckDocument($"cluster: {t.Kind}", "warning", t.Last!))],
        };
    }

    private static DoctorCheckDocument Members(ClusterDocument cluster) => cluster.Members switch
    {
        { Alive: 1 } when !cluster.Seeds.IsEmpty => new("cluster", "warning", $"nobody answers, of {string.Join(", ", cluster.Seeds)}", "is it the cluster's key, and is the port open for UDP and TCP both ways?"),
        { Failed: > 0 } members => new("cluster", "warning", $"{members.Alive} members are alive, {members.Failed} failed", "netctl node ls"),
        var members => new("cluster", "ok", $"{members.Alive} members are alive"),
    };
}
