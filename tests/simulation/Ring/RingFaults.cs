using Networking.Ipam.Ring;
using Networking.Simulation.Tests.World;

namespace Networking.Simulation.Tests.Ring;

/// <summary>What goes wrong, and what containers do meanwhile: drawn from the seed.</summary>
internal sealed class RingFaults(RingWorld world, Random faults, Random work)
{
    private long _tickets;
    private bool _isCloned;

    public void Begin(TimeSpan until)
    {
        Repeat(world, faults, 1.0, 6.0, until, Break);
        Repeat(world, work, 0.05, 0.35, until, Work);
        Repeat(world, faults, 8.0, 20.0, until, () => world.Machines.ForEach(static m => m.Backups.Add(m.Disk)));
    }

    public void Work()
    {
        var running = world.Running.Where(static m => !m.IsStopped).ToList();
        if (running.Count == 0)
        {
            return;
        }

        var machine = running[work.Next(running.Count)];
        var pool = world.Pools[work.Next(world.Pools.Length)];
        switch (work.Next(10))
        {
            case < 5:
                machine.Receive(new RingInput.Lease(++_tickets, pool, null));
                break;
            case < 6:
                var number = Model.Prefix.ToNumber(machine.PrefixOf(pool).BaseAddress) + (UInt128)work.Next(64);
                machine.Receive(new RingInput.Lease(++_tickets, pool, RingMachine.Address(pool, number)));
                break;
            default:
                if (machine.Leases.Count > 0)
                {
                    machine.Release(machine.Leases.ElementAt(work.Next(machine.Leases.Count)));
                }

                break;
        }
    }

    public void Storm(TimeSpan time)
    {
        world.Weather = new Weather
        {
            Loss = 0.4 * faults.NextDouble(),
            Duplication = 0.3 * faults.NextDouble(),
            Straggling = 0.2 * faults.NextDouble(),
            Jitter = TimeSpan.FromMilliseconds(faults.Next(300)),
        };
        world.Queue.After(time, () => world.Weather = Weather.Fair);
    }

    public void Isolate(RingMachine machine, TimeSpan time)
    {
        int[] all = [RingWorld.AuthorityNumber, .. world.Machines.Select(static m => m.Number)];
        Cut([.. all.SelectMany(n => new[] { (n, machine.Number), (machine.Number, n) })], time);
    }

    public static void Repeat(RingWorld world, Random random, double least, double most, TimeSpan until, Action action) =>
        world.Queue.After(TimeSpan.FromSeconds(least + ((most - least) * random.NextDouble())), () =>
        {
            if (world.Queue.Now < until)
            {
                action();
                Repeat(world, random, least, most, until, action);
            }
        });

    private void Break()
    {
        var machine = world.Machines[faults.Next(world.Machines.Count)];
        var time = TimeSpan.FromSeconds(1 + (40 * faults.NextDouble()));
        var kind = faults.Next(16);
        world.Trace.Add(world.Queue.Now, $"fault {kind} at machine {machine.Number} for {time.TotalSeconds:F1} s");
        switch (kind)
        {
            case 0 or 1:
                Partition(time, isTwoWay: kind == 0);
                break;
            case 2:
                Isolate(machine, 2 * time);
                break;
            case 3:
                // Everybody believes it dead, and it still renews: or it hears nobody, or nobody hears it.
                Cut([.. world.Machines.Select(m => faults.Next(2) == 0 ? (machine.Number, m.Number) : (m.Number, machine.Number))], time);
                break;
            case 4:
                Cut(faults.Next(3) switch
                {
                    0 => [(machine.Number, RingWorld.AuthorityNumber)],
                    1 => [(RingWorld.AuthorityNumber, machine.Number)],
                    _ => [(machine.Number, RingWorld.AuthorityNumber), (RingWorld.AuthorityNumber, machine.Number)],
                }, time);
                break;
            case 5:
                machine.Crash();
                Restart(machine, time);
                break;
            case 6:
                machine.Burn();
                (machine.Id, machine.Disk, machine.HasCopy) = (default, default, false);
                machine.Backups.Clear();
                Restart(machine, time);
                break;
            case 7 when machine.Backups.Count > 0:
                machine.Burn();
                machine.Disk = machine.Backups[faults.Next(machine.Backups.Count)];
                Restart(machine, time);
                break;
            case 8:
                machine.Receive(new RingInput.Leave());
                Restart(machine, time + TimeSpan.FromSeconds(10));
                break;
            case 9 when machine.IsRunning:
                machine.Pause(time);
                break;
            case 10 or 11:
                machine.Clock.Leap(TimeSpan.FromHours(faults.Next(2) == 0 ? 3 : -3));
                break;
            case 12:
                world.Authority.IsAway = true;
                world.Queue.After(time, () => world.Authority.IsAway = false);
                break;
            case 13:
                (world.Authority.Loss, world.Authority.Duplication, world.Authority.Slowness) = (0.4 * faults.NextDouble(), 0.5 * faults.NextDouble(), 0.4 * faults.NextDouble());
                world.Queue.After(time, world.Authority.Heal);
                break;
            case 14 when !_isCloned && machine.IsRunning && OlderThanKnown(machine).Any():
                Clone(machine);
                break;
            default:
                Storm(time);
                break;
        }
    }

    /// <summary>A second machine comes up with a copy of an earlier disk. (One of this very moment cannot be told from a restart.)</summary>
    private void Clone(RingMachine original)
    {
        _isCloned = true;
        original.HasCopy = true;
        var copy = world.AddMachine();
        var older = OlderThanKnown(original).ToList();
        (copy.HasCopy, copy.HasOtherPrefix) = (true, original.HasOtherPrefix);
        (copy.Id, copy.Disk) = (original.Id, older[faults.Next(older.Count)]);
        copy.Start();
    }

    private IEnumerable<RingMemory> OlderThanKnown(RingMachine machine) => world.Authority.Register.Nodes.FirstOrDefault(n => n.Owner == machine.Id) is { } record
        ? machine.Backups.Where(b => b.Renewal < record.Renewal)
        : [];

    private void Partition(TimeSpan time, bool isTwoWay)
    {
        int[] all = [RingWorld.AuthorityNumber, .. world.Machines.Select(static m => m.Number)];
        var side = all.Where(_ => faults.Next(2) == 0).ToHashSet();
        var cut = (from a in all from b in all where side.Contains(a) && !side.Contains(b) select (a, b)).ToList();
        Cut(isTwoWay ? [.. cut, .. cut.Select(static c => (c.b, c.a))] : cut, time);
    }

    private void Cut(List<(int From, int To)> cut, TimeSpan time)
    {
        cut.ForEach(c => world.Cut(c.From, c.To));
        world.Queue.After(time, () => cut.ForEach(c => world.Mend(c.From, c.To)));
    }

    private void Restart(RingMachine machine, TimeSpan time)
    {
        var isForEver = faults.Next(5) == 0 && world.Running.Count() > 2;
        if (isForEver)
        {
            machine.IsGone = true;
            return;
        }

        machine.IsGone = false;

        world.Queue.After(time, () =>
        {
            if (!machine.IsRunning)
            {
                machine.Start();
            }
        });
    }
}
