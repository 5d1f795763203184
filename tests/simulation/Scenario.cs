using System.Net;
using Networking.Gossip;
using Networking.Gossip.Membership;
using Networking.Gossip.Wire;
using Networking.Model.Wire;
using Networking.Simulation.Tests.Checks;
using Networking.Simulation.Tests.World;

namespace Networking.Simulation.Tests;

/// <summary>How a seed went.</summary>
/// <param name="Hash">Of everything that happened.</param>
/// <param name="Failure">What did not hold; null if all did.</param>
/// <param name="Healing">From the end of the faults until all saw the same.</param>
/// <param name="Excused">Older values that a reader was shown after newer ones, because a disk was put back.</param>
internal sealed record Outcome(string Hash, string? Failure, TimeSpan Healing, int Excused = 0);

/// <summary>A cluster of three to eight nodes goes through a minute of mixed faults and work, heals, and must agree.</summary>
internal static class Scenario
{
    /// <summary>Twelve rounds of comparing state.</summary>
    public static readonly TimeSpan HealingMax = TimeSpan.FromSeconds(120);

    private static readonly TimeSpan Trouble = TimeSpan.FromSeconds(75);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);

    public static Outcome Run(int seed, PlantedBug bug = PlantedBug.None)
    {
        using var cluster = new Cluster(seed, 3 + (int)((uint)seed % 6), bug);
        try
        {
            return new Outcome(cluster.Trace.Hash, null, Play(cluster)) with { Hash = cluster.Trace.Hash, Excused = cluster.OldDisks.ExcusedCount };
        }
        catch (SimulationFailure failure)
        {
            return new Outcome(cluster.Trace.Hash, $"{failure.Message}\nreplay: SIM_SEED={seed} ./test.sh sim\n{cluster.Trace.Last}", HealingMax);
        }
    }

    private static TimeSpan Play(Cluster cluster)
    {
        foreach (var node in cluster.Nodes)
        {
            cluster.Queue.After(TimeSpan.FromMilliseconds(100 * node.Number), () => cluster.Start(node));
        }

        cluster.Queue.RunTo(TimeSpan.FromSeconds(5));
        new Faults(cluster, cluster.Fork("faults"), cluster.Fork("work")).Begin(Trouble);
        ChangeKeys(cluster);
        cluster.Queue.RunTo(Trouble);
        var healing = Heal(cluster);
        Forge(cluster);
        cluster.Queue.RunTo(cluster.Queue.Now + Rest);
        if ((Convergence.Missing(cluster) ?? Convergence.Restless(cluster)) is { } missing)
        {
            throw new SimulationFailure($"{missing} after {Rest.TotalSeconds} s of rest");
        }

        return healing;
    }

    /// <summary>A new key is added, seals, and the old one goes, in the middle of it all.</summary>
    private static void ChangeKeys(Cluster cluster)
    {
        cluster.Queue.At(TimeSpan.FromSeconds(20), () => cluster.SetRing(new Keyring([cluster.Keys[0], cluster.Keys[1]], 0)));
        cluster.Queue.At(TimeSpan.FromSeconds(30), () => cluster.SetRing(new Keyring([cluster.Keys[0], cluster.Keys[1]], 1)));
        cluster.Queue.At(TimeSpan.FromSeconds(50), () => cluster.SetRing(new Keyring([cluster.Keys[1]], 0)));
    }

    private static TimeSpan Heal(Cluster cluster)
    {
        cluster.Network.Heal();
        foreach (var node in cluster.Nodes)
        {
            node.Slowness = TimeSpan.Zero;
        }

        string? missing = null;
        for (var waited = TimeSpan.Zero; waited <= HealingMax; waited += TimeSpan.FromSeconds(1))
        {
            cluster.Queue.RunTo(Trouble + waited);
            missing = Convergence.Missing(cluster);
            if (missing is null && waited > TimeSpan.FromSeconds(30))
            {
                return waited;
            }
        }

        throw new SimulationFailure($"{missing}, {HealingMax.TotalSeconds} s after all was well");
    }

    /// <summary>Somebody with the key that was removed tells of a member of his own.</summary>
    private static void Forge(Cluster cluster)
    {
        var address = PeerAddress.From(new IPEndPoint(IPAddress.Parse("192.0.2.66"), 7946));
        var forger = new FrameCodec(NodeChecks.Forged, new Keyring([cluster.Keys[0]], 0), static () => 66);
        var writer = new WireWriter(WireLimits.ConversationBytesMax);
        MessageWriter.PutFact(writer, MemberFact.Alive(NodeChecks.Forged, new MemberInfo(1, address, 1, 0)));
        foreach (var node in cluster.Nodes.Where(static n => n.IsRunning))
        {
            cluster.Network.Inject(address, node, forger.Seal(FrameKind.Packet, writer.Written));
        }
    }
}
