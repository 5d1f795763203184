using Networking.Ipam.Ring;
using Networking.Ipam.Ring.Merge;

namespace Networking.Simulation.Tests.Ring;

/// <summary>When all is well again every address must be owned by somebody alive, all must know by whom, and no lease may be doubtful.</summary>
internal static class RingConvergence
{
    /// <summary>What is not yet as it must be; null if all is.</summary>
    public static string? Missing(RingWorld world)
    {
        var running = world.Running.Where(static m => !m.IsStopped).ToList();
        return Owned(world, running) ?? running.Select(m => Missing(world, m)).FirstOrDefault(static m => m is not null) ?? Twice(world);
    }

    private static string? Owned(RingWorld world, List<RingMachine> running) => world.Authority.Register.Nodes
        .Where(n => !n.Holdings.IsEmpty && running.All(m => m.Id != n.Owner))
        .Select(static n => $"{n.Owner} is gone ({n.State}) and owns {n.Holdings.Length} ranges").FirstOrDefault();

    private static string? Missing(RingWorld world, RingMachine machine)
    {
        if (!machine.Process.IsHolding)
        {
            return $"machine {machine.Number} has no term";
        }

        foreach (var pool in world.Authority.Register.Pools.Where(p => machine.PrefixOf(p.Name).Equals(p.Prefix)))
        {
            var truth = world.Authority.Register.Nodes.SelectMany(static n => n.Holdings.Select(h => (n.Owner, Holding: h)))
                .Where(h => h.Holding.Pool == pool.Name)
                .Aggregate(RingMap.Empty, static (map, h) => map.Join(new Claim(h.Holding.First, h.Holding.Last, h.Holding.Version, h.Owner)));
            if (!machine.Process.Ring(pool.Name).Equals(truth))
            {
                var ring = machine.Process.Ring(pool.Name).Claims;
                return $"machine {machine.Number} knows of {pool.Name} {string.Join(' ', ring.Except(truth.Claims))}, it is {string.Join(' ', truth.Claims.Except(ring))}";
            }

            var leases = machine.Leases.Count(l => l.Pool == pool.Name);
            var (leased, _, _) = machine.Process.Count(pool.Name);
            if (leased != (UInt128)leases)
            {
                return $"machine {machine.Number} counts {leased} leases of {pool.Name}, its containers have {leases}";
            }

            if (machine.Process.Orphans(pool.Name) is [var orphan, ..])
            {
                return $"machine {machine.Number} uses {orphan} without owning it";
            }
        }

        return machine.HasOtherPrefix && !machine.Named.Contains(RingTrouble.OtherPrefix) && world.Authority.Register.Pools.Any(static p => p.Name == RingWorld.Small)
            ? $"machine {machine.Number} has another prefix and does not say so" : null;
    }

    private static string? Twice(RingWorld world) => world.Machines
        .SelectMany(static m => m.Leases.Select(l => (l, m))).GroupBy(static l => l.l).Where(static g => g.Count() > 1)
        .Select(static g => $"{RingMachine.Address(g.Key.Pool, g.Key.Number)} is in use on machines {string.Join(' ', g.Select(static l => l.m.Number))}").FirstOrDefault();
}
