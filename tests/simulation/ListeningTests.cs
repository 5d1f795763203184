using Networking.Gossip;
using Networking.Gossip.Tables;
using Networking.Simulation.Tests.World;

namespace Networking.Simulation.Tests;

/// <summary>
/// A restarted node listens before it speaks. Its disk may be from another day, and two of its starts then share a generation: a row
/// of the earlier one, kept by somebody not heard yet, would replace what the later one wrote.
/// <code>
///   owner, first start: k = 1 ──► keeper         owner, second start: k = 2 ──► reader
///                                 keeper ── k = 1, of a version that may be higher ──► reader
/// </code>
/// </summary>
public sealed class ListeningTests
{
    private static readonly RowKey Key = new("endpoint", "k");

    [Fact]
    public void A_restarted_node_writes_nothing_before_all_whom_it_asks_have_answered_or_time_is_up()
    {
        using var cluster = new Cluster(1, 3, PlantedBug.None);
        var reader = Restarted(cluster);
        Run(cluster, 1);
        Assert.Empty(reader.Process.Read(cluster.Scopes[0]).Rows);
        Run(cluster, 5);
        Assert.Equal(2, Seen(reader, cluster));
        cluster.Network.Heal();
        Run(cluster, 60);
        Assert.All(cluster.Nodes, n => Assert.Equal(2, Seen(n, cluster)));
    }

    [Fact]
    public void It_would_write_at_once_if_it_spoke_before_it_listened()
    {
        using var cluster = new Cluster(1, 3, PlantedBug.SpeaksBeforeListening);
        var reader = Restarted(cluster);
        Run(cluster, 1);
        Assert.Equal(2, Seen(reader, cluster));
    }

    /// <summary>The owner starts again after its disk was put back, and the keeper of its earlier row is out of its reach.</summary>
    private static SimulatedNode Restarted(Cluster cluster)
    {
        var (owner, keeper, reader) = (cluster.Nodes[0], cluster.Nodes[1], cluster.Nodes[2]);
        foreach (var node in cluster.Nodes)
        {
            node.Wish.Scopes[cluster.Scopes[0]] = [];
        }

        owner.Wish.Scopes[cluster.Scopes[0]][Key] = Wish.Value(1);
        cluster.Start(keeper);
        Run(cluster, 5);
        cluster.Start(owner);
        Run(cluster, 10);
        Assert.Equal(1, Seen(keeper, cluster));

        owner.Crash();
        owner.StoredIncarnation = 1; // the first start began above 0
        foreach (var other in new[] { owner, reader })
        {
            cluster.Network.Block(keeper.Number, other.Number);
            cluster.Network.Block(other.Number, keeper.Number);
        }

        cluster.Start(reader);
        Run(cluster, 1);
        owner.Wish.Scopes[cluster.Scopes[0]][Key] = Wish.Value(2);
        cluster.Start(owner);
        return reader;
    }

    private static void Run(Cluster cluster, int seconds) => cluster.Queue.RunTo(cluster.Queue.Now + TimeSpan.FromSeconds(seconds));

    private static long Seen(SimulatedNode node, Cluster cluster) => Wish.Number(Assert.Single(node.Process.Read(cluster.Scopes[0]).Rows).Value);
}
