using Networking.Ipam.Ring;
using Networking.Ipam.Ring.Authority;

namespace Networking.Simulation.Tests.Ring;

/// <summary>What must hold after each step of anybody, told by one who sees everything.</summary>
internal sealed class RingChecks(RingWorld world)
{
    // The slowest and the fastest clock there is, and what rounding adds.
    private const double RateMin = 0.97;
    private const double RateMax = 1.03;
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(5);

    private readonly Dictionary<OwnerId, TimeSpan> _lastCommit = [];
    private readonly Dictionary<int, TimeSpan> _lastCommitOf = [];
    private readonly List<(TimeSpan At, int By, OwnerId From, string Pool, UInt128 First, UInt128 Last)> _takeovers = [];
    private readonly Dictionary<string, List<(UInt128 First, UInt128 Last, ulong Version, OwnerId Owner)>> _history = [];
    private readonly Dictionary<(string Pool, UInt128 Number), List<int>> _leasedBy = [];
    private long _rowVersion;

    public int TakeoverCount => _takeovers.Count;

    public int YieldCount { get; private set; }

    public long LeaseCount { get; private set; }

    public long NextRowVersion() => ++_rowVersion;

    public void After(RingMachine machine, RingNode node)
    {
        if (node.IsHolding)
        {
            Demand(Since(machine) <= (world.Options.Term / machine.ClockRate) + Slack, machine, $"believes in its term {Since(machine).TotalSeconds:F1} s after its last commit");
        }

        var (leases, wishes) = node.Load;
        Demand(leases <= world.Options.PendingMax * world.Pools.Length && wishes <= world.Options.PendingMax, machine, $"has {leases} requests and {wishes} wishes waiting");
    }

    /// <summary>Records were written: they must still share out every pool, each address once, in ever greater versions.</summary>
    public void Committed(AuthorityRequest.Commit commit, List<NodeRecord?> before, RingMachine by)
    {
        var now = world.Queue.Now;
        foreach (var (old, next) in before.Zip(commit.Writes))
        {
            world.Trace.Add(now, $"commit by machine {by.Number}: {next.Owner} {next.State} {next.Generation}/{next.Renewal}: {string.Join(' ', next.Holdings.Select(static h => $"{h.Pool[0]}{h.First}-{h.Last}v{h.Version}o{h.Opened}{(h.IsWithheld ? "w" : string.Empty)}"))}");
            if (next.Owner == by.Id)
            {
                _lastCommit[next.Owner] = now;
                _lastCommitOf[by.Number] = now;
                if (old?.Generation != next.Generation)
                {
                    Withhold(next.Holdings.Where(h => h.Former == next.Owner), by, next.Owner);
                }
            }
            else if (old is { State: RecordState.Active } && next.State == RecordState.Reclaimed)
            {
                Demand(now - _lastCommit[next.Owner] >= world.Options.Term / RateMax - Slack, by, $"takes over the ranges of {next.Owner} {(now - _lastCommit[next.Owner]).TotalSeconds:F1} s after its last commit, within its term");
                Withhold(old.Holdings, by, next.Owner);
            }
        }

        foreach (var pool in world.Authority.Register.Pools)
        {
            Partition(pool, by);
        }
    }

    public void Leased(RingMachine machine, string pool, UInt128 number)
    {
        LeaseCount++;
        var now = world.Queue.Now;
        var address = RingMachine.Address(pool, number);
        var offset = number - Model.Prefix.ToNumber(machine.PrefixOf(pool).BaseAddress);
        var record = world.Authority.Register.Nodes.FirstOrDefault(n => n.Owner == machine.Id);
        Demand(!machine.Leases.Contains((pool, number)), machine, $"leases {address} twice");
        // Where a copy of its disk runs elsewhere, what was open is withheld there as long as this one's term may last.
        var isOpen = record is { State: RecordState.Active } && record.Holdings.Any(h => h.Pool == pool && h.First <= offset && offset < h.UnopenedFirst);
        var isWithheld = machine.HasCopy && world.Authority.Register.Nodes.Any(n => n.Holdings.Any(h => h.Pool == pool && h.Former == machine.Id && h.Contains(offset)));
        Demand(isOpen || isWithheld, machine, $"leases {address}, which is not open in its record");
        Demand(Since(machine) <= (world.Options.Term / machine.ClockRate) + Slack, machine, $"leases {address} {Since(machine).TotalSeconds:F1} s after its last commit: its term is over");
        LeasedBy((pool, number)).Add(machine.Number);
        foreach (var other in world.Machines.Where(m => m != machine && m.Leases.Contains((pool, number))))
        {
            // Of two machines with one id, what either withholds when it begins is withheld from the other.
            var taken = _takeovers.Where(t => t.From == other.Id && t.By != other.Number && t.Pool == pool && t.First <= offset && offset <= t.Last).Select(static t => (TimeSpan?)t.At).LastOrDefault();
            Demand(taken is { } at && now - at >= (world.Options.ReclaimAfter / RateMax) - Slack, machine, $"leases {address}, which machine {other.Number} has in use{(taken is { } when ? $" and lost {(now - when).TotalSeconds:F1} s ago" : string.Empty)}");
        }
    }

