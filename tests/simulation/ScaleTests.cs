using System.Globalization;
using System.Numerics;
using Networking.Gossip;
using Networking.Gossip.Membership;
using Networking.Gossip.Tables;
using Networking.Gossip.Wire;
using Networking.Simulation.Tests.World;

namespace Networking.Simulation.Tests;

/// <summary>
/// How fast and at what cost, in virtual time: the same on any machine. A network spans 46 nodes, and a node has 41 endpoints in it: 2,300
/// nodes have 95,000 endpoints in 50 networks. Each node holds the rows of its own network, and of all nodes who is attached to what.
/// </summary>
public sealed class ScaleTests
{
    private const int NodesPerNetwork = 46;
    private const int EndpointsPerNode = 41;

    /// <summary>
    /// Bounds are those that <c>serf</c> reached as real processes with 50 nodes on a LAN: 0.52 s, 9.7 s, 337 bytes a second.
    /// </summary>
    [Fact]
    public void Fifty_nodes_know_a_change_and_a_death_no_later_than_serf_and_cost_less_at_rest()
    {
        using var cluster = Started(50);
        var rest = AtRest(cluster, TimeSpan.FromSeconds(60));
        var change = Spread(cluster, rounds: 40);
        var death = Deaths(cluster);
        TestContext.Current.AddWarning(Figures(cluster, rest, change, death));
        Assert.True(rest < 337, $"{rest:F0} bytes a node and second");
        Assert.True(change.P99 < TimeSpan.FromSeconds(0.52), $"change p99 {change.P99}");
        Assert.True(death < TimeSpan.FromSeconds(9.7), $"death {death}");
    }

    [Fact]
    public void Ten_minutes_at_two_percent_loss_bury_nobody()
    {
        using var cluster = Started(50);
        cluster.Network.Weather = new Weather { Loss = 0.02, Jitter = TimeSpan.FromMilliseconds(10) };
        cluster.Queue.RunTo(cluster.Queue.Now + TimeSpan.FromMinutes(10));
        Assert.All(cluster.Nodes, static n => Assert.DoesNotContain(n.Process.Members, static m => m.Status is MemberStatus.Failed or MemberStatus.Left));
        Assert.Equal(0, cluster.Nodes.Sum(static n => n.Checks.BuriedCount));
    }

    /// <summary>A tenth of the large cluster, from the first join on.</summary>
    [Fact]
    public void A_tenth_of_the_large_cluster_forms_and_knows_a_change_in_two_seconds_and_a_death_in_fifteen() => Large(230, EndpointsPerNode, isStanding: false);

    [Fact]
    public void The_large_cluster_knows_a_change_in_two_seconds_and_a_death_in_fifteen() => Large(2300, EndpointsPerNode, isStanding: true);

    /// <summary>Another size: minutes of a processor, and memory with the square of the nodes.</summary>
    [Fact]
    public void A_cluster_of_the_size_asked_for_knows_a_change_in_two_seconds_and_a_death_in_fifteen()
    {
        var nodes = Asked("NETD_SIM_NODES");
        Assert.SkipWhen(nodes is null, "needs NETD_SIM_NODES=10000, with NETD_SIM_ENDPOINTS=100 of each; with NETD_SIM_JOINS=1 they find each other from the first join on");
        Large(nodes.Value, Asked("NETD_SIM_ENDPOINTS") ?? EndpointsPerNode, isStanding: Asked("NETD_SIM_JOINS") is null);
    }

