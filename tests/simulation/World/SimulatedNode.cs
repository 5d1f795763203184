using System.Collections.Immutable;
using Networking.Gossip;
using Networking.Gossip.Wire;
using Networking.Simulation.Tests.Checks;
using Networking.Simulation.Tests.Engine;

namespace Networking.Simulation.Tests.World;

/// <summary>A machine: its disk, its clock, what its operator wants, and a process that comes and goes.</summary>
internal sealed class SimulatedNode(int number, EventQueue queue, SimulatedNetwork network, Trace trace, Chance chance, double clockRate, PlantedBug bug)
{
    private const int InboxMax = 200;

    private readonly Random _random = chance.Fork($"node {number}");
    private readonly Random _sessions = chance.Fork($"sessions {number}");
    private readonly List<GossipEffect> _effects = [];
    private readonly Queue<GossipInput> _inbox = new();
    private GossipNode? _process;
    private TimeSpan _wakeAt;
    private TimeSpan _armedFor = TimeSpan.MaxValue;
    private long _armed;
    private uint _stated;

    public int Number { get; } = number;

    /// <summary>Counts starts, so that what was sent to an earlier one does not reach the next.</summary>
    public int Run { get; private set; }

    public NodeId Id { get; private set; }

    public PeerAddress Address { get; set; }

    public SimulatedClock Clock { get; } = new(queue, clockRate);

    public Wish Wish { get; private set; } = new();

    public bool IsRunning => _process is not null;

    /// <summary>The process, where it is known to run.</summary>
    public GossipNode Process => _process ?? throw new InvalidOperationException($"node {Number} is down");

    public bool HasLeft { get; private set; }

    public NodeChecks Checks { get; private set; } = new(number, new OldDisks());

    /// <summary>What readers may see of nodes whose disk was put back.</summary>
    public OldDisks OldDisks { get; init; } = new();

    /// <summary>False in clusters so large that the checks would need more memory than the nodes.</summary>
    public bool IsChecked { get; set; } = true;

    public TimeSpan Slowness { get; set; }

    public bool IsPaused { get; private set; }

    /// <summary>The last incarnation on disk.</summary>
    public uint StoredIncarnation { get; set; }

    /// <summary>What was read by any node, for all of a large cluster; null: each process has its own.</summary>
    public WireMemo? Memo { get; init; }

    public static GossipOptions Options(PlantedBug bug) => new() { Planted = bug };

    public void Start(Keyring keys, ImmutableArray<PeerAddress> seeds)
    {
        Run++;
        _armedFor = TimeSpan.MaxValue;
        Id = Id.IsNone ? new NodeId((ulong)_random.NextInt64(1, long.MaxValue)) : Id;
        var identity = new NodeIdentity(Id, StoredIncarnation, (ulong)_random.NextInt64(), Address, ResumesRows: StoredIncarnation > 0 && !HasLeft);
        HasLeft = false;
        network.Place(Address, this);
        Checks = new NodeChecks(Number, OldDisks);
        OldDisks.Began(Id, isBehind: StoredIncarnation < _stated);
        _process = new GossipNode(Options(bug) with { Memo = Memo }, identity, keys, new Random(_random.Next()), () => (ulong)_sessions.NextInt64());
        trace.Add(queue.Now, $"node {Number} starts as {Id} after incarnation {StoredIncarnation} at {Address}");
        Step(new GossipInput.Join(seeds));
        foreach (var (scope, rows) in Wish.Scopes)
        {
            Step(new GossipInput.Attach(scope));
            foreach (var (key, value) in rows)
            {
                Step(new GossipInput.Put(scope, key, value));
            }
        }

        Step(new GossipInput.Settle());
    }

    public void Crash()
    {
        _process = null;
        IsPaused = false;
        _inbox.Clear();
        Run++;
    }

    public void LoseDisk()
    {
        Id = default;
        StoredIncarnation = 0;
        _stated = 0;
        HasLeft = false;
        Wish = new Wish();
    }

    /// <summary>Starts next with the id of another, as on a copy of its disk.</summary>
    public void BecomeTwinOf(SimulatedNode other) => (Id, StoredIncarnation) = (other.Id, other.StoredIncarnation);

    public void Pause(TimeSpan time)
    {
        IsPaused = true;
        var run = Run;
        queue.After(time, () =>
        {
            if (run == Run)
            {
                IsPaused = false;
                while (_inbox.TryDequeue(out var input) && IsRunning)
                {
                    Step(input);
                }
            }
        });
    }

