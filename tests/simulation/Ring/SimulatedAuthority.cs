using Networking.Ipam.Ring;
using Networking.Ipam.Ring.Authority;
using Networking.Ipam.Ring.Wire;

namespace Networking.Simulation.Tests.Ring;

/// <summary>The register, and the bad ways to it: slow, lost on the way there or back, asked twice, not there at all.</summary>
internal sealed class SimulatedAuthority(RingWorld world, Random random)
{
    public TermRegister Register { get; } = new();

    public bool IsAway { get; set; }

    public double Loss { get; set; }

    public double Duplication { get; set; }

    /// <summary>How often a request or answer takes up to this long.</summary>
    public double Slowness { get; set; }

    public TimeSpan SlowMax { get; set; } = TimeSpan.FromSeconds(25);

    public void Heal()
    {
        IsAway = false;
        (Loss, Duplication, Slowness) = (0, 0, 0);
    }

    public void Ask(RingMachine machine, AuthorityRequest request)
    {
        var run = machine.Run;
        var bytes = RingCodec.Write(request);
        world.Carried += bytes.Length;
        for (var copies = random.NextDouble() < Duplication ? 2 : 1; copies > 0; copies--)
        {
            if (random.NextDouble() >= Loss)
            {
                world.Queue.After(Delay(), () => Take(machine, run, RingWorld.Read(RingCodec.ReadRequest(bytes, out var refusal), refusal)));
            }
        }
    }

    private void Take(RingMachine machine, int run, AuthorityRequest request)
    {
        if (IsAway || world.IsCut(machine.Number, RingWorld.AuthorityNumber))
        {
            return;
        }

        var before = request is AuthorityRequest.Commit commit ? commit.Writes.Select(w => Register.Nodes.FirstOrDefault(n => n.Owner == w.Owner)).ToList() : [];
        var answer = Register.Answer(request);
        if (answer.IsCommitted)
        {
            world.Checks.Committed((AuthorityRequest.Commit)request, before, machine);
        }

        var bytes = RingCodec.Write(answer);
        world.Carried += bytes.Length;
        if (random.NextDouble() >= Loss)
        {
            world.Queue.After(Delay(), () =>
            {
                if (!IsAway && !world.IsCut(RingWorld.AuthorityNumber, machine.Number) && machine.Run == run)
                {
                    machine.Receive(new RingInput.Answered(RingWorld.Read(RingCodec.ReadAnswer(bytes, out var refusal), refusal)));
                }
            });
        }
    }

    private TimeSpan Delay() => TimeSpan.FromMilliseconds(1 + (3 * random.NextDouble())) + (random.NextDouble() < Slowness ? SlowMax * random.NextDouble() : TimeSpan.Zero);
}
