using System.Collections.Immutable;
using System.Net;
using Networking.Ipam.Ring;
using Networking.Ipam.Ring.Wire;
using Networking.Simulation.Tests.Engine;
using Networking.Simulation.Tests.World;

namespace Networking.Simulation.Tests.Ring;

/// <summary>Machines that share pools, the network between them, the authority, and who is allowed to see all of it: the checks.</summary>
internal sealed class RingWorld : IDisposable
{
    public const string Small = "small";
    public const string Wide = "wide";

    /// <summary>Stands for the authority where a cut has two ends.</summary>
    public const int AuthorityNumber = -1;

    private readonly Chance _chance;
    private readonly Random _network;
    private readonly HashSet<(int From, int To)> _cuts = [];

    public RingWorld(int seed, int machines, RingBug bug, EventQueue? queue = null)
    {
        Queue = queue ?? new EventQueue();
        _chance = new Chance(seed);
        _network = _chance.Fork("network");
        var shape = _chance.Fork("shape");
        Options = OptionsOf(bug);
        SmallPrefix = IPNetwork.Parse(shape.Next(3) == 0 ? "10.8.0.0/24" : "10.8.0.0/26");
        Authority = new SimulatedAuthority(this, _chance.Fork("authority"));
        Checks = new RingChecks(this);
        for (var i = 0; i < machines; i++)
        {
            Machines.Add(new RingMachine(i, this, _chance, 0.97 + (0.06 * shape.NextDouble())));
        }

        if (shape.Next(6) == 0)
        {
            Machines[^1].HasOtherPrefix = true;
        }
    }

    public EventQueue Queue { get; }

    public Trace Trace { get; } = new();

    public RingOptions Options { get; }

    public IPNetwork SmallPrefix { get; }

    public IPNetwork WidePrefix { get; } = IPNetwork.Parse("fd00:8::/64");

    public ImmutableArray<string> Pools { get; } = [Small, Wide];

    public SimulatedAuthority Authority { get; }

    public RingChecks Checks { get; }

    public List<RingMachine> Machines { get; } = [];

    public Weather Weather { get; set; } = Weather.Fair;

    /// <summary>Bytes of messages, questions and answers.</summary>
    public long Carried { get; set; }

    public IEnumerable<RingMachine> Running => Machines.Where(static m => m.IsRunning);

    public Random Fork(string name) => _chance.Fork(name);

    public RingMachine AddMachine()
    {
        var machine = new RingMachine(Machines.Count, this, _chance, 1.0);
        Machines.Add(machine);
        return machine;
    }

    public void Cut(int from, int to) => _cuts.Add((from, to));

    public void Mend(int from, int to) => _cuts.Remove((from, to));

    public bool IsCut(int from, int to) => _cuts.Contains((from, to));

    public void Heal()
    {
        _cuts.Clear();
        Weather = Weather.Fair;
        Authority.Heal();
    }

    /// <summary>Carries something from one to another, as badly as the weather is: lost, twice, late, out of order.</summary>
    public void Carry(int from, int to, Action arrive)
    {
        for (var copies = _network.NextDouble() < Weather.Duplication ? 2 : 1; copies > 0; copies--)
        {
            if (_network.NextDouble() >= Weather.Loss)
            {
                Queue.After(Delay(), () =>
                {
                    if (!IsCut(from, to))
                    {
                        arrive();
                    }
                });
            }
        }
    }

    /// <summary>Messages go as bytes: what cannot be read again is a mistake of this build.</summary>
    public void Send(RingMachine from, OwnerId to, RingMessage message)
    {
        // Two machines with one id: the one that started last is where its address leads.
        var target = Machines.LastOrDefault(m => m.Id == to && m != from && m.IsRunning);
        if (target is not null)
        {
            var bytes = RingCodec.Write(message);
            Carried += bytes.Length;
            Carry(from.Number, target.Number, () => target.Receive(new RingInput.Message(from.Id, Read(RingCodec.ReadMessage(bytes, out var refusal), refusal))));
        }
    }

    public static T Read<T>(T? value, RingWireRefusal refusal)
        where T : class => value ?? throw new SimulationFailure($"a {typeof(T).Name} is refused by who reads it: {refusal}");

    public void Dispose() => Trace.Dispose();

    private static RingOptions OptionsOf(RingBug bug) => new()
    {
        Term = TimeSpan.FromSeconds(20),
        DriftMax = 0.04,
        RenewAfter = TimeSpan.FromSeconds(6),
        ScanInterval = TimeSpan.FromSeconds(2),
        ReclaimAfter = TimeSpan.FromSeconds(30),
        ForgetAfter = TimeSpan.FromSeconds(60),
        AuthorityTimeout = TimeSpan.FromSeconds(2),
        AskTimeout = TimeSpan.FromSeconds(1),
        LeaseDeadline = TimeSpan.FromSeconds(5),
        BackoffMax = TimeSpan.FromSeconds(8),
        Rest = TimeSpan.FromSeconds(5),
        TickInterval = TimeSpan.FromMilliseconds(500),
        OpenAhead = 8,
        HoldingsMax = 64,
        PendingMax = 64,
        Planted = bug,
    };

    private TimeSpan Delay()
    {
        var delay = Weather.Delay + (Weather.Jitter * _network.NextDouble());
        return _network.NextDouble() < Weather.Straggling ? delay + TimeSpan.FromSeconds(20 * _network.NextDouble()) : delay;
    }
}
