using Networking.Kernel;
using Networking.Model;

namespace Networking.Netd.Ports;

/// <summary>What became of one candidate.</summary>
internal enum PortTrial
{
    /// <summary>It is had.</summary>
    Taken,

    /// <summary>It is granted to another endpoint, as our own state says; that cost nothing to find out.</summary>
    Granted,

    /// <summary>The kernel refused it: somebody else has it.</summary>
    Refused,

    /// <summary>It was refused for a reason that holds for every port, such as an address that the host does not have.</summary>
    Hopeless,
}

/// <summary>How choosing ended.</summary>
internal enum PortChoiceEnd
{
    /// <summary>There are ports.</summary>
    Chosen,

    /// <summary>Every candidate of the range was looked at.</summary>
    Exhausted,

    /// <summary>The kernel refused as many as are tried in one request; most of the range is others'.</summary>
    RefusedTooOften,

    /// <summary>No port will do; the last trial's error says why.</summary>
    Hopeless,
}

/// <summary>The outcome of choosing.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Ports">The ports; <c>default</c> unless there are.</param>
/// <param name="Refusals">How many candidates the kernel refused.</param>
internal readonly record struct PortChoice(PortChoiceEnd End, PortRange Ports, int Refusals);

/// <summary>
/// Chooses host ports that nobody asked for by number: round robin from the last given, so that one just given back rests,
/// past reserved ones, the same number for all claims of one target port. Pure but for remembering the last; one thread.
/// </summary>
internal sealed class DynamicPorts
{
    /// <summary>How many refusals of the kernel are borne in one request: each costs sockets. Docker bears ten for one port.</summary>
    public const int RefusalsMax = 64;

    private int _last;

    /// <summary>Chooses from the kernel's range.</summary>
    /// <param name="local">The range, and what of it is reserved.</param>
    /// <param name="count">How many consecutive ports, 1 to 65535.</param>
    /// <param name="attempt">
    /// Tries to get all claims of a candidate, and answers the port that was in the way (the last one, if several): the next
    /// candidate begins behind it.
    /// </param>
    public PortChoice Choose(LocalPorts local, int count, Func<PortRange, (PortTrial Trial, int Port)> attempt)
    {
        var start = _last >= local.Range.First && _last < local.Range.Last ? _last + 1 : local.Range.First;
        var choice = Search(local, count, start, attempt);
        if (choice.End == PortChoiceEnd.Chosen)
        {
            _last = choice.Ports.Last;
        }

        return choice;
    }

    /// <summary>
    /// Chooses one port of a range that the user named: from its beginning, and reserved ones too, for whoever names a port
    /// means it.
    /// </summary>
    public static PortChoice ChooseOneOf(PortRange range, Func<PortRange, (PortTrial Trial, int Port)> attempt) =>
        Search(new LocalPorts(range, []), 1, range.First, attempt);

    private static PortChoice Search(LocalPorts local, int count, int start, Func<PortRange, (PortTrial Trial, int Port)> attempt)
    {
        var refusals = 0;

        // From the start to the end of the range, then from its beginning to the start: candidates that begin before it.
        foreach (var (first, lastStart) in new[] { (start, local.Range.Last - count + 1), (local.Range.First, Math.Min(start - 1, local.Range.Last - count + 1)) })
        {
            var candidate = first;
            while (candidate <= lastStart)
            {
                var ports = new PortRange(candidate, candidate + count - 1);
                if (local.LastReservedIn(ports) is { } reserved)
                {
                    candidate = reserved + 1;
                    continue;
                }

                var (trial, port) = attempt(ports);
                Invariant.Check(trial is PortTrial.Taken or PortTrial.Hopeless || port >= candidate, $"port {port} cannot be in the way of {ports}");
                switch (trial)
                {
                    case PortTrial.Taken:
                        return new PortChoice(PortChoiceEnd.Chosen, ports, refusals);
                    case PortTrial.Hopeless:
                        return new PortChoice(PortChoiceEnd.Hopeless, default, refusals);
                    case PortTrial.Refused when ++refusals >= RefusalsMax:
                        return new PortChoice(PortChoiceEnd.RefusedTooOften, default, refusals);
                    default:
                        candidate = port + 1;
                        break;
                }
            }
        }

        return new PortChoice(PortChoiceEnd.Exhausted, default, refusals);
    }
}
