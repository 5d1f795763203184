using System.Net;
using Networking.Ipam.Ring;
using Networking.Simulation.Tests.Engine;
using Networking.Simulation.Tests.World;

namespace Networking.Simulation.Tests.Ring;

/// <summary>A machine: its disk, its clock, its containers with their addresses, what it heard in gossip, and a process that comes and goes.</summary>
internal sealed class RingMachine(int number, RingWorld world, Chance chance, double clockRate)
{
    private const int InboxMax = 400;
    private static readonly TimeSpan DeafAfter = TimeSpan.FromSeconds(4);

    private readonly Random _random = chance.Fork($"machine {number}");
    private readonly List<RingEffect> _effects = [];
    private readonly Queue<RingInput> _inbox = new();
    private readonly Dictionary<OwnerId, TimeSpan> _heard = [];
    private readonly HashSet<OwnerId> _alive = [];
    private readonly SortedDictionary<(OwnerId Owner, string Pool, int Part), (long Version, byte[]? Row)> _rows = [];
    private RingNode? _process;
    private bool _isPaused;
    private long _wake;

    public int Number { get; } = number;

    /// <summary>Counts starts, so that what was sent to an earlier one does not reach the next.</summary>
    public int Run { get; private set; }

    public OwnerId Id { get; set; }

    public double ClockRate { get; } = clockRate;

    public SimulatedClock Clock { get; } = new(world.Queue, clockRate);

    /// <summary>Configured by somebody who mistyped.</summary>
    public bool HasOtherPrefix { get; set; }

    /// <summary>Another machine came up with a copy of its disk.</summary>
    public bool HasCopy { get; set; }

    /// <summary>It stopped and nobody will start it again.</summary>
    public bool IsGone { get; set; }

    public bool IsRunning => _process is not null;

    public RingNode Process => _process ?? throw new InvalidOperationException($"machine {Number} is down");

    public bool IsStopped => _process is { IsStopped: true };

    /// <summary>On its disk now, and on earlier days.</summary>
    public RingMemory Disk { get; set; }

    public List<RingMemory> Backups { get; } = [];

    /// <summary>Addresses that containers of this machine use, whether or not its process runs.</summary>
    public SortedSet<(string Pool, UInt128 Number)> Leases { get; } = [];

    /// <summary>Trouble that was named by this start.</summary>
    public List<RingTrouble> Named { get; } = [];

    /// <summary>Trouble that was named since this machine has its containers.</summary>
    public HashSet<RingTrouble> NamedEver { get; } = [];

    /// <summary>Called with every row this node wants told, where gossip is real.</summary>
    public Action<RingEffect>? Tell { get; set; }

    public bool HearsByGossip { get; set; }

    public IPNetwork PrefixOf(string pool) => pool == RingWorld.Wide ? world.WidePrefix : HasOtherPrefix ? IPNetwork.Parse("10.9.0.0/24") : world.SmallPrefix;

    public void Start()
    {
        Run++;
        IsGone = false;
        Id = Id.IsNone ? new OwnerId((ulong)_random.NextInt64(1, long.MaxValue)) : Id;
        Named.Clear();
        _heard.Clear();
        _alive.Clear();
        _isPaused = false;
        _process = new RingNode(world.Options, Id, Disk, new Random(_random.Next()));
        world.Trace.Add(world.Queue.Now, $"machine {Number} starts as {Id} after {Disk}");
        foreach (var pool in world.Pools)
        {
            Step(new RingInput.OpenPool(pool, PrefixOf(pool), Creates: Number == 0 || pool == RingWorld.Wide));
        }

        foreach (var (pool, address) in Leases.Where(l => Model.Prefix.Contains(PrefixOf(l.Pool), Address(l.Pool, l.Number))))
        {
            Step(new RingInput.Restore(pool, Address(pool, address)));
        }

        foreach (var (key, (_, row)) in _rows)
        {
            if (Seen(key, row) is { } seen)
            {
                Step(seen);
            }
        }

        Listen(Run);
    }

    /// <summary>The process dies; containers and disk stay.</summary>
    public void Crash()
    {
        _process = null;
        _inbox.Clear();
        Run++;
    }

    /// <summary>The machine dies: its containers with it.</summary>
    public void Burn()
    {
        Crash();
        Leases.Clear();
        NamedEver.Clear();
        _rows.Clear();
    }

    public void Pause(TimeSpan time)
    {
        _isPaused = true;
        var run = Run;
        world.Queue.After(time, () =>
        {
            if (run == Run)
            {
                Wake();
            }
        });
    }

    public void Wake()
    {
        _isPaused = false;
        while (IsRunning && _inbox.TryDequeue(out var input))
        {
            Step(input);
        }
    }

    public void Receive(RingInput input)
    {
        if (!_isPaused)
        {
            Step(input);
        }
        else if (_inbox.Count < InboxMax)
        {
            _inbox.Enqueue(input);
        }
    }

    public void Step(RingInput input)
    {
        if (_process is not { } process)
        {
            return;
        }

        _effects.Clear();
        process.Step(Clock.Now, input, _effects);
        world.Checks.After(this, process);
        foreach (var effect in _effects.ToArray())
        {
            Do(effect);
        }

        if (_process is not null)
        {
            Schedule();
        }
    }

    /// <summary>A container goes.</summary>
    public void Release((string Pool, UInt128 Number) lease)
    {
        _ = Leases.Remove(lease);
        world.Trace.Add(world.Queue.Now, $"machine {Number} releases {Address(lease.Pool, lease.Number)}");
        Receive(new RingInput.Release(lease.Pool, Address(lease.Pool, lease.Number)));
    }