    public void Wake()
    {
        IsPaused = false;
        Slowness = TimeSpan.Zero;
    }

    /// <summary>Something arrives: at once, later if the machine is slow, and when it goes on if it stands.</summary>
    public void Receive(GossipInput input)
    {
        if (IsPaused)
        {
            if (_inbox.Count < InboxMax)
            {
                _inbox.Enqueue(input);
            }

            return;
        }

        if (Slowness == TimeSpan.Zero)
        {
            Step(input);
            return;
        }

        var run = Run;
        queue.After(Slowness, () =>
        {
            if (run == Run && !IsPaused)
            {
                Step(input);
            }
        });
    }

    public void Step(GossipInput input)
    {
        if (_process is not { } process)
        {
            return;
        }

        var (before, named) = (process.CountOf(GossipTrouble.BadFrame), process.CountOf(GossipTrouble.OldDisk));
        _effects.Clear();
        process.Step(Clock.Now, input, _effects);
        if (process.CountOf(GossipTrouble.OldDisk) > named)
        {
            OldDisks.Named(Id);
        }

        Check(input, process, before);
        for (var i = 0; i < _effects.Count; i++) // nothing is delivered meanwhile: no step within this one
        {
            Do(_effects[i]);
        }

        if (_process is not null)
        {
            Schedule();
        }
    }

    private void Check(GossipInput input, GossipNode process, long refusedBefore)
    {
        if (IsChecked)
        {
            Checks.After(input, process, process.CountOf(GossipTrouble.BadFrame) > refusedBefore, _effects);
        }
    }

    /// <summary>
    /// One alarm is set at a time. Mostly a step puts off when the next is due: the alarm that is set already looks then whether to go on
    /// waiting. Only for an earlier one another is set.
    /// </summary>
    private void Schedule()
    {
        _wakeAt = Clock.World(Process.NextDue) + TimeSpan.FromMicroseconds(100) + Slowness;
        if (_wakeAt < _armedFor)
        {
            Arm();
        }
    }

    private void Arm()
    {
        var armed = ++_armed;
        var run = Run;
        _armedFor = _wakeAt;
        queue.At(_wakeAt, () =>
        {
            if (armed == _armed && run == Run)
            {
                _armedFor = TimeSpan.MaxValue;
                WakeUp();
            }
        });
    }

    private void WakeUp()
    {
        if (queue.Now < _wakeAt)
        {
            Arm();
        }
        else if (IsPaused)
        {
            queue.After(TimeSpan.FromMilliseconds(100), () => Receive(new GossipInput.Tick()));
        }
        else
        {
            Step(new GossipInput.Tick());
        }
    }

    private void Do(GossipEffect effect)
    {
        switch (effect)
        {
            case GossipEffect.SendPacket send:
                network.SendPacket(this, send.To, send.Bytes);
                break;
            case GossipEffect.OpenStream open:
                network.OpenStream(this, open.Stream, open.To);
                break;
            case GossipEffect.SendStream send:
                network.SendStream(this, send.Stream, send.Bytes);
                break;
            case GossipEffect.CloseStream close:
                network.CloseStream(this, close.Stream);
                break;
            case GossipEffect.StoreIncarnation store when store.Incarnation <= StoredIncarnation:
                throw new SimulationFailure($"node {Number} states incarnation {store.Incarnation} where its disk has {StoredIncarnation}");
            case GossipEffect.StoreIncarnation store:
                StoredIncarnation = store.Incarnation;
                _stated = Math.Max(_stated, store.Incarnation);
                break;
            case GossipEffect.Departed:
                HasLeft = true;
                trace.Add(queue.Now, $"node {Number} has left");
                Crash();
                break;
            case GossipEffect.MemberChanged changed:
                trace.Add(queue.Now, $"node {Number} sees {changed.Member} {changed.Status} in incarnation {changed.Incarnation}");
                break;
            case GossipEffect.Report report:
                trace.Add(queue.Now, $"node {Number}: {report.Trouble}: {report.Text}");
                break;
            case GossipEffect.Refused refused:
                throw new SimulationFailure($"node {Number} refused its own operator: {refused.Text}");
            case GossipEffect.RowChanged row when IsChecked:
                trace.Add(queue.Now, $"node {Number} sees {row.Scope.A} {row.Key} of {row.Owner} {(row.Value is { } value ? value.Length == 12 ? Wish.Number(value) : "attached" : "gone")}");
                break;
            case GossipEffect.RowChanged:
                break;
            default:
                throw new System.Diagnostics.UnreachableException(effect.GetType().Name);
        }
    }
}
