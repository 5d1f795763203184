using Networking.Ipam.Ring;

namespace Networking.Simulation.Tests.Ring;

/// <summary>
/// Machines stay away longer than their term and what is withheld of them together, while their containers run on and people ask for
/// their addresses by name elsewhere: cut off, or without their process, or with a disk of an earlier day when they come back.
/// <code>
///   leased here ──► away ──► taken over, withheld ──► given to another ──► back: it still runs here, and is settled
/// </code>
/// </summary>
internal sealed class RingAbsences(RingWorld world, RingFaults faults, Random random)
{
    private const int AwayMax = 2;

    // From the slowest takeover: term, drift, looks of those who look seldom; then what is withheld, by the slowest clock.
    private static readonly TimeSpan LeastAway = TimeSpan.FromSeconds(70);

    private readonly List<RingMachine> _away = [];
    private long _tickets = 500_000;

    public void Begin(TimeSpan until)
    {
        // Answers take their time: a term that counted from the answer would last too long for who is cut off after it.
        (world.Authority.Slowness, world.Authority.SlowMax) = (0.3, TimeSpan.FromSeconds(1.5));
        Repeat(0.05, 0.35, until, faults.Work);
        Repeat(8.0, 20.0, until, () => world.Machines.ForEach(static m => m.Backups.Add(m.Disk)));
        Repeat(2.0, 12.0, until, SendAway);
        Repeat(0.2, 1.0, until, AskByName);
        Repeat(10.0, 40.0, until, () => faults.Storm(TimeSpan.FromSeconds(1 + (5 * random.NextDouble()))));
    }

    private void SendAway()
    {
        var machines = world.Machines.Where(m => m.IsRunning && m.Leases.Count > 0 && !_away.Contains(m)).ToList();
        if (machines.Count < 2 || _away.Count >= AwayMax)
        {
            return;
        }

        var machine = machines[random.Next(machines.Count)];
        var time = LeastAway + TimeSpan.FromSeconds(30 * random.NextDouble());
        var kind = random.Next(3);
        world.Trace.Add(world.Queue.Now, $"machine {machine.Number} is away ({kind}) for {time.TotalSeconds:F1} s with {machine.Leases.Count} leases");
        _away.Add(machine);
        if (kind == 0)
        {
            faults.Isolate(machine, time);
        }
        else
        {
            machine.Crash();
        }

        world.Queue.After(time, () =>
        {
            _ = _away.Remove(machine);
            if (kind == 2)
            {
                machine.Disk = machine.Backups[random.Next(machine.Backups.Count)];
            }

            if (!machine.IsRunning)
            {
                machine.Start();
            }
        });
    }

    private void AskByName()
    {
        var wanted = _away.SelectMany(static m => m.Leases).ToList();
        var askers = world.Running.Where(m => !_away.Contains(m)).ToList();
        if (wanted.Count > 0 && askers.Count > 0)
        {
            var (pool, number) = wanted[random.Next(wanted.Count)];
            askers[random.Next(askers.Count)].Receive(new RingInput.Lease(++_tickets, pool, RingMachine.Address(pool, number)));
        }
    }

    private void Repeat(double least, double most, TimeSpan until, Action action) => RingFaults.Repeat(world, random, least, most, until, action);
}