    private static int? Asked(string name) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var number) ? number : null;

    private static void Large(int nodes, int endpoints, bool isStanding)
    {
        var before = Environment.CpuUsage.TotalTime;
        using var cluster = Started(nodes, endpoints, isStanding);
        var rest = AtRest(cluster, TimeSpan.FromSeconds(20));
        var change = Spread(cluster, rounds: 5);
        var death = Deaths(cluster);
        TestContext.Current.AddWarning($"{Figures(cluster, rest, change, death)}; {(Environment.CpuUsage.TotalTime - before).TotalSeconds:F0} s of a processor");
        Assert.True(change.P99 < TimeSpan.FromSeconds(2), $"change p99 {change.P99}");
        Assert.True(death < TimeSpan.FromSeconds(15), $"death {death}");
    }

    private static ScopeId NetworkOf(SimulatedNode node) => new(1, (ulong)(node.Number / NodesPerNetwork), 0, 9);

    private static Cluster Started(int nodes, int endpoints = 0, bool isStanding = false)
    {
        var memo = endpoints == 0 ? null : new WireMemo((int)BitOperations.RoundUpToPowerOf2((uint)(2 * nodes * (endpoints + 2))));
        var cluster = new Cluster(seed: 1, nodes, PlantedBug.None, memo);
        cluster.Trace.IsKept = false;
        var growth = TimeSpan.FromSeconds(Math.Max(5, nodes / 40));
        foreach (var node in cluster.Nodes)
        {
            var rows = Enumerable.Range(0, endpoints).Select(i => KeyValuePair.Create(new RowKey("endpoint", $"{node.Number:d5}-{i:d2}"), Wish.Value(i)));
            node.Wish.Scopes.Add(NetworkOf(node), new(rows.ToDictionary()));
            node.IsChecked = nodes <= 100;
            if (!isStanding)
            {
                cluster.Queue.At(growth * node.Number / nodes, () => cluster.Start(node));
            }
        }

        if (isStanding)
        {
            new Standing(cluster, NetworkOf).Begin();
        }

        // Full knowledge everywhere, and nothing left to tell.
        var networks = cluster.Nodes.GroupBy(NetworkOf).ToDictionary(static g => g.Key, static g => g.Count());
        bool Knows(SimulatedNode node) => node.IsRunning && node.Process.AliveCount == nodes - 1
            && networks.All(n => node.Process.AttachedCount(n.Key) == n.Value) && node.Process.ShownCount(NetworkOf(node)) == networks[NetworkOf(node)] * endpoints;
        for (var waited = 0; !cluster.Nodes.All(Knows); waited++)
        {
            Assert.True(waited < 60, "the cluster does not form");
            cluster.Queue.RunTo((isStanding ? TimeSpan.Zero : growth) + TimeSpan.FromSeconds(5 * (waited + 1)));
        }

        cluster.Queue.RunTo(cluster.Queue.Now + TimeSpan.FromSeconds(30));
        return cluster;
    }

    /// <summary>Bytes of UDP and TCP payload that a node sends a second.</summary>
    private static double AtRest(Cluster cluster, TimeSpan time)
    {
        var before = cluster.Network.ByteCount;
        cluster.Queue.RunTo(cluster.Queue.Now + time);
        return (cluster.Network.ByteCount - before) / time.TotalSeconds / cluster.Nodes.Length;
    }

    private static (TimeSpan Median, TimeSpan P99) Spread(Cluster cluster, int rounds)
    {
        var times = new List<TimeSpan>();
        for (var round = 0; round < rounds; round++)
        {
            var start = cluster.Queue.Now;
            var key = new RowKey("news", $"k{round}");
            var unseen = cluster.Nodes.ToList();
            var writer = cluster.Nodes[round * 7 % cluster.Nodes.Length];
            writer.Step(new GossipInput.Put(ScopeId.Cluster, key, Wish.Value(round)));
            for (var at = start; unseen.Count > 0 && at < start + TimeSpan.FromSeconds(30); at += TimeSpan.FromMilliseconds(10))
            {
                cluster.Queue.RunTo(at);
                var seen = unseen.RemoveAll(n => n.Process.Shows(ScopeId.Cluster, writer.Id, key));
                times.AddRange(Enumerable.Repeat(at - start, seen));
            }

            Assert.Empty(unseen);
        }

        times.Sort();
        return (times[times.Count / 2], times[(int)(times.Count * 0.99)]);
    }

    /// <summary>From a sudden death until the last of the others knows, in the middle of five.</summary>
    private static TimeSpan Deaths(Cluster cluster)
    {
        var times = Enumerable.Range(1, 5).Select(i => Death(cluster, cluster.Nodes[^(i * i)])).Order().ToList();
        return times[2];
    }

    private static TimeSpan Death(Cluster cluster, SimulatedNode dead)
    {
        var start = cluster.Queue.Now;
        var id = dead.Id;
        dead.Crash();
        var others = cluster.Nodes.Where(static n => n.IsRunning).ToList();
        while (others.Count > 0)
        {
            Assert.True(cluster.Queue.Now < start + TimeSpan.FromMinutes(1), $"{others.Count} nodes do not know of a death");
            cluster.Queue.RunTo(cluster.Queue.Now + TimeSpan.FromMilliseconds(100));
            _ = others.RemoveAll(n => n.Process.StatusOf(id) == MemberStatus.Failed);
        }

        return cluster.Queue.Now - start;
    }

    private static string Figures(Cluster cluster, double rest, (TimeSpan Median, TimeSpan P99) change, TimeSpan death) =>
        $"{cluster.Nodes.Length} nodes: a change everywhere {change.Median.TotalSeconds:F2} s (median), {change.P99.TotalSeconds:F2} s (p99); a death known to all {death.TotalSeconds:F1} s (median of 5); {rest:F0} bytes sent a node and second at rest; {cluster.Nodes.Where(static n => n.IsRunning).Average(static n => n.Process.HeldRowCount):F0} rows a node, {cluster.Nodes.Where(static n => n.IsRunning).Sum(static n => (long)n.Process.HeldRowCount)} in all; {Environment.WorkingSet / 1_000_000} MB";
}
