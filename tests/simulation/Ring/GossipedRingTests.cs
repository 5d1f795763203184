using System.Collections.Immutable;
using Networking.Gossip;
using Networking.Gossip.Membership;
using Networking.Gossip.Tables;
using Networking.Ipam.Ring;
using Networking.Simulation.Tests.World;

namespace Networking.Simulation.Tests.Ring;

/// <summary>The ring on top of real gossip: its rows as bytes in the cluster's tables, its members from the failure detector.</summary>
public sealed class GossipedRingTests
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Trouble = TimeSpan.FromSeconds(90);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Rows_of_the_ring_travel_by_gossip_and_all_agree_after_partitions_and_crashes(int seed)
    {
        using var cluster = new Cluster(seed, 4, PlantedBug.None);
        using var world = new RingWorld(seed, 4, RingBug.None, cluster.Queue);
        world.Machines[^1].HasOtherPrefix = false;
        foreach (var (node, machine) in cluster.Nodes.Zip(world.Machines))
        {
            node.IsChecked = false;
            machine.HearsByGossip = true;
            machine.Tell = effect => Tell(node, effect);
            cluster.Queue.After(TimeSpan.FromMilliseconds(100 * node.Number), () => Start(cluster, node, machine));
        }

        cluster.Queue.RunTo(TimeSpan.FromSeconds(8));
        var work = new RingFaults(world, cluster.Fork("ring faults"), cluster.Fork("ring work"));
        var faults = cluster.Fork("shared faults");
        for (var at = TimeSpan.FromSeconds(10); at < Trouble; at += TimeSpan.FromSeconds(3 + faults.Next(8)))
        {
            cluster.Queue.At(at, () => Break(cluster, world, faults));
        }

        for (var at = TimeSpan.FromSeconds(8); at < Trouble; at += TimeSpan.FromMilliseconds(200))
        {
            cluster.Queue.At(at, work.Work);
        }

        cluster.Queue.RunTo(Trouble);
        world.Heal();
        cluster.Network.Heal();
        string? missing = null;
        for (var waited = TimeSpan.Zero; waited < RingScenario.HealingMax; waited += TimeSpan.FromSeconds(1))
        {
            cluster.Queue.RunTo(Trouble + waited);
            missing = RingConvergence.Missing(world);
            if (missing is null && waited > TimeSpan.FromSeconds(10))
            {
                TestContext.Current.AddWarning($"seed {seed}: {world.Checks.LeaseCount} leases, {world.Checks.TakeoverCount} ranges taken over, healed in {waited.TotalSeconds:F0} s");
                return;
            }
        }

        Assert.Fail($"{missing}\n{world.Trace.Last}");
    }

    private static void Start(Cluster cluster, SimulatedNode node, RingMachine machine)
    {
        cluster.Start(node);
        machine.Id = new OwnerId(node.Id.Value);
        machine.Start();
        Listen(cluster, node, machine, node.Run, []);
    }

    private static void Tell(SimulatedNode node, RingEffect effect)
    {
        if (effect is RingEffect.Publish publish)
        {
            node.Step(new GossipInput.Put(ScopeId.Cluster, Key(publish.Pool, publish.Part), [.. RingRowCodec.Write(publish.Row)]));
        }
        else if (effect is RingEffect.Unpublish gone)
        {
            node.Step(new GossipInput.Remove(ScopeId.Cluster, Key(gone.Pool, gone.Part)));
        }
    }

    private static RowKey Key(string pool, int part) => new(RingRowCodec.Table, $"{pool}/{part}");

    // As the shell will: what readers see of the table, and who is believed alive.
    private static void Listen(Cluster cluster, SimulatedNode node, RingMachine machine, int run, Dictionary<(NodeId, RowKey), ImmutableArray<byte>> seen)
    {
        if (!node.IsRunning || node.Run != run || !machine.IsRunning)
        {
            return;
        }

        foreach (var member in node.Process.Members)
        {
            machine.Believe(new OwnerId(member.Id.Value), member.Status is MemberStatus.Alive or MemberStatus.Suspect);
        }

        foreach (var row in node.Process.Read(ScopeId.Cluster).Rows.Where(r => r.Key.Table == RingRowCodec.Table && r.Owner != node.Id))
        {
            if (!seen.TryGetValue((row.Owner, row.Key), out var known) || !known.AsSpan().SequenceEqual(row.Value.AsSpan()))
            {
                seen[(row.Owner, row.Key)] = row.Value;
                var owner = new OwnerId(row.Owner.Value);
                var read = RingRowCodec.Read(row.Key.Key.Split('/')[0], owner, row.Value.AsSpan());
                machine.Receive(new RingInput.RowSeen(owner, read ?? throw new SimulationFailure($"node {node.Number} cannot read {row.Key}")));
            }
        }

        cluster.Queue.After(Poll, () => Listen(cluster, node, machine, run, seen));
    }

    private static void Break(Cluster cluster, RingWorld world, Random faults)
    {
        var number = faults.Next(cluster.Nodes.Length);
        var (node, machine) = (cluster.Nodes[number], world.Machines[number]);
        var time = TimeSpan.FromSeconds(2 + (30 * faults.NextDouble()));
        switch (faults.Next(4))
        {
            case 0 when node.IsRunning:
                node.Crash();
                machine.Crash();
                cluster.Queue.After(time, () => Start(cluster, node, machine));
                break;
            case 1:
                var leap = TimeSpan.FromHours(faults.Next(2) == 0 ? 3 : -3);
                node.Clock.Leap(leap);
                machine.Clock.Leap(leap);
                break;
            case 2:
                cluster.Network.Weather = new Weather { Loss = 0.3 * faults.NextDouble(), Duplication = 0.2 * faults.NextDouble() };
                world.Weather = cluster.Network.Weather;
                break;
            default:
                var others = Enumerable.Range(0, cluster.Nodes.Length).Where(i => i != number && faults.Next(2) == 0).ToList();
                var isTwoWay = faults.Next(2) == 0;
                others.ForEach(o => Cut(cluster, world, number, o, isTwoWay));
                cluster.Queue.After(time, () =>
                {
                    world.Heal();
                    cluster.Network.Heal();
                });
                break;
        }
    }

    private static void Cut(Cluster cluster, RingWorld world, int from, int to, bool isTwoWay)
    {
        cluster.Network.Block(from, to);
        world.Cut(from, to);
        if (isTwoWay)
        {
            cluster.Network.Block(to, from);
            world.Cut(to, from);
        }
    }
}
