using Networking.Ipam.Ring;

namespace Networking.Simulation.Tests.Ring;

/// <summary>How a seed went.</summary>
/// <param name="Hash">Of everything that happened.</param>
/// <param name="Failure">What did not hold; null if all did.</param>
/// <param name="Healing">From the end of the faults until every address was owned by somebody alive and all knew it.</param>
/// <param name="Takeovers">Ranges that were taken over.</param>
/// <param name="Yields">Addresses that a returning machine gave up.</param>
/// <param name="Leases">Addresses leased.</param>
/// <param name="Bytes">Of messages, questions and answers.</param>
internal sealed record RingOutcome(string Hash, string? Failure, TimeSpan Healing, int Takeovers = 0, int Yields = 0, long Leases = 0, long Bytes = 0);

/// <summary>What happens to the machines.</summary>
internal enum RingStory
{
    /// <summary>Everything that can go wrong, mixed.</summary>
    Mixed,

    /// <summary>Machines are away until their addresses are given again.</summary>
    Absences,
}

/// <summary>
/// Three to six machines share two pools through two minutes of mixed faults and work, heal, must agree, and must then be able to
/// lease every address there is.
/// </summary>
internal static class RingScenario
{
    /// <summary>A term, the longest wait for a dead one's, what is withheld, and as much again for asking around.</summary>
    public static readonly TimeSpan HealingMax = TimeSpan.FromSeconds(180);

    private static readonly TimeSpan Trouble = TimeSpan.FromSeconds(130);
    private static readonly TimeSpan FillingMax = TimeSpan.FromSeconds(120);

    public static RingOutcome Run(int seed, RingBug bug = RingBug.None, RingStory story = RingStory.Mixed)
    {
        using var world = new RingWorld(seed, 3 + (int)((uint)seed % 4), bug);
        try
        {
            var healing = Play(world, story);
            return new RingOutcome(world.Trace.Hash, null, healing, world.Checks.TakeoverCount, world.Checks.YieldCount, world.Checks.LeaseCount, world.Carried);
        }
        catch (Exception failure) when (failure is SimulationFailure or Model.InvariantException)
        {
            return new RingOutcome(world.Trace.Hash, $"{failure.Message}\nreplay: SIM_SEED={seed} ./test.sh sim -- --filter-class '{(story == RingStory.Mixed ? "*RingSweep*" : "*RingDuplicate*")}'\n{world.Trace.Last}", HealingMax);
        }
    }

    private static TimeSpan Play(RingWorld world, RingStory story)
    {
        foreach (var machine in world.Machines)
        {
            world.Queue.After(TimeSpan.FromMilliseconds(300 * machine.Number), machine.Start);
        }

        world.Queue.RunTo(TimeSpan.FromSeconds(5));
        var faults = new RingFaults(world, world.Fork("faults"), world.Fork("work"));
        if (story == RingStory.Mixed)
        {
            faults.Begin(Trouble);
        }
        else
        {
            new RingAbsences(world, faults, world.Fork("absences")).Begin(Trouble);
        }

        world.Queue.RunTo(Trouble);
        var healing = Heal(world, faults);
        Fill(world);
        return healing;
    }

    /// <summary>Work goes on; nothing else goes wrong.</summary>
    private static TimeSpan Heal(RingWorld world, RingFaults faults)
    {
        world.Heal();
        foreach (var gone in world.Machines.Where(static m => m.IsGone))
        {
            // Nobody can tell what runs on there: somebody switches it off.
            gone.Burn();
        }

        foreach (var machine in world.Running.ToList())
        {
            machine.Wake();
        }

        if (!world.Running.Any(static m => !m.IsStopped))
        {
            world.Machines[0].Start();
        }

        string? missing = null;
        for (var waited = TimeSpan.Zero; waited <= HealingMax; waited += TimeSpan.FromSeconds(1))
        {
            world.Queue.RunTo(Trouble + waited);
            foreach (var copied in world.Running.Where(static m => m.IsStopped).ToList())
            {
                // What it says is read by somebody, who takes the second machine away.
                copied.Burn();
            }

            missing = RingConvergence.Missing(world);
            if (missing is null && waited > TimeSpan.FromSeconds(20))
            {
                return waited;
            }

            if (waited < TimeSpan.FromSeconds(10))
            {
                faults.Work();
            }
        }

        throw new SimulationFailure($"{missing}, {HealingMax.TotalSeconds} s after all was well");
    }

    /// <summary>Nothing was lost: the machines together can lease all of the small pool, each address once.</summary>
    private static void Fill(RingWorld world)
    {
        var prefix = world.SmallPrefix;
        var usable = (1 << (32 - prefix.PrefixLength)) - 2;
        var start = world.Queue.Now;
        var ticket = 1_000_000L;
        while (Used(world) < usable)
        {
            var machines = world.Running.Where(static m => !m.IsStopped && !m.HasOtherPrefix).ToList();
            if (machines.Count == 0 || world.Authority.Register.Pools.All(static p => p.Name != RingWorld.Small))
            {
                return;
            }

            foreach (var machine in machines)
            {
                for (var i = 0; i < 8; i++)
                {
                    machine.Receive(new RingInput.Lease(ticket++, RingWorld.Small, null));
                }
            }

            world.Queue.RunTo(world.Queue.Now + TimeSpan.FromSeconds(1));
            if (world.Queue.Now - start > FillingMax)
            {
                throw new SimulationFailure($"{usable - Used(world)} addresses of {usable} can be leased by nobody, {FillingMax.TotalSeconds} s after all asked for them; {string.Join("; ", machines.Select(static m => $"machine {m.Number}: {m.Process.Count(RingWorld.Small)}"))}");
            }
        }
    }

    private static int Used(RingWorld world) => world.Machines.SelectMany(static m => m.Leases).Where(static l => l.Pool == RingWorld.Small).Distinct().Count();
}