    public static IPAddress Address(string pool, UInt128 number) => Model.Prefix.FromNumber(number, pool == RingWorld.Wide);

    /// <summary>Gossip brings a row.</summary>
    public void Hear((OwnerId Owner, string Pool, int Part) key, long version, byte[]? row)
    {
        // What finds no room while the machine stands still was not heard: it comes again.
        if ((_rows.TryGetValue(key, out var known) && known.Version >= version) || (_isPaused && _inbox.Count >= InboxMax))
        {
            return;
        }

        _rows[key] = (version, row);
        if (Seen(key, row) is { } seen)
        {
            Receive(seen);
        }
    }

    private RingInput? Seen((OwnerId Owner, string Pool, int Part) key, byte[]? bytes)
    {
        var row = bytes is null ? null : RingRowCodec.Read(key.Pool, key.Owner, bytes) ?? throw new SimulationFailure($"machine {Number} cannot read row {key}");
        return key.Owner == Id ? new RingInput.OwnRowSeen(key.Pool, key.Part, row) : row is null ? null : new RingInput.RowSeen(key.Owner, row);
    }

    public void Believe(OwnerId other, bool isAlive)
    {
        if (isAlive ? _alive.Add(other) : _alive.Remove(other))
        {
            Receive(new RingInput.MemberChanged(other, isAlive));
        }
    }

    // Once a second: who is heard, and all rows to somebody, as gossip's comparison of state would.
    private void Listen(int run)
    {
        if (run != Run || HearsByGossip)
        {
            return;
        }

        var now = world.Queue.Now;
        foreach (var other in world.Machines.Where(m => m != this && m.Id != Id && m.IsRunning && !world.IsCut(m.Number, Number)))
        {
            _heard[other.Id] = now;
        }

        foreach (var (other, at) in _heard.ToList())
        {
            Believe(other, now - at < DeafAfter);
        }

        var peers = world.Running.Where(m => m != this).ToList();
        if (peers.Count > 0)
        {
            var peer = peers[_random.Next(peers.Count)];
            var rows = _rows.ToList();
            world.Carry(Number, peer.Number, () => rows.ForEach(r => peer.Hear(r.Key, r.Value.Version, r.Value.Row)));
        }

        world.Queue.After(TimeSpan.FromSeconds(1), () => Listen(run));
    }

    private void Schedule()
    {
        var wake = ++_wake;
        var run = Run;
        world.Queue.At(Clock.World(Process.NextDue) + TimeSpan.FromMicroseconds(100), () =>
        {
            if (run == Run && wake == _wake && !_isPaused)
            {
                Step(new RingInput.Tick());
            }
            else if (run == Run && wake == _wake)
            {
                world.Queue.After(TimeSpan.FromMilliseconds(200), () => Receive(new RingInput.Tick()));
            }
        });
    }

    private void Do(RingEffect effect)
    {
        switch (effect)
        {
            case RingEffect.Store store:
                Disk = store.Memory;
                break;
            case RingEffect.Ask ask:
                world.Authority.Ask(this, ask.Request);
                break;
            case RingEffect.Send send:
                world.Send(this, send.To, send.Message);
                break;
            case RingEffect.Publish or RingEffect.Unpublish:
                Spread(effect);
                break;
            case RingEffect.Leased leased:
                Lease(leased);
                break;
            case RingEffect.Refused refused:
                world.Trace.Add(world.Queue.Now, $"machine {Number} refuses {refused.Reason}: {refused.Text}");
                RingChecks.Refused(this, refused);
                break;
            case RingEffect.Lost lost:
                world.Trace.Add(world.Queue.Now, $"machine {Number} lost {lost.First} to {lost.Last} of {lost.Pool} to {lost.By}");
                break;
            case RingEffect.LeaseLost lost:
                world.Trace.Add(world.Queue.Now, $"machine {Number} yields {lost.Address} to {lost.By}");
                world.Checks.Yielded(this, lost);
                _ = Leases.Remove((lost.Pool, Model.Prefix.ToNumber(lost.Address)));
                break;
            case RingEffect.Report report:
                Named.Add(report.Trouble);
                _ = NamedEver.Add(report.Trouble);
                world.Trace.Add(world.Queue.Now, $"machine {Number}: {report.Trouble}: {report.Text}");
                break;
            case RingEffect.Departed:
                world.Trace.Add(world.Queue.Now, $"machine {Number} has left");
                Burn();
                break;
            default:
                throw new System.Diagnostics.UnreachableException(effect.GetType().Name);
        }
    }

    private void Lease(RingEffect.Leased leased)
    {
        world.Trace.Add(world.Queue.Now, $"machine {Number} leases {leased.Address} of {leased.Pool}");
        var lease = (leased.Pool, Model.Prefix.ToNumber(leased.Address));
        world.Checks.Leased(this, leased.Pool, lease.Item2);
        _ = Leases.Add(lease);
    }

    private void Spread(RingEffect effect)
    {
        if (Tell is { } tell)
        {
            tell(effect);
            return;
        }

        var version = world.Checks.NextRowVersion();
        var (key, row) = effect is RingEffect.Publish publish ? ((Id, publish.Pool, publish.Part), RingRowCodec.Write(publish.Row))
            : effect is RingEffect.Unpublish gone ? ((Id, gone.Pool, gone.Part), (byte[]?)null) : default;
        _rows[key] = (version, row);
        foreach (var other in world.Running.Where(m => m != this).ToList())
        {
            world.Carry(Number, other.Number, () => other.Hear(key, version, row));
        }
    }
}
