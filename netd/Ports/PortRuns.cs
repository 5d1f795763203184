using System.Collections.Immutable;
using Networking.Model;
using Networking.Netd.Control;

namespace Networking.Netd.Ports;

/// <summary>Numbers of ports as ranges.</summary>
internal static class PortRuns
{
    private const int ToldMax = 8;

    /// <summary>Ascending numbers, those that follow each other in one range.</summary>
    public static ImmutableArray<PortRange> Of(IEnumerable<int> ascending)
    {
        var runs = ImmutableArray.CreateBuilder<PortRange>();
        foreach (var number in ascending)
        {
            if (runs.Count > 0 && runs[^1].Last == number - 1)
            {
                runs[^1] = new PortRange(runs[^1].First, number);
            }
            else
            {
                runs.Add(new PortRange(number, number));
            }
        }

        return runs.ToImmutable();
    }

    /// <summary>For people: the first few, and how many more there are.</summary>
    public static string Text(ImmutableArray<PortRange> runs) => FirstOf.Text(runs, runs.Length, ToldMax);
}
