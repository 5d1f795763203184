using Networking.Gossip.Membership;
using Networking.Simulation.Tests.World;

namespace Networking.Simulation.Tests.Checks;

/// <summary>When all is well again every node must come to see the same: who is there, and what each of them wrote.</summary>
internal static class Convergence
{
    /// <summary>What is not yet as it must be; null if all is.</summary>
    public static string? Missing(Cluster cluster)
    {
        var running = cluster.Nodes.Where(static n => n.IsRunning).ToList();
        foreach (var node in running)
        {
            if ((Members(node, running) ?? Rows(node, running, cluster) ?? cluster.OldDisks.Owing(node.Id)) is { } missing)
            {
                return $"node {node.Number}: {missing}";
            }
        }

        return null;
    }

    /// <summary>After a rest nothing may wait any more.</summary>
    public static string? Restless(Cluster cluster) => cluster.Nodes.Where(static n => n.IsRunning)
        .Select(static n => n.Process.Load is { MemberNews: 0, RowNews: 0, Relays: 0 } ? null : $"node {n.Number} still has {n.Process.Load}")
        .FirstOrDefault(static m => m is not null);

    private static string? Members(SimulatedNode node, List<SimulatedNode> running)
    {
        var expected = running.Where(n => n != node).Select(static n => (n.Id, n.Process.Incarnation, n.Address)).OrderBy(static n => n.Id).ToList();
        var seen = node.Process.Members.Where(static m => m.Status is MemberStatus.Alive or MemberStatus.Suspect).Select(static m => (m.Id, m.Incarnation, m.Address)).ToList();
        if (!expected.SequenceEqual(seen))
        {
            return $"{node.Id} sees members {string.Join(' ', seen)}, there are {string.Join(' ', expected)}";
        }

        return node.Process.Members.Where(m => m.Status == MemberStatus.Left && node.Process.HeldRowsOf(m.Id) > 0)
            .Select(static m => $"keeps rows of {m.Id}, which left").FirstOrDefault();
    }

    private static string? Rows(SimulatedNode node, List<SimulatedNode> running, Cluster cluster)
    {
        foreach (var scope in cluster.Scopes.Where(node.Wish.Scopes.ContainsKey))
        {
            var expected = running.Where(n => n.Wish.Scopes.ContainsKey(scope))
                .SelectMany(n => n.Wish.Scopes[scope].Select(r => (r.Key, n.Id, Value: Wish.Number(r.Value))))
                .OrderBy(static r => r.Key).ThenBy(static r => r.Id).ToList();
            var read = node.Process.Read(scope).Rows.Select(static r => (r.Key, r.Owner, Value: Wish.Number(r.Value))).ToList();
            if (!expected.SequenceEqual(read))
            {
                return $"in {scope.A} reads {string.Join(' ', read.Except(expected))} where others wrote {string.Join(' ', expected.Except(read))}";
            }

            var watched = node.Checks.Watched.Where(w => w.Key.Scope == scope).Select(static w => (w.Key.Key, w.Key.Owner, Value: Wish.Number(w.Value)))
                .OrderBy(static r => r.Key).ThenBy(static r => r.Owner).ToList();
            if (!expected.SequenceEqual(watched))
            {
                return $"in {scope.A} who follows changes knows other rows than who reads";
            }
        }

        return null;
    }
}
