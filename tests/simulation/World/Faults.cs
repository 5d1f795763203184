using Networking.Gossip;
using Networking.Gossip.Tables;

namespace Networking.Simulation.Tests.World;

/// <summary>What goes wrong, and what people do meanwhile: drawn from the seed.</summary>
internal sealed class Faults(Cluster cluster, Random faults, Random work)
{
    private static readonly string[] Tables = ["endpoint", "service"];

    public void Begin(TimeSpan until)
    {
        Repeat(faults, 1.0, 4.0, until, Break);
        Repeat(work, 0.1, 0.8, until, Work);
    }

    private void Repeat(Random random, double least, double most, TimeSpan until, Action action) =>
        cluster.Queue.After(TimeSpan.FromSeconds(least + ((most - least) * random.NextDouble())), () =>
        {
            if (cluster.Queue.Now < until)
            {
                action();
                Repeat(random, least, most, until, action);
            }
        });

    private void Work()
    {
        var running = cluster.Nodes.Where(static n => n.IsRunning).ToList();
        if (running.Count == 0)
        {
            return;
        }

        var node = running[work.Next(running.Count)];
        var scope = cluster.Scopes[work.Next(cluster.Scopes.Length)];
        var key = new RowKey(Tables[work.Next(Tables.Length)], $"k{work.Next(6)}");
        var number = ++cluster.OldDisks.Written;
        var rows = node.Wish.Scopes.GetValueOrDefault(scope);
        switch (work.Next(10))
        {
            case < 1 when rows is not null:
                _ = node.Wish.Scopes.Remove(scope);
                node.Step(new GossipInput.Detach(scope));
                break;
            case < 4 when rows is not null:
                _ = rows.Remove(key);
                node.Step(new GossipInput.Remove(scope, key));
                break;
            default:
                if (rows is null)
                {
                    rows = [];
                    node.Wish.Scopes.Add(scope, rows);
                    node.Step(new GossipInput.Attach(scope));
                }

                rows[key] = Wish.Value(number);
                node.Step(new GossipInput.Put(scope, key, rows[key]));
                break;
        }
    }

    private void Break()
    {
        var node = cluster.Nodes[faults.Next(cluster.Nodes.Length)];
        var time = TimeSpan.FromSeconds(1 + (25 * faults.NextDouble()));
        var kind = faults.Next(13);
        cluster.Trace.Add(cluster.Queue.Now, $"fault {kind} at node {node.Number} for {time.TotalSeconds:F1} s");
        switch (kind)
        {
            case 0:
                Partition(time, isTwoWay: true);
                break;
            case 1:
                Partition(time, isTwoWay: false);
                break;
            case 2:
                Isolate(node, time);
                break;
            case 3 or 4:
                Crash(node, time, static _ => { });
                break;
            case 5:
                Crash(node, time, static n => n.LoseDisk());
                break;
            case 6:
                // The disk of an earlier day: fewer incarnations than the others know of.
                Crash(node, time, static n => n.StoredIncarnation = (n.StoredIncarnation + 1) / 2);
                break;
            case 7:
                Crash(node, time, n => n.Address = cluster.NewAddress());
                break;
            case 8:
                node.Step(new GossipInput.Leave());
                Restart(node, time, static _ => { });
                break;
            case 9:
                node.Slowness = TimeSpan.FromMilliseconds(faults.Next(900));
                cluster.Queue.After(time, () => node.Slowness = TimeSpan.Zero);
                break;
            case 10 when node.IsRunning:
                node.Pause(time);
                break;
            case 11:
                node.Clock.Leap(TimeSpan.FromHours(faults.Next(2) == 0 ? 3 : -3));
                break;
            default:
                Storm(time);
                break;
        }
    }

    private void Storm(TimeSpan time)
    {
        cluster.Network.Weather = new Weather
        {
            Loss = 0.4 * faults.NextDouble(),
            Duplication = 0.2 * faults.NextDouble(),
            Corruption = 0.05 * faults.NextDouble(),
            Straggling = 0.1 * faults.NextDouble(),
            Jitter = TimeSpan.FromMilliseconds(faults.Next(100)),
        };
        cluster.Queue.After(time, () => cluster.Network.Weather = Weather.Fair);
    }

    private void Partition(TimeSpan time, bool isTwoWay)
    {
        var side = cluster.Nodes.Where(_ => faults.Next(2) == 0).Select(static n => n.Number).ToHashSet();
        var cut = (from a in cluster.Nodes from b in cluster.Nodes where side.Contains(a.Number) && !side.Contains(b.Number) select (a.Number, b.Number)).ToList();
        Cut(isTwoWay ? [.. cut, .. cut.Select(static c => (c.Item2, c.Item1))] : cut, time);
    }

    private void Isolate(SimulatedNode node, TimeSpan time) =>
        Cut([.. cluster.Nodes.SelectMany(n => new[] { (n.Number, node.Number), (node.Number, n.Number) })], 3 * time);

    private void Cut(List<(int From, int To)> cut, TimeSpan time)
    {
        cut.ForEach(c => cluster.Network.Block(c.From, c.To));
        cluster.Queue.After(time, () => cut.ForEach(c => cluster.Network.Unblock(c.From, c.To)));
    }

    private void Crash(SimulatedNode node, TimeSpan time, Action<SimulatedNode> meanwhile)
    {
        node.Crash();
        Restart(node, time, meanwhile);
    }

    private void Restart(SimulatedNode node, TimeSpan time, Action<SimulatedNode> meanwhile)
    {
        var isForEver = faults.Next(8) == 0 && cluster.Nodes.Count(static n => n.IsRunning) > 2;
        if (isForEver)
        {
            return;
        }

        cluster.Queue.After(time, () =>
        {
            if (!node.IsRunning)
            {
                meanwhile(node);
                cluster.Start(node);
            }
        });
    }
}
