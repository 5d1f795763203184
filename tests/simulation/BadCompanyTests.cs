using System.Net;
using Networking.Gossip;
using Networking.Gossip.Membership;
using Networking.Gossip.Tables;
using Networking.Gossip.Wire;
using Networking.Model.Wire;
using Networking.Simulation.Tests.World;

namespace Networking.Simulation.Tests;

/// <summary>What should not be in a cluster: counted, named once a source, and harmless.</summary>
public sealed class BadCompanyTests
{
    [Fact]
    public void Two_nodes_with_one_id_are_named_and_nobody_else_is_harmed()
    {
        using var cluster = Running(6);
        var (first, twin) = (cluster.Nodes[1], cluster.Nodes[5]);
        twin.Crash();
        twin.LoseDisk();
        twin.BecomeTwinOf(first);
        cluster.Start(twin);
        Run(cluster, 60);
        Assert.Contains(cluster.Nodes, static n => n.Process.CountOf(GossipTrouble.DuplicateNode) > 0);
        var others = cluster.Nodes.Where(n => n != first && n != twin).ToList();
        Assert.All(others, n => Assert.All(others.Where(o => o != n), o => Assert.Equal(MemberStatus.Alive, n.Process.StatusOf(o.Id))));
    }

    [Fact]
    public void Rows_of_an_owner_that_is_not_attached_are_never_shown_go_no_further_and_are_dropped()
    {
        using var cluster = Running(4);
        var stranger = new NodeId(0x51de);
        var codec = new FrameCodec(stranger, cluster.Ring, static () => 77);
        var writer = new WireWriter(WireLimits.ConversationBytesMax);
        MessageWriter.PutRowsHead(writer, cluster.Scopes[0]);
        writer.PutByte(1);
        MessageWriter.PutRow(writer, new Row(new RowKey("endpoint", "stray"), stranger, 5UL << 32, Wish.Value(9)), null);
        cluster.Network.Inject(PeerAddress.From(new IPEndPoint(IPAddress.Parse("192.0.2.66"), 7946)), cluster.Nodes[0], codec.Seal(FrameKind.Packet, writer.Written));
        Run(cluster, 2);
        Assert.Equal(1, cluster.Nodes[0].Process.HeldRowsOf(stranger));
        Assert.All(cluster.Nodes, n => Assert.DoesNotContain(n.Process.Read(cluster.Scopes[0]).Rows, r => r.Owner == stranger));
        Run(cluster, 90);
        Assert.All(cluster.Nodes, n => Assert.Equal(0, n.Process.HeldRowsOf(stranger)));
        Assert.Equal([1L, 0L, 0L, 0L], cluster.Nodes.Select(static n => n.Process.CountOf(GossipTrouble.RowsOfStranger)));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(-5)]
    public void A_clock_that_leaps_by_hours_buries_nobody(int hours)
    {
        using var cluster = Running(5);
        cluster.Nodes[2].Clock.Leap(TimeSpan.FromHours(hours));
        Run(cluster, 120);
        Assert.All(cluster.Nodes, static n => Assert.Equal(0, n.Checks.BuriedCount));
        Assert.Equal(1, cluster.Nodes[2].Process.CountOf(GossipTrouble.TimeJumped));
    }

    private static Cluster Running(int nodes)
    {
        var cluster = new Cluster(3, nodes, PlantedBug.None);
        foreach (var node in cluster.Nodes)
        {
            node.Wish.Scopes[cluster.Scopes[0]] = [];
            cluster.Start(node);
        }

        Run(cluster, 10);
        return cluster;
    }

    private static void Run(Cluster cluster, int seconds) => cluster.Queue.RunTo(cluster.Queue.Now + TimeSpan.FromSeconds(seconds));
}