    // In order: who leased an address, and who did after that.
    private List<int> LeasedBy((string Pool, UInt128 Number) lease) => _leasedBy.TryGetValue(lease, out var by) ? by : _leasedBy[lease] = [];

    public static void Refused(RingMachine machine, RingEffect.Refused refused) =>
        Demand(refused.Text.Length > 20 && refused.Text.Contains(refused.Pool, StringComparison.Ordinal), machine, $"refuses without a reason: {refused.Text}");

    /// <summary>An address is given up only where somebody else really has it.</summary>
    public void Yielded(RingMachine machine, RingEffect.LeaseLost lost)
    {
        YieldCount++;
        var number = Model.Prefix.ToNumber(lost.Address);
        Demand(machine.Leases.Contains((lost.Pool, number)), machine, $"yields {lost.Address}, which it does not have");
        var isGivenAgain = LeasedBy((lost.Pool, number)).Last() != machine.Number || world.Machines.Any(m => m != machine && m.Leases.Contains((lost.Pool, number)));
        Demand(isGivenAgain, machine, $"yields {lost.Address}, which nobody else uses or has leased since");
        Demand((machine.NamedEver.Contains(RingTrouble.RangesLost) || machine.NamedEver.Contains(RingTrouble.OldDisk)) && machine.Named.Contains(RingTrouble.DuplicateLease), machine, $"yields {lost.Address} without naming why");
    }

    private TimeSpan Since(RingMachine machine) => world.Queue.Now - _lastCommitOf[machine.Number];

    private void Withhold(IEnumerable<Holding> holdings, RingMachine by, OwnerId from) =>
        _takeovers.AddRange(holdings.Select(h => (world.Queue.Now, by.Number, from, h.Pool, h.First, h.Last)));

    private void Partition(PoolRecord pool, RingMachine by)
    {
        var last = Model.Prefix.ToNumber(Model.Prefix.LastAddress(pool.Prefix)) - Model.Prefix.ToNumber(pool.Prefix.BaseAddress);
        var next = UInt128.Zero;
        var history = _history.TryGetValue(pool.Name, out var known) ? known : _history[pool.Name] = [];
        foreach (var (owner, holding) in world.Authority.Register.Nodes.SelectMany(static n => n.Holdings.Select(h => (n.Owner, h))).Where(h => h.h.Pool == pool.Name).OrderBy(static h => h.h.First))
        {
            Demand(holding.First == next && holding.Last >= holding.First, by, $"commits what leaves {pool.Name} {(holding.First > next ? "without an owner" : "with two owners")} from offset {UInt128.Min(holding.First, next)} on");
            Demand(holding.Opened <= holding.Length && (!holding.IsWithheld || holding.Opened == 0), by, $"commits {holding}");
            next = holding.Last + 1;
            var entry = (holding.First, holding.Last, holding.Version, owner);
            if (!history.Contains(entry))
            {
                Demand(!history.Any(h => h.Version == holding.Version && h.Owner != owner && h.First <= holding.Last && h.Last >= holding.First), by, $"uses version {holding.Version} of {pool.Name} {holding.First} for two owners");
                history.Add(entry);
            }
        }

        Demand(next == last + 1, by, $"commits what leaves {pool.Name} without an owner from offset {next} on");
    }

    private static void Demand(bool holds, RingMachine machine, string what)
    {
        if (!holds)
        {
            throw new SimulationFailure($"machine {machine.Number} {what}");
        }
    }
}
